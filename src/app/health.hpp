// GET /health and /health/ready: for supervisors, load balancers and whoever sets the product up.
#pragma once

#include <atende/agent/knowledge.hpp>
#include <atende/agent/live_profile.hpp>
#include <atende/app/settings.hpp>
#include <atende/intake/intake.hpp>
#include <atende/platform/http_server.hpp>
#include <atende/platform/redis_client.hpp>
#include <atende/turns/auditor.hpp>
#include <atende/turns/turn_engine.hpp>

namespace atende {

class health {
public:
    health(const settings& configured, redis_client& redis, turn_engine& engine, const intake& taker,
           const auditor& audits, const knowledge_base& knowledge, const live_profile& profile);

    // /health: 200 {"status":"ok"} while the process is alive. /health/ready: 200 when messages can be taken
    // and answered, otherwise 503; either way it says what is missing, which invariants the auditor found
    // broken, whether changed files of the profile or its knowledge were refused, and why answers are not
    // spoken although they are to be. These alone do not make it 503: a restart would not help.
    void add_routes(http_server& server);

private:
    awaitable<http_reply> alive(http_request request);
    awaitable<http_reply> ready(http_request request);

    const settings& settings_;
    redis_client& redis_;
    turn_engine& engine_;
    const intake& taker_;
    const auditor& audits_;
    const knowledge_base& knowledge_;
    const live_profile& profile_;
};

// Asks a running server's /health and waits for up to 5 s; runs its own event loop. For `atende health`.
bool is_healthy(const std::string& url);

} // namespace atende
