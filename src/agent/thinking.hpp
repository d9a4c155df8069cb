// One turn being thought: the loop between the model and the tools.
#pragma once

#include "agent/agent_parts.hpp"
#include "agent/journal.hpp"

#include <atende/agent/knowledge.hpp>

namespace atende {

// Lives in the frame of agent::think().
class agent::thinking {
public:
    thinking(const parts& of, const turn& turn, std::string customer_text, found_knowledge known,
             thought_journal journal);
    awaitable<thought> run();

private:
    using outcome = thought::outcome;

    // What never changes comes first and what changes every minute last: providers cache a prompt by its
    // beginning.
    std::vector<chat_message> messages(const turn& turn, std::string customer_text,
                                       const found_knowledge& known);
    std::string context_of(const turn& turn) const;
    awaitable<result<model_answer>> ask();
    // A round of tool calls: one that the model asks for, one that an interrupted attempt had begun, and what
    // either has left to do. False if the turn is not ours any more.
    awaitable<bool> act(int round, model_answer answer);
    awaitable<bool> go_on(int round, recorded_round recorded);
    awaitable<bool> done(std::string content);
    void take_in(std::string content, const std::vector<tool_step>& steps);
    // The next request is another agent's: its prompt, its tools, the same conversation.
    void follow_transfers(const std::vector<tool_step>& steps);
    awaitable<bool> stored(std::string entry, bool commits);
    thought abandoned() const;
    std::string last_words(const model_answer& answer) const;
    thought given_up(const error& why) const;
    thought finished(outcome what, std::string text, std::string reason) const;

    const parts& parts_;
    thought_journal journal_;
    std::vector<recorded_round> recorded_;
    std::string operation_; // what the ids of this turn's operations begin with
    std::size_t recalled_ = 0;
    std::string conversation_;
    conversation_id to_;
    const speaking_agent* speaker_;
    const prompt_variant* variant_; // of the speaker's prompt
    std::string met_;               // the variant that the turn counts for, whoever ends it
    std::chrono::steady_clock::time_point deadline_;
    std::vector<knowledge_source> sources_;
    std::string label_; // of the profile and of what is known
    struct {
        std::size_t first = 0;
        std::size_t count = 0;
    } memory_; // which messages are of earlier turns
    model_request request_;
    tool_use tools_;
    token_usage usage_;
};

} // namespace atende
