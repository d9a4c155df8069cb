// Whether what a customer wants is the shop's business: by the profile's words, or by one small question to
// the model.
#pragma once

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

    // `options` with their templates rendered. `needed`: the verdict decides how an answer is given, so that
    // the model is worth asking. The profile's words cost nothing and hold without that, too.
    scope_judge(scope_options options, bool needed);

    // unknown: the profile does not want to know, or no word of it says and nobody is asked. A model that
    // fails, or takes more than 5 s, says in. `said` is what the customer says in this turn. Safe to cancel.
    awaitable<verdict> judge(std::shared_ptr<model> judging, const turn& about,
                             const std::string& said) const;

private:
    scope_options options_;
    bool asks_ = false;
};

} // namespace atende
