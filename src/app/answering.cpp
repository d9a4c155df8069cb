#include "app/answering.hpp"

#include "agent/customer_words.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <atende/agent/lead_profile.hpp>
#include <atende/platform/broken_variant.hpp>
#include <atende/platform/log.hpp>
#include <atende/platform/unix_time.hpp>
#include <cstdlib>

namespace atende {
namespace {

// An entry a message, so that unsending one later erases exactly its words.
std::vector<history_entry> remembered(const turn& what, const thought& answer) {
    std::vector<history_entry> entries;
    for (const auto& message : what.messages) {
        turn alone;
        alone.messages = {message};
        entries.push_back({.who = speaker::customer,
                           .at_ms = message.at_ms,
                           .text = words_of(alone).text,
                           .ids = {message.id},
                           .steps = {}});
    }
    entries.push_back({.who = speaker::bot,
                       .at_ms = unix_ms_now(),
                       .text = answer.text,
                       .ids = {},
                       .steps = answer.steps,
                       .sources = answer.sources,
                       .profile = answer.profile,
                       .variant = answer.variant,
                       .scope = answer.scope});
    return entries;
}

bool saved_a_lead(const tool_step& step) {
    return step.name == lead_tool_name && step.result.starts_with("SUCESSO");
}

counted_turn counted(const thought& answer) {
    return {.profile = answer.profile.substr(0, answer.profile.rfind('@')),
            .variant = answer.variant,
            .lead = std::ranges::any_of(answer.steps, saved_a_lead)};
}

} // namespace

answering::answering(asio::any_io_executor executor, listening& hears, agent& thinks, delivery& delivers,
                     content_fetcher fetch)
    : listening_(hears),
      agent_(thinks),
      delivery_(delivers),
      fetch_(std::move(fetch)),
      courtesies_(std::move(executor)) {}

awaitable<turn_decision> answering::think(turn what, journal_writer journal) {
    courtesies_.start("presence", delivery_.show_attention(what.conversation));
    co_await fetch_missing_content(what);
    co_await listening_.hear(what);
    for (const auto& message : what.messages) {
        if (broken("poison") && message.text.contains("[veneno]")) std::abort();
    }
    const thought answer = co_await agent_.think(what, std::move(journal));
    const auto cancellation = co_await asio::this_coro::cancellation_state;
    if (cancellation.cancelled() != asio::cancellation_type::none) { // half a thought is none
        throw boost::system::system_error(asio::error::operation_aborted);
    }
    turn_decision decision;
    if (answer.what == thought::outcome::abandoned) {
        decision.what = turn_decision::verdict::abandon;
        co_return decision;
    }
    if (answer.what == thought::outcome::retry_later) {
        spdlog::error("turn {}: put off, the model is out of reach: {}", what.conversation.text(),
                      printable(answer.reason));
        decision.what = turn_decision::verdict::defer;
        decision.notice = answer.text;
        co_return decision;
    }
    decision.plan.history = remembered(what, answer);
    decision.plan.texts = delivery_.messages(what.conversation, answer.text);
    decision.plan.counts_for = counted(answer);
    decision.plan.committed = answer.had_effect;
    co_return decision;
}

awaitable<void> answering::fetch_missing_content(turn& what) {
    for (auto& message : what.messages) {
        if (!message.content_withheld) continue;
        auto content = co_await fetch_(what.conversation, message.id);
        if (!content) {
            spdlog::warn("turn {}: cannot read a message that came without content: {}",
                         what.conversation.text(), printable(content.error().detail));
            continue;
        }
        message.content_withheld = false;
        message.text = std::move(content->text);
        message.attachments = std::move(content->attachments);
    }
}

awaitable<send_outcome> answering::send(conversation_id to, send_intent intent) {
    return delivery_.send(std::move(to), std::move(intent));
}

awaitable<result<std::vector<message_id>>> answering::find_sent(conversation_id to, std::string text,
                                                                std::chrono::steady_clock::time_point since) {
    return delivery_.find_sent(std::move(to), std::move(text), since);
}

awaitable<void> answering::stop() {
    return courtesies_.finish(std::chrono::seconds(0));
}

} // namespace atende
