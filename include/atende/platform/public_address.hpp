// Which addresses are the public internet's: the guard against being talked into asking our own network
// (SSRF). https://www.iana.org/assignments/iana-ipv4-special-registry,
// https://www.iana.org/assignments/iana-ipv6-special-registry
#pragma once

#include <string_view>

namespace atende {

// False for what is no address, and for every address that is not globally reachable or may hide one that is
// not: private, loopback, link-local, carrier NAT, multicast, documentation, IPv4 written as IPv6, 6to4,
// NAT64.
bool is_public_address(std::string_view numeric);

} // namespace atende
