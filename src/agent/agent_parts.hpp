// What an agent thinks with, from one change of its profile to the next.
#pragma once

#include "agent/scope.hpp"
#include "agent/speaking_agent.hpp"

#include <algorithm>
#include <atende/agent/agent.hpp>
#include <atende/agent/knowledge.hpp>
#include <atende/agent/profile.hpp>
#include <atende/platform/unix_time.hpp>
#include <ranges>

namespace atende {

// Immutable: a turn keeps those it began with.
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
    // What a turn that ends without asking the model is recorded as made by.
    [[nodiscard]] std::string label() const {
        return profile->label(knowledge.base == nullptr ? std::string_view() : knowledge.base->version());
    }
    void tell(const conversation_id& conversation, stage what, std::string detail) const {
        if (!watch) return;
        watch({.conversation = conversation,
               .what = what,
               .at_ms = unix_ms_now(),
               .detail = std::move(detail)});
    }
};

inline void add(token_usage& sum, const token_usage& more) {
    sum.prompt += more.prompt;
    sum.cached_prompt += more.cached_prompt;
    sum.completion += more.completion;
}

} // namespace atende
