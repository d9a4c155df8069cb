// Whether what a customer wants is the shop's business: by the profile's words, or by one small question to
// the model.
#pragma once

#include <atende/agent/agent.hpp>
#include <atende/agent/model.hpp>
#include <atende/agent/profile.hpp>
#include <atende/conversation/turn.hpp>
#include <memory>
#include <string>

namespace atende {

class scope_judge {
public:
    struct verdict {
        scope_verdict scope = scope_verdict::unknown;
        token_usage usage;
    };

    // `options` with their templates rendered. The profile's words cost nothing and hold also where the
    // verdict does not matter.
    scope_judge(scope_options options, agent_scope asks);

    // unknown: the profile does not want to know, or no word of it says and nobody is asked. A model that
    // fails, or takes too long, says in. `said` is what the customer says in this turn. Safe to cancel.
    awaitable<verdict> judge(std::shared_ptr<model> judging, const turn& about,
                             const std::string& said) const;

private:
    [[nodiscard]] bool asks_about(const conversation_id& whom) const;

    scope_options options_;
    agent_scope asks_;
};

} // namespace atende
