#include "people/admin_access.hpp"

#include <algorithm>
#include <array>
#include <atende/platform/text.hpp>

namespace atende {
namespace {

std::string_view bearer(const http_request& request) {
    const std::string_view given = request.header("authorization");
    const std::string scheme = lower_case(given.substr(0, 6));
    if (scheme != "bearer" || given.size() < 8 || given[6] != ' ') return {};
    return given.substr(7);
}

// A URL is written to logs, histories and proxies on its way.
bool names_a_token(const http_request& request) {
    constexpr std::array<std::string_view, 9> names{"token",         "admin_token", "access_token",
                                                    "authorization", "auth",        "bearer",
                                                    "api_key",       "key",         "password"};
    std::string_view rest = request.query;
    while (!rest.empty()) {
        const std::string_view pair = rest.substr(0, rest.find('&'));
        rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
        const std::string name = lower_case(pair.substr(0, pair.find('=')));
        if (std::ranges::find(names, name) != names.end()) return true;
    }
    return false;
}

// Browsers say where a page came from; the operator's tools have no page.
bool is_from_a_browser(const http_request& request) {
    return !request.header("origin").empty() || !request.header("sec-fetch-site").empty();
}

} // namespace

std::optional<http_reply> admin_refusal(token_gate& gate, const http_request& request,
                                        token_gate::time_point now) {
    if (auto refusal = gate.refusal(request.peer, now)) return refusal;
    if (!gate.has_token()) {
        return error_reply(403, "ADMIN_TOKEN is not set, so the operator's commands are off; set it (16 "
                                "characters or more) and restart");
    }
    if (names_a_token(request)) {
        return error_reply(400,
                           "a token does not belong in a URL, which is logged on its way: send the header "
                           "Authorization: Bearer <ADMIN_TOKEN>, and change this token");
    }
    if (is_from_a_browser(request)) return error_reply(403, "this is not for browsers: use `atende` or curl");
    if (gate.admits(request.peer, bearer(request), now)) return std::nullopt;
    auto reply = error_reply(401, "send the header Authorization: Bearer <ADMIN_TOKEN>");
    reply.headers.emplace_back("WWW-Authenticate", "Bearer");
    return reply;
}

} // namespace atende
