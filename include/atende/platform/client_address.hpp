// Whom a request counts as, where something is counted by address.
#pragma once

#include <atende/platform/address_list.hpp>
#include <atende/platform/http_server.hpp>
#include <string>

namespace atende {

// Where the request comes from: its peer, or whom the `trusted` among the proxies on its way name in
// X-Forwarded-For. What others wrote there is anybody's word.
std::string client_of(const http_request& request, const address_list& trusted);

// Whoever has one address of an IPv6 network has all 2^64: "2001:db8:1:2::/64". Of all else it is itself.
std::string network_of(const std::string& address);

} // namespace atende
