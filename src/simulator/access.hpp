// Who may use the simulator's page and API.
#pragma once

#include <atende/platform/http_server.hpp>
#include <optional>
#include <string>

namespace atende {

struct access_rules {
    std::string admin_token;  // empty: no password, but only under a name no foreign web site can point here
    std::string allowed_host; // a Host name accepted in that case, besides loopback names and IP literals
};

// What to answer instead of serving the request; nothing if it may pass.
//   401  the admin token is missing or wrong, as Bearer or as Basic password
//   403  a POST from another site (CSRF), or a Host that a DNS rebinding attack could have chosen
std::optional<http_reply> access_refusal(const access_rules& rules, const http_request& request);

} // namespace atende
