#include "agent/thinking.hpp"

#include "agent/memory/quoted_notes.hpp"
#include "agent/transcript.hpp"
#include "agent/turn_values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atende/agent/built_in_tools.hpp>
#include <atende/platform/crypto.hpp>
#include <atende/platform/log.hpp>
#include <atende/platform/text.hpp>
#include <atende/platform/time_limit.hpp>
#include <iterator>
#include <utility>

namespace atende {
namespace {

// Up to the end of the last whole sentence; all of it if there is none. A full stop inside "1.500" ends
// nothing.
std::string whole_sentences(std::string_view text) {
    std::size_t end = text.size();
    for (std::size_t at = 0; at + 1 < text.size(); ++at) {
        const bool stops =
            std::string_view(".!?").contains(text[at]) && std::string_view(" \n").contains(text[at + 1]);
        if (stops || text[at] == '\n') end = at + 1;
    }
    return std::string(trimmed(text.substr(0, end)));
}

bool calls_for_a_person(const tool_step& step) {
    return step.name == hand_over_tool_name && step.result.starts_with("SUCESSO");
}

// The same when the turn is thought anew, and no other turn's. Not its number: a conversation that was idle
// for long is forgotten, and counts anew.
std::string operation_of(const turn& turn, const std::vector<recorded_round>& recorded) {
    // The message it was named after may have been taken back since.
    if (!recorded.empty() && !recorded.front().operation.empty()) return recorded.front().operation;
    const auto first = turn.messages.empty() ? std::string() : turn.messages.front().id.value;
    return fmt::format("{}:{}", turn.conversation.text(), sha256_hex(first, 8));
}

std::set<std::string> call_ids(const std::vector<chat_message>& messages) {
    std::set<std::string> ids;
    for (const auto& message : messages) {
        for (const auto& call : message.tool_calls) ids.insert(call.id);
    }
    return ids;
}

} // namespace

agent::thinking::thinking(const parts& of, const turn& turn, std::string customer_text, found_knowledge known,
                          thought_journal journal)
    : parts_(of),
      journal_(std::move(journal)),
      recorded_(decode_journal(turn.journal)),
      operation_(operation_of(turn, recorded_)),
      conversation_(turn.conversation.text()),
      to_(turn.conversation),
      speaker_(&of.speaker_of(turn)),
      variant_(&variant_for(speaker_->prompts, conversation_)),
      met_(variant_->name),
      deadline_(std::chrono::steady_clock::now() + of.profile->limits.turn),
      sources_(std::move(known.sources)),
      label_(of.profile->label(known.version)),
      request_{.messages = messages(turn, std::move(customer_text), known),
               .tools = &speaker_->tools.descriptions(),
               .may_call_tools = true,
               .agent = speaker_->id,
               .conversation = conversation_},
      tools_(speaker_->tools, turn.conversation, operation_,
             {.calls = of.profile->limits.tool_calls, .deadline = deadline_}, of.watch,
             call_ids(request_.messages)) {
    if (!turn.watched || !of.watch) return;
    request_.listener = [this](std::string_view piece, bool anew) {
        parts_.watch({.conversation = to_,
                      .what = anew ? stage::rewritten : stage::content,
                      .at_ms = unix_ms_now(),
                      .detail = std::string(piece)});
    };
}

awaitable<thought> agent::thinking::run() {
    bool asked_for_less = false;
    for (int round = 0;; ++round) {
        // What was done is known whether or not a tool may be called now.
        if (recalled_ < recorded_.size()) {
            if (!co_await go_on(round, recorded_[recalled_++])) co_return abandoned();
            continue;
        }
        request_.may_call_tools =
            round < parts_.profile->limits.rounds && !tools_.exhausted() && !request_.tools->empty();
        auto answer = co_await ask();
        if (!answer) co_return given_up(answer.error());
        add(usage_, answer->usage);
        if (answer->finish == finish_reason::tool_calls && request_.may_call_tools &&
            !answer->tool_calls.empty()) {
            if (!co_await act(round, *std::move(answer))) co_return abandoned();
        } else if (answer->finish == finish_reason::length && !asked_for_less) {
            asked_for_less = true;
            request_.messages.push_back(words(chat_role::system,
                                              "A resposta ficou longa demais e foi descartada. "
                                              "Responda de novo em poucas frases."));
        } else {
            co_return finished(outcome::reply, last_words(*answer), {});
        }
    }
}

std::vector<chat_message> agent::thinking::messages(const turn& turn, std::string customer_text,
                                                    const found_knowledge& known) {
    const auto& profile = *parts_.profile;
    std::vector<chat_message> all{words(chat_role::system, variant_->prompt)};
    if (!known.whole.empty()) all.push_back(words(chat_role::system, known.whole));
    const int remembered_turns = profile.limits.history_turns;
    if (auto notes = quoted_notes(turn.notes); !notes.empty() && remembered_turns > 0)
        all.push_back(words(chat_role::system, std::move(notes)));
    const auto before = all.size();
    std::ranges::move(history_messages(turn.history, 2 * remembered_turns, turn.notes.through),
                      std::back_inserter(all));
    memory_ = {.first = before, .count = all.size() - before};
    auto context = context_of(turn);
    if (!context.empty() && !known.excerpts.empty()) context += "\n\n";
    context += known.excerpts;
    if (!context.empty()) all.push_back(words(chat_role::system, std::move(context)));
    all.push_back(words(chat_role::user, std::move(customer_text)));
    return all;
}

std::string agent::thinking::context_of(const turn& turn) const {
    const auto& profile = *parts_.profile;
    auto values = turn_values(turn, profile.time_zone, std::chrono::system_clock::now());
    values.insert(speaker_->variables.begin(), speaker_->variables.end());
    return std::string(trimmed(rendered(profile.context, values)));
}

awaitable<result<model_answer>> agent::thinking::ask() {
    const auto left = deadline_ - std::chrono::steady_clock::now();
    auto answer = co_await within(left, parts_.model->complete(request_));
    if (!answer) co_return fail(errc::timed_out, "the turn's time is over");
    if (*answer || answer->error().code != errc::too_large) co_return std::move(*answer);
    spdlog::warn("model {}: {}; {} {}", parts_.model->name(), answer->error().detail,
                 memory_.count > 0 ? "again without what was said before" : "not even without a memory",
                 conversation_);
    if (memory_.count == 0) co_return model_answer{.finish = finish_reason::refusal};
    const auto first = request_.messages.begin() + static_cast<std::ptrdiff_t>(memory_.first);
    request_.messages.erase(first, first + static_cast<std::ptrdiff_t>(std::exchange(memory_.count, 0)));
    co_return co_await ask();
}

awaitable<bool> agent::thinking::act(int round, model_answer answer) {
    const bool commits = tools_.prepare(round, std::move(answer.tool_calls));
    if (!co_await stored(encode_asked(tools_.asked(answer.content)), commits)) co_return false;
    co_return co_await done(std::move(answer.content));
}

awaitable<bool> agent::thinking::go_on(int round, recorded_round recorded) {
    auto content = std::exchange(recorded.content, {});
    if (!tools_.resume(round, std::move(recorded))) co_return co_await done(std::move(content));
    take_in(std::move(content), tools_.finish());
    co_return true;
}

awaitable<bool> agent::thinking::done(std::string content) {
    const auto keep = [this](const std::vector<tool_step>& so_far) {
        return stored(encode_results(so_far), false);
    };
    const auto steps = co_await tools_.run(keep);
    if (!steps || !co_await keep(*steps)) co_return false;
    take_in(std::move(content), *steps);
    co_return true;
}

void agent::thinking::take_in(std::string content, const std::vector<tool_step>& steps) {
    append_round(request_.messages, std::move(content), steps);
    follow_transfers(steps);
}

void agent::thinking::follow_transfers(const std::vector<tool_step>& steps) {
    for (const auto& step : steps) {
        if (step.name != agent_transfer_tool_name || !step.result.starts_with("SUCESSO")) continue;
        const auto* next = parts_.find(agent_asked_for(step));
        if (next == nullptr || next == speaker_) continue;
        speaker_ = next;
        variant_ = &variant_for(next->prompts, conversation_);
        if (met_.empty()) met_ = variant_->name;
        request_.messages.front().content = variant_->prompt;
        request_.tools = &next->tools.descriptions();
        request_.agent = next->id;
        tools_.use(next->tools);
        parts_.tell(to_, stage::agent_switch, next->name());
    }
}

awaitable<bool> agent::thinking::stored(std::string entry, bool commits) {
    if (!journal_) co_return true;
    co_return co_await journal_(std::move(entry), commits);
}

thought agent::thinking::abandoned() const {
    return finished(outcome::abandoned, {}, {});
}

std::string agent::thinking::last_words(const model_answer& answer) const {
    const bool truncated = answer.finish == finish_reason::length;
    const bool refused =
        answer.finish == finish_reason::refusal || answer.finish == finish_reason::content_filter;
    if (!refused && !(truncated && !answer.tool_calls.empty())) {
        auto text = truncated ? whole_sentences(answer.content) : std::string(trimmed(answer.content));
        if (!text.empty()) return text;
    }
    spdlog::warn("model {} {}; the fallback text answers {}", parts_.model->name(),
                 refused ? "refused" : "said nothing", conversation_);
    return speaker_->said(parts_.profile->texts.fallback);
}

thought agent::thinking::given_up(const error& why) const {
    const auto level = why.code == errc::rejected ? spdlog::level::err : spdlog::level::warn;
    auto reason = fmt::format("model {}: {}", parts_.model->name(), why.detail);
    spdlog::log(level, "{} {}", reason, conversation_);
    return finished(outcome::retry_later, speaker_->said(parts_.profile->texts.one_moment),
                    std::move(reason));
}

thought agent::thinking::finished(outcome what, std::string text, std::string reason) const {
    return {.what = what,
            .text = std::move(text),
            .steps = tools_.steps(),
            .had_effect = tools_.had_effect(),
            .usage = usage_,
            .sources = sources_,
            .reason = std::move(reason),
            .profile = label_,
            .variant = met_,
            .agent = speaker_->id,
            .hand_over = std::ranges::any_of(tools_.steps(), calls_for_a_person)};
}

} // namespace atende
