// The tools an agent has, and what one turn does with them.
#pragma once

#include "agent/argument_check.hpp"
#include "agent/journal.hpp"

#include <nlohmann/json.hpp>

#include <atende/agent/model.hpp>
#include <atende/agent/tool.hpp>
#include <atende/conversation/progress.hpp>
#include <atende/conversation/turn.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace atende {

// Immutable; shared by all turns.
class toolbox {
public:
    struct entry {
        std::shared_ptr<tool> what;
        argument_check check;
    };

    // Throws std::invalid_argument for two tools of one name or a schema that is none.
    explicit toolbox(const std::vector<std::shared_ptr<tool>>& tools);

    // By name, so that every request shows them in the same bytes.
    [[nodiscard]] const std::vector<tool_description>& descriptions() const { return descriptions_; }
    [[nodiscard]] const entry* find(const std::string& name) const;

private:
    std::map<std::string, entry> by_name_;
    std::vector<tool_description> descriptions_;
};

struct tool_use_limits {
    int calls = 10;
    int repairs = 2; // wrong arguments of one tool, before it is given up for this turn
    std::chrono::steady_clock::time_point deadline;
};

// Stores what came of a round so far; a call without a result has none yet. False: nothing more may be done.
using results_keeper = std::function<awaitable<bool>(const std::vector<tool_step>& so_far)>;

// One turn's calls. Lives in the coroutine that thinks.
class tool_use {
public:
    // `operation`: what the ids of this turn's operations begin with.
    tool_use(const toolbox& box, conversation_id conversation, std::string operation, tool_use_limits limits,
             const progress_sink& watch, std::set<std::string> used_ids);

    // Checks the calls of one round. True if one of them is about to change something outside.
    bool prepare(int round, std::vector<tool_call> calls);
    // What was prepared, for the journal.
    [[nodiscard]] recorded_round asked(std::string content) const;
    // Instead of prepare(), for a round that an interrupted attempt had begun: its calls keep their ids and
    // the results that were stored; one that may have been done, but cannot be called now, is answered that
    // nobody knows. False if results were missing: run() it.
    bool resume(int round, recorded_round recorded);
    // Answers every call that was prepared, in the order asked: tools without effect all at once, then those
    // with one, one after the other. What cannot be called is answered "ERRO: …". `keep` is called before an
    // effect if it does not know all answers yet; empty if it refused.
    awaitable<std::optional<std::vector<tool_step>>> run(results_keeper keep = {});
    // What run() ends with; alone, where resume() had all results.
    std::vector<tool_step> finish();

    // From the next round on.
    void use(const toolbox& box) { box_ = &box; }

    [[nodiscard]] bool exhausted() const { return executed_ >= limits_.calls; }
    [[nodiscard]] bool had_effect() const { return had_effect_; }
    [[nodiscard]] const std::vector<tool_step>& steps() const { return steps_; }

private:
    struct planned {
        tool_step step; // its result is set already if the call is refused, or was answered before
        std::shared_ptr<tool> what; // null: there is no such tool
        nlohmann::json arguments;
        std::string operation_id;
        bool again = false;     // tool_context::again
        bool is_stored = false; // the journal knows its answer, or that it was refused
        std::shared_ptr<call_report> report = std::make_shared<call_report>();

        void answer(std::string result); // what the call came to
        [[nodiscard]] bool is_answered() const { return !step.result.empty(); }
        [[nodiscard]] bool is_left() const { return what && !is_answered(); }
        [[nodiscard]] bool is_effect() const { return what && what->has_effect(); }
        [[nodiscard]] bool is_lookup() const { return what && !what->has_effect(); }
    };

    [[nodiscard]] planned plan(int round, tool_call call);
    [[nodiscard]] planned recall(int round, recorded_call recorded, bool is_older);
    [[nodiscard]] std::string own_id(const std::string& wanted);
    void check(planned& call);
    [[nodiscard]] std::string next_operation();
    void take_up(planned& call, bool may_have_begun) const;
    [[nodiscard]] std::vector<tool_step> so_far() const;
    [[nodiscard]] std::string repair_or_give_up(const std::string& name, const std::string& reason);
    void tell(stage what, nlohmann::json detail) const;

    const toolbox* box_;
    conversation_id conversation_;
    std::string operation_;
    tool_use_limits limits_;
    const progress_sink& watch_;
    std::set<std::string> used_ids_;
    std::map<std::string, int> bad_arguments_; // by tool
    int executed_ = 0;
    bool had_effect_ = false;
    std::vector<planned> prepared_;
    std::vector<tool_step> steps_;
};

} // namespace atende
