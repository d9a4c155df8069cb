#include "agent/customer_words.hpp"
#include "agent/hand_over_words.hpp"
#include "agent/journal.hpp"
#include "agent/knowledge/turn_question.hpp"
#include "agent/memory/quoted_notes.hpp"
#include "agent/scope.hpp"
#include "agent/speaking_agent.hpp"
#include "agent/time_limit.hpp"
#include "agent/toolbox.hpp"
#include "agent/transcript.hpp"
#include "agent/turn_values.hpp"
#include "agent/unheard.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atende/agent/agent.hpp>
#include <atende/agent/built_in_tools.hpp>
#include <atende/agent/faq_counts.hpp>
#include <atende/agent/knowledge.hpp>
#include <atende/agent/profile.hpp>
#include <atende/platform/log.hpp>
#include <atende/platform/text.hpp>
#include <atende/platform/unix_time.hpp>
#include <iterator>
#include <ranges>

namespace atende {

struct agent::parts {
    std::shared_ptr<const atende::profile> profile;
    std::shared_ptr<atende::model> model;
    std::vector<speaking_agent> agents; // at least one: the first has every new customer
    std::size_t max_input_characters;
    progress_sink watch;
    agent_knowledge knowledge;
    scope_judge scope;

    [[nodiscard]] const speaking_agent* find(std::string_view id) const {
        const auto found = std::ranges::find(agents, id, &speaking_agent::id);
        return found == agents.end() ? nullptr : &*found;
    }
    // Who spoke last goes on.
    [[nodiscard]] const speaking_agent& speaker_of(const turn& turn) const {
        for (const auto& entry : std::views::reverse(turn.history)) {
            if (entry.who != speaker::bot || entry.agent.empty()) continue;
            if (const auto* known = find(entry.agent)) return *known;
        }
        return agents.front();
    }
    void tell(const conversation_id& conversation, stage what, std::string detail) const {
        if (!watch) return;
        watch({.conversation = conversation,
               .what = what,
               .at_ms = unix_ms_now(),
               .detail = std::move(detail)});
    }
};

namespace {

chat_message words(chat_role role, std::string content) {
    return {.role = role, .content = std::move(content), .tool_calls = {}, .tool_call_id = {}};
}

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

std::set<std::string> call_ids(const std::vector<chat_message>& messages) {
    std::set<std::string> ids;
    for (const auto& message : messages) {
        for (const auto& call : message.tool_calls) ids.insert(call.id);
    }
    return ids;
}

void add(token_usage& sum, const token_usage& more) {
    sum.prompt += more.prompt;
    sum.cached_prompt += more.cached_prompt;
    sum.completion += more.completion;
}

} // namespace

// One turn being thought. Lives in the frame of `think`.
class agent::thinking {
public:
    thinking(const parts& of, const turn& turn, std::string customer_text, found_knowledge known,
             thought_journal journal)
        : parts_(of),
          journal_(std::move(journal)),
          recorded_(decode_journal(turn.journal)),
          conversation_(turn.conversation.text()),
          to_(turn.conversation),
          speaker_(&of.speaker_of(turn)),
          variant_(&variant_for(speaker_->prompts, conversation_)),
          deadline_(std::chrono::steady_clock::now() + of.profile->limits.turn),
          sources_(std::move(known.sources)),
          request_{.messages = messages(turn, std::move(customer_text), known),
                   .tools = &speaker_->tools.descriptions(),
                   .may_call_tools = true,
                   .agent = speaker_->id,
                   .conversation = conversation_},
          tools_(speaker_->tools, turn.conversation, turn.number,
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

    awaitable<thought> run() {
        bool asked_for_less = false;
        for (int round = 0;; ++round) {
            request_.may_call_tools =
                round < parts_.profile->limits.rounds && !tools_.exhausted() && !request_.tools->empty();
            if (request_.may_call_tools && recalled_ < recorded_.size()) {
                if (!co_await go_on(round, recorded_[recalled_++])) co_return abandoned();
                continue;
            }
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

private:
    using outcome = thought::outcome;

    // What never changes comes first and what changes every minute last: providers cache a prompt by its
    // beginning.
    std::vector<chat_message> messages(const turn& turn, std::string customer_text,
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

    std::string context_of(const turn& turn) const {
        const auto& profile = *parts_.profile;
        auto values = turn_values(turn, profile.time_zone, std::chrono::system_clock::now());
        values.insert(speaker_->variables.begin(), speaker_->variables.end());
        return std::string(trimmed(rendered(profile.context, values)));
    }

    awaitable<result<model_answer>> ask() {
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

    // A round of tool calls; false if the turn is not ours any more.
    awaitable<bool> act(int round, model_answer answer) {
        auto asked = encode_asked(answer);
        const bool commits = tools_.prepare(round, std::move(answer.tool_calls));
        if (!co_await stored(std::move(asked), commits)) co_return false;
        co_return co_await done(std::move(answer.content));
    }

    // A round that an interrupted attempt had begun.
    awaitable<bool> go_on(int round, recorded_round recorded) {
        tools_.prepare(round, std::move(recorded.calls));
        if (!recorded.results) co_return co_await done(std::move(recorded.content));
        const auto steps = tools_.recall(*std::move(recorded.results));
        append_round(request_.messages, std::move(recorded.content), steps);
        follow_transfers(steps);
        co_return true;
    }

    awaitable<bool> done(std::string content) {
        const auto steps = co_await tools_.run();
        if (!co_await stored(encode_results(steps), false)) co_return false;
        append_round(request_.messages, std::move(content), steps);
        follow_transfers(steps);
        co_return true;
    }

    // The next request is another agent's: its prompt, its tools, the same conversation.
    void follow_transfers(const std::vector<tool_step>& steps) {
        for (const auto& step : steps) {
            if (step.name != agent_transfer_tool_name || !step.result.starts_with("SUCESSO")) continue;
            const auto* next = parts_.find(agent_asked_for(step));
            if (next == nullptr || next == speaker_) continue;
            speaker_ = next;
            variant_ = &variant_for(next->prompts, conversation_);
            request_.messages.front().content = variant_->prompt;
            request_.tools = &next->tools.descriptions();
            request_.agent = next->id;
            tools_.use(next->tools);
            parts_.tell(to_, stage::agent_switch, next->name());
        }
    }

    awaitable<bool> stored(std::string entry, bool commits) {
        if (!journal_) co_return true;
        co_return co_await journal_(std::move(entry), commits);
    }

    thought abandoned() const { return finished(outcome::abandoned, {}, {}); }

    std::string last_words(const model_answer& answer) const {
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

    thought given_up(const error& why) const {
        const auto level = why.code == errc::rejected ? spdlog::level::err : spdlog::level::warn;
        auto reason = fmt::format("model {}: {}", parts_.model->name(), why.detail);
        spdlog::log(level, "{} {}", reason, conversation_);
        return finished(outcome::retry_later, speaker_->said(parts_.profile->texts.one_moment),
                        std::move(reason));
    }

    thought finished(outcome what, std::string text, std::string reason) const {
        return {.what = what,
                .text = std::move(text),
                .steps = tools_.steps(),
                .had_effect = tools_.had_effect(),
                .usage = usage_,
                .sources = sources_,
                .reason = std::move(reason),
                .profile = parts_.profile->label(),
                .variant = variant_->name,
                .agent = speaker_->id,
                .hand_over = std::ranges::any_of(tools_.steps(), calls_for_a_person)};
    }

    const parts& parts_;
    thought_journal journal_;
    std::vector<recorded_round> recorded_;
    std::size_t recalled_ = 0;
    std::string conversation_;
    conversation_id to_;
    const speaking_agent* speaker_;
    const prompt_variant* variant_; // of the speaker's prompt
    std::chrono::steady_clock::time_point deadline_;
    std::vector<knowledge_source> sources_;
    struct {
        std::size_t first = 0;
        std::size_t count = 0;
    } memory_; // which messages are of earlier turns
    model_request request_;
    tool_use tools_;
    token_usage usage_;
};

agent::agent(std::shared_ptr<const profile> profile, std::shared_ptr<model> model,
             const std::vector<std::shared_ptr<tool>>& tools, std::string agent_name,
             std::size_t max_input_characters, progress_sink watch, agent_knowledge knowledge,
             bool scope_matters)
    : agent_name_(std::move(agent_name)),
      max_input_characters_(max_input_characters),
      watch_(std::move(watch)),
      knowledge_(knowledge),
      scope_matters_(scope_matters) {
    change(std::move(profile), std::move(model), tools);
}

void agent::change(std::shared_ptr<const profile> profile, std::shared_ptr<model> model,
                   const std::vector<std::shared_ptr<tool>>& tools) {
    auto agents = speaking_agents(*profile, agent_name_, tools);
    auto scope = profile->scope;
    scope.about = trimmed(agents.front().said(scope.about));
    parts_ = std::make_shared<const parts>(parts{.profile = std::move(profile),
                                                 .model = std::move(model),
                                                 .agents = std::move(agents),
                                                 .max_input_characters = max_input_characters_,
                                                 .watch = watch_,
                                                 .knowledge = knowledge_,
                                                 .scope = scope_judge(std::move(scope), scope_matters_)});
}

void agent::use_tools(const std::vector<std::shared_ptr<tool>>& tools) {
    change(parts_->profile, parts_->model, tools);
}

awaitable<thought> agent::think(turn turn, thought_journal journal) {
    const auto parts = parts_; // this turn keeps them, whatever the agent changes to meanwhile
    auto heard = words_of(turn);
    thought at_once;
    at_once.profile = parts->profile->label();
    if (asks_to_be_forgotten(turn, parts->profile->forget_words)) {
        at_once.text = parts->speaker_of(turn).said(parts->profile->texts.forgotten);
        at_once.forget = true;
        co_return at_once;
    }
    if (heard.text.empty()) co_return at_once;
    const auto& speaker = parts->speaker_of(turn);
    const auto sorry = apology(turn,
                               {.not_understood = speaker.said(parts->profile->texts.audio_not_understood),
                                .too_long = speaker.said(parts->profile->texts.audio_too_long)},
                               unix_ms_now());
    at_once.agent = speaker.id;
    if (!heard.readable) {
        at_once.text = has_unheard(turn) ? sorry : speaker.said(parts->profile->texts.unsupported);
        co_return at_once;
    }
    if (turn.journal.empty() && asks_for_a_person(heard.text, parts->profile->hand_over.words)) {
        at_once.text = speaker.said(parts->profile->texts.hand_over);
        at_once.hand_over = true;
        co_return at_once;
    }
    auto answer = co_await answered(parts, turn, std::move(heard.text), std::move(journal));
    if (answer.what == thought::outcome::reply) answer.text = with_apology(std::move(answer.text), sorry);
    co_return answer;
}

awaitable<thought> agent::answered(std::shared_ptr<const parts> of, const turn& turn, std::string said,
                                   thought_journal journal) {
    // What an interrupted attempt has begun is not answered otherwise, should the FAQ have changed since, or
    // the model now judge otherwise.
    scope_judge::verdict judged;
    if (turn.journal.empty()) {
        if (auto fixed = co_await fixed_answer(of, turn, said)) co_return *std::move(fixed);
        judged = co_await of->scope.judge(of->model, turn, said);
    }
    const auto& speaker = of->speaker_of(turn);
    if (judged.scope == scope_verdict::out) {
        thought out;
        out.text = speaker.said(of->profile->texts.out_of_scope);
        out.usage = judged.usage;
        out.profile = of->profile->label();
        out.agent = speaker.id;
        out.scope = judged.scope;
        co_return out;
    }
    of->tell(turn.conversation, stage::thinking, of->model->name());
    of->tell(turn.conversation, stage::agent_switch, speaker.name());
    found_knowledge known;
    if (of->knowledge.base != nullptr)
        known = co_await of->knowledge.base->look_up(question_of(turn), last_exchange(turn.history));
    if (!known.sources.empty()) of->tell(turn.conversation, stage::knowledge, sources_json(known.sources));
    thinking work(
        *of, turn,
        cut_to(std::move(said), of->max_input_characters, speaker.said(of->profile->texts.too_long_note)),
        std::move(known), std::move(journal));
    auto answer = co_await work.run();
    add(answer.usage, judged.usage);
    answer.scope = judged.scope;
    co_return answer;
}

std::optional<compaction> agent::compaction_due(const turn& about) const {
    return atende::compaction_due(about, parts_->profile->limits.history_turns);
}

awaitable<std::optional<contact_notes>> agent::compact(compaction due) {
    return compacted(parts_->model, std::move(due));
}

awaitable<std::optional<thought>> agent::fixed_answer(std::shared_ptr<const parts> of, const turn& turn,
                                                      const std::string& message) {
    const auto [base, counts] = of->knowledge;
    const auto entry = base == nullptr ? nullptr : base->answer_to(message);
    if (!entry) co_return std::nullopt;
    if (counts != nullptr) {
        const auto counted = co_await counts->count(entry->questions.front(), turn.conversation, turn.number);
        if (!counted) spdlog::warn("faq: an answer is not counted: {}", counted.error().detail);
    }
    thought found;
    found.text = entry->answer;
    found.sources = {entry->where};
    found.agent = of->speaker_of(turn).id;
    found.profile = of->profile->label();
    of->tell(turn.conversation, stage::knowledge, sources_json(found.sources));
    co_return found;
}

} // namespace atende
