// Who may use the simulator's page and API.
#pragma once

#include <atende/platform/token_gate.hpp>
#include <optional>
#include <string>

namespace atende {

struct access_rules {
    token_gate&
        gate; // without a token: no password, but only under a name no foreign web site can point here
    std::string allowed_host; // a Host name accepted in that case, besides loopback names and IP literals
};

// What to answer instead of serving the request; nothing if it may pass.
//   401  the admin token is missing or wrong, as Bearer or as Basic password
//   403  with a token, an address that ADMIN_ALLOW does not name; without, a Host that a DNS rebinding attack
//        could have chosen; a POST from another site (CSRF)
//   429  too many wrong tokens
std::optional<http_reply> access_refusal(const access_rules& rules, const http_request& request,
                                         token_gate::time_point now);

} // namespace atende
