#include "agent/customer_words.hpp"
#include "agent/knowledge/turn_question.hpp"
#include "agent/phrases.hpp"
#include "agent/thinking.hpp"
#include "agent/unheard.hpp"

#include <atende/agent/faq_counts.hpp>
#include <atende/platform/log.hpp>
#include <atende/platform/text.hpp>

namespace atende {

agent::agent(std::shared_ptr<const profile> profile, std::shared_ptr<model> model,
             const std::vector<std::shared_ptr<tool>>& tools, std::string agent_name,
             std::size_t max_input_characters, progress_sink watch, agent_knowledge knowledge,
             agent_scope scope)
    : agent_name_(std::move(agent_name)),
      max_input_characters_(max_input_characters),
      watch_(std::move(watch)),
      knowledge_(knowledge),
      scope_(std::move(scope)) {
    change(std::move(profile), std::move(model), tools);
}

void agent::change(std::shared_ptr<const profile> profile, std::shared_ptr<model> model,
                   const std::vector<std::shared_ptr<tool>>& tools) {
    auto agents = speaking_agents(*profile, agent_name_, tools);
    auto rules = profile->scope;
    rules.about = trimmed(agents.front().said(rules.about));
    parts_ = std::make_shared<const parts>(parts{.profile = std::move(profile),
                                                 .model = std::move(model),
                                                 .agents = std::move(agents),
                                                 .max_input_characters = max_input_characters_,
                                                 .watch = watch_,
                                                 .knowledge = knowledge_,
                                                 .scope = scope_judge(std::move(rules), scope_)});
}

void agent::use_tools(const std::vector<std::shared_ptr<tool>>& tools) {
    change(parts_->profile, parts_->model, tools);
}

awaitable<thought> agent::think(turn turn, thought_journal journal) {
    const auto parts = parts_; // this turn keeps them, whatever the agent changes to meanwhile
    const auto& speaker = parts->speaker_of(turn);
    parts->tell(turn.conversation, stage::agent_switch, speaker.name());
    auto heard = words_of(turn);
    thought at_once;
    at_once.profile = parts->label();
    if (asks_to_be_forgotten(turn, parts->profile->forget_words)) {
        at_once.text = speaker.said(parts->profile->texts.forgotten);
        at_once.forget = true;
        co_return at_once;
    }
    if (heard.text.empty()) co_return at_once;
    const auto sorry = apology(turn,
                               {.not_understood = speaker.said(parts->profile->texts.audio_not_understood),
                                .too_long = speaker.said(parts->profile->texts.audio_too_long)},
                               unix_ms_now());
    at_once.agent = speaker.id;
    if (!heard.readable) {
        at_once.text = has_unheard(turn) ? sorry : speaker.said(parts->profile->texts.unsupported);
        co_return at_once;
    }
    if (turn.journal.empty() && has_phrase(own_words(turn), parts->profile->hand_over.words)) {
        at_once.text = with_apology(speaker.said(parts->profile->texts.hand_over), sorry);
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
        out.profile = of->label();
        out.agent = speaker.id;
        out.scope = judged.scope;
        co_return out;
    }
    of->tell(turn.conversation, stage::thinking, of->model->name());
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
    const auto entry = base == nullptr ? nullptr : base->answer_to(said_or_written(message));
    if (!entry) co_return std::nullopt;
    thought found;
    found.profile = of->label(); // before another version can come
    if (counts != nullptr) {
        const auto counted = co_await counts->count(entry->questions.front(), turn.conversation, turn.number);
        if (!counted) spdlog::warn("faq: an answer is not counted: {}", counted.error().detail);
    }
    found.text = entry->answer;
    found.sources = {entry->where};
    found.agent = of->speaker_of(turn).id;
    of->tell(turn.conversation, stage::knowledge, sources_json(found.sources));
    co_return found;
}

} // namespace atende
