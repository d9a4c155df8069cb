// Thinks: from a turn to a reply. Knows no channel, no Redis, no HTTP server.
#pragma once

#include <atende/agent/memory.hpp>
#include <atende/agent/model.hpp>
#include <atende/agent/tool.hpp>
#include <atende/conversation/progress.hpp>
#include <atende/conversation/turn.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace atende {

class faq_counts;
class knowledge_base;
struct profile;

struct thought {
    enum class outcome {
        reply,       // `text` answers the customer; empty text: nothing to say
        retry_later, // the model could not be reached; `text` is the profile's "one moment" line
        abandoned,   // the journal refused: somebody else has this turn
    };
    outcome what = outcome::reply;
    std::string text;
    std::vector<tool_step> steps; // what was done on the way, in order
    bool had_effect =
        false;           // a tool changed something outside: the turn must not be thought again for nothing
    bool forget = false; // the customer asked to be forgotten: this turn and all before it
    token_usage usage;
    std::vector<knowledge_source>
        sources{};          // what of the shop's knowledge was before the model, or was the answer
    std::string reason;     // why retry_later, for the log
    std::string profile;    // profile::label() of what thought it and the knowledge it had
    std::string variant;    // that the turn met; empty: the profile compares none, or nothing was thought
    std::string agent;      // profile_agent::id of who spoke last
    bool hand_over = false; // a person is to go on: the bot is silent after `text`
    // Out: `text` is the profile's own, and nothing was thought. Unknown: nobody asked.
    scope_verdict scope = scope_verdict::unknown;
};

// Stores an entry before it is acted on, or after; see turn::journal. `commits`: a tool is about to change
// something. False: nothing more may be done for this turn.
using thought_journal = std::function<awaitable<bool>(std::string entry, bool commits)>;

// What the shop wrote down. Both may be null, and outlive the agent.
struct agent_knowledge {
    knowledge_base* base = nullptr;
    faq_counts* counts = nullptr;
};

// When the model is worth asking whether something is the shop's business.
struct agent_scope {
    // Whether the verdict decides how this contact is answered; empty: for nobody.
    std::function<bool(const conversation_id&)> matters;
    std::chrono::milliseconds patience{5'000}; // with the model; then it is taken for in scope
};

class agent {
public:
    // `max_input_characters` caps what the customer's messages of one turn may add up to
    // (MAX_AGENT_INPUT_CHARS).
    agent(std::shared_ptr<const profile> profile, std::shared_ptr<model> model,
          const std::vector<std::shared_ptr<tool>>& tools, std::string agent_name,
          std::size_t max_input_characters, progress_sink watch, agent_knowledge knowledge = {},
          agent_scope scope = {});

    // From the next think() on; turns that are being thought keep what they began with. Both throw
    // std::invalid_argument for two tools of one name.
    void change(std::shared_ptr<const profile> profile, std::shared_ptr<model> model,
                const std::vector<std::shared_ptr<tool>>& tools);
    void use_tools(const std::vector<std::shared_ptr<tool>>& tools);

    // Up to the profile's number of rounds of tool calls, each call bounded in time. Never throws for what a
    // model or a tool does wrong. A message that is exactly a question of the shop's FAQ is answered without
    // the model. Safe to cancel. What turn::journal holds is not asked or done again; without a `journal`
    // nothing is stored.
    // Asked to be forgotten (profile, memory.forget_words), it says so without the model, too.
    awaitable<thought> think(turn turn, thought_journal journal = {});

    // What of a turn's memory is to become notes now, and those notes: see memory.hpp. Nothing that a
    // customer waits for.
    [[nodiscard]] std::optional<compaction> compaction_due(const turn& about) const;
    awaitable<std::optional<contact_notes>> compact(compaction due);

private:
    struct parts;
    class thinking;
    static awaitable<thought> answered(std::shared_ptr<const parts> of, const turn& turn, std::string said,
                                       thought_journal journal);
    static awaitable<std::optional<thought>> fixed_answer(std::shared_ptr<const parts> of, const turn& turn,
                                                          const std::string& message);
    std::string agent_name_;
    std::size_t max_input_characters_;
    progress_sink watch_;
    agent_knowledge knowledge_;
    agent_scope scope_;
    std::shared_ptr<const parts> parts_;
};

} // namespace atende
