// GET /api/conversations/{id}/events: follow a conversation while it happens. For the bearer of ADMIN_TOKEN
// at an address of ADMIN_ALLOW, as /admin/api.
#pragma once

#include <atende/people/admin_api.hpp>
#include <atende/platform/http_server.hpp>
#include <atende/turns/live_events.hpp>
#include <atende/turns/operator_store.hpp>

namespace atende {

class event_api {
public:
    // The parts outlive the API.
    event_api(admin_access access, operator_store& view, live_events& events);

    void add_routes(http_server& server);

private:
    awaitable<http_reply> follow(http_request request);

    admin_access access_;
    operator_store& view_;
    live_events& events_;
};

} // namespace atende
