// GET /api/conversations/{id}/events: follow a conversation while it happens. For the bearer of ADMIN_TOKEN
// at an address of ADMIN_ALLOW, as /admin/api.
#pragma once

#include <atende/platform/http_server.hpp>
#include <atende/platform/token_gate.hpp>
#include <atende/turns/live_events.hpp>
#include <atende/turns/operator_store.hpp>

namespace atende {

class event_api {
public:
    // All outlive the API.
    event_api(token_gate& gate, operator_store& view, live_events& events);

    void add_routes(http_server& server);

private:
    awaitable<http_reply> follow(http_request request);

    token_gate& gate_;
    operator_store& view_;
    live_events& events_;
};

} // namespace atende
