#include "app/answering.hpp"

#include "agent/customer_words.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <atende/agent/lead_profile.hpp>
#include <atende/agent/profile.hpp>
#include <atende/conversation/said.hpp>
#include <atende/platform/broken_variant.hpp>
#include <atende/platform/log.hpp>
#include <atende/platform/scope_exit.hpp>
#include <atende/platform/unix_time.hpp>
#include <cstdlib>

namespace atende {
namespace {

constexpr std::size_t most_compactions = 16; // at once; the others are for a later turn

// An entry a message, so that unsending one later erases exactly its words.
std::vector<history_entry> words_in(const turn& what, const std::string& profile) {
    std::vector<history_entry> entries;
    for (const auto& message : what.messages) {
        turn alone;
        alone.messages = {message};
        auto marks = marks_of(message);
        entries.push_back({.who = speaker::customer,
                           .at_ms = message.at_ms,
                           .text = words_of(alone).text,
                           .ids = {message.id},
                           .steps = {},
                           .profile = profile,
                           .turn = what.number,
                           .not_heard = why_not_heard(message.attachments),
                           .edit = message.edit,
                           .before = std::move(marks.before),
                           .after = std::move(marks.after)});
    }
    return entries;
}

std::vector<history_entry> remembered(const turn& what, const thought& answer) {
    auto entries = words_in(what, answer.profile);
    entries.push_back({.who = speaker::bot,
                       .at_ms = unix_ms_now(),
                       .text = answer.text,
                       .ids = {},
                       .steps = answer.steps,
                       .sources = answer.sources,
                       .profile = answer.profile,
                       .variant = answer.variant,
                       .agent = answer.agent,
                       .turn = what.number,
                       .scope = answer.scope});
    return entries;
}

// Nobody is asked, nothing is said: the customer's words are there for whoever answers later.
turn_decision only_kept(const turn& what, const profile& shop) {
    spdlog::info("[BLOCK] {} the profile does not answer on {} (channels); {} message(s) kept unanswered",
                 what.conversation.text(), channel_name(what.conversation.platform), what.messages.size());
    turn_decision decision;
    decision.plan.history = words_in(what, shop.label({})); // it was asked of no knowledge
    for (auto& entry : decision.plan.history) entry.not_answered = "channels";
    return decision;
}

bool saved_a_lead(const tool_step& step) {
    return step.name == lead_tool_name && step.result.starts_with("SUCESSO");
}

counted_turn counted(const thought& answer) {
    return {.profile = answer.profile.substr(0, answer.profile.rfind('@')),
            .variant = answer.variant,
            .lead = std::ranges::any_of(answer.steps, saved_a_lead)};
}

// Half a thought is none, nor is half an answer.
awaitable<void> leave_if_cancelled() {
    const auto cancellation = co_await asio::this_coro::cancellation_state;
    if (cancellation.cancelled() != asio::cancellation_type::none)
        throw boost::system::system_error(asio::error::operation_aborted);
}

} // namespace

std::optional<sentence> channel_problem(const settings& configured, const profile& shop) {
    const bool instagram = !configured.access_token.empty() || configured.simulator;
    const bool web = !configured.web_chat_token.empty();
    if (shop.channels.empty() || (instagram && shop.answers_on(platform_kind::instagram)) ||
        (web && shop.answers_on(platform_kind::web)))
        return std::nullopt;
    const auto listed = fmt::format("{}", fmt::join(shop.channels, ", "));
    return sentence(
        fmt::format("o perfil só responde em {} (channels), e nenhum deles está conectado: ninguém "
                    "é atendido; conecte um ou mude a lista",
                    listed),
        fmt::format("the profile answers on {} alone (channels), and none of them is connected: "
                    "nobody is answered; connect one or change the list",
                    listed));
}

answering::answering(asio::any_io_executor executor, listening& hears, agent& thinks, speaking& says,
                     delivery& delivers, served_profile serving, content_fetcher fetch, memory_hooks memory)
    : listening_(hears),
      agent_(thinks),
      speaking_(says),
      delivery_(delivers),
      serving_(std::move(serving)),
      fetch_(std::move(fetch)),
      memory_(std::move(memory)),
      courtesies_(std::move(executor)) {}

awaitable<turn_decision> answering::think(turn what, journal_writer journal) {
    // What an interrupted attempt has begun is ended, should the list have changed since.
    if (const auto& shop = serving_(); what.journal.empty() && !shop.answers_on(what.conversation.platform))
        co_return only_kept(what, shop);
    courtesies_.start("presence", delivery_.show_attention(what.conversation));
    co_await fetch_missing_content(what);
    co_await listening_.hear(what);
    for (const auto& message : what.messages) {
        if (broken("poison") && message.text.contains("[veneno]")) std::abort();
    }
    const thought answer = co_await agent_.think(what, std::move(journal));
    co_await leave_if_cancelled();
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
    if (answer.forget) {
        // Before the commit: nobody is told so who is not forgotten everywhere, whatever ends the process.
        if (const auto done = co_await memory_.forget_elsewhere(what.conversation); !done) {
            spdlog::error("turn {}: put off, not all could be forgotten: {}", what.conversation.text(),
                          printable(done.error().detail));
            decision.what = turn_decision::verdict::defer;
            co_return decision;
        }
        decision.plan.forget = true;
    } else {
        decision.plan.history = remembered(what, answer);
        keep_memory(what);
    }
    decision.plan.texts = delivery_.messages(what.conversation, answer.text);
    if (!decision.plan.texts.empty()) decision.plan.spoken = co_await speaking_.speak(what, answer);
    co_await leave_if_cancelled();
    decision.plan.counts_for = counted(answer);
    decision.plan.committed = answer.had_effect;
    decision.plan.hand_over = answer.hand_over;
    co_return decision;
}

// Beside the turn: no customer waits for it, and it can fail none.
void answering::keep_memory(const turn& what) {
    auto due = agent_.compaction_due(what);
    if (!due || compacting_.size() >= most_compactions || compacting_.contains(what.conversation)) return;
    turn basis;
    basis.conversation = what.conversation;
    basis.notes = what.notes;
    basis.memory = what.memory;
    compacting_.insert(what.conversation);
    courtesies_.start("memory", compact(std::move(basis), *std::move(due)));
}

awaitable<void> answering::compact(turn basis, compaction due) {
    const scope_exit ended([this, of = basis.conversation] { compacting_.erase(of); });
    const auto turns = due.through;
    auto notes = co_await agent_.compact(std::move(due));
    if (!notes) co_return;
    const auto kept = co_await memory_.remember(basis, *notes);
    if (!kept) {
        spdlog::warn("turn {}: notes are not kept: {}", basis.conversation.text(),
                     printable(kept.error().detail));
    } else if (*kept) {
        spdlog::info("turn {}: notes are kept of the turns up to {}", basis.conversation.text(), turns);
    }
}

awaitable<void> answering::fetch_missing_content(turn& what) {
    for (auto& message : what.messages) {
        if (!message.content_withheld) continue;
        auto content = co_await fetch_(what.conversation, message.id);
        const bool is_edited = !message.text.empty(); // which is newer than what is fetched
        if (!content || content->content_withheld) {
            spdlog::warn("turn {}: cannot read a message that came without content: {}",
                         what.conversation.text(),
                         content ? "it has none" : printable(content.error().detail));
            message.content_withheld = !is_edited;
            continue;
        }
        message.content_withheld = false;
        if (!is_edited) message.text = std::move(content->text);
        message.attachments = std::move(content->attachments);
    }
}

awaitable<send_outcome> answering::send(conversation_id to, send_intent intent) {
    return delivery_.send(std::move(to), std::move(intent));
}

awaitable<result<std::vector<message_id>>> answering::find_sent(conversation_id to, send_intent sent,
                                                                std::chrono::steady_clock::time_point since) {
    return delivery_.find_sent(std::move(to), std::move(sent), since);
}

awaitable<void> answering::stop() {
    return courtesies_.finish(std::chrono::seconds(0));
}

} // namespace atende
