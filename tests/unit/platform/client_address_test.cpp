// Whom a request counts as: proxies that are trusted say it, nobody else does.
#include <gtest/gtest.h>

#include <atende/platform/client_address.hpp>

namespace atende {
namespace {

std::string client(std::string peer, std::vector<std::string> forwarded, std::string_view trusted) {
    http_request request{.peer = std::move(peer)};
    for (auto& line : forwarded) request.headers.emplace_back("x-forwarded-for", std::move(line));
    return client_of(request, trusted.empty() ? address_list() : *address_list::parse(trusted));
}

TEST(ClientAddress, IsThePeersWhereNobodyIsTrusted) {
    EXPECT_EQ(client("203.0.113.7", {}, ""), "203.0.113.7");
    EXPECT_EQ(client("203.0.113.7", {"198.51.100.1"}, ""), "203.0.113.7");
    EXPECT_EQ(client("203.0.113.7", {"198.51.100.1"}, "10.0.0.0/8"), "203.0.113.7")
        << "it did not come that way";
}

TEST(ClientAddress, IsWhomATrustedProxyNames) {
    EXPECT_EQ(client("10.0.0.2", {"203.0.113.7"}, "10.0.0.0/8"), "203.0.113.7");
    EXPECT_EQ(client("10.0.0.2", {"2001:db8::7"}, "10.0.0.0/8"), "2001:db8::7");
    EXPECT_EQ(client("10.0.0.2", {}, "10.0.0.0/8"), "10.0.0.2") << "somebody asks without a proxy";
}

TEST(ClientAddress, IsNotWhomTheClientClaimsToBe) {
    EXPECT_EQ(client("10.0.0.2", {"198.51.100.1, 203.0.113.7"}, "10.0.0.0/8"), "203.0.113.7");
    EXPECT_EQ(client("10.0.0.2", {"198.51.100.1", "203.0.113.7"}, "10.0.0.0/8"), "203.0.113.7");
    EXPECT_EQ(client("10.0.0.2", {"10.0.0.9,203.0.113.7"}, "10.0.0.0/8"), "203.0.113.7");
}

TEST(ClientAddress, IsFoundBehindSeveralProxies) {
    EXPECT_EQ(client("10.0.0.2", {"198.51.100.1, 203.0.113.7 ,10.0.0.3", "10.0.0.4"}, "10.0.0.0/8"),
              "203.0.113.7");
    EXPECT_EQ(client("10.0.0.2", {"10.0.0.9, 10.0.0.3"}, "10.0.0.0/8"), "10.0.0.9") << "a client within";
}

TEST(ClientAddress, IsTheLastOneKnownWhereAProxyNamesNone) {
    for (const char* odd : {"unknown", "", "_hidden", "203.0.113.7:4711", "shop.example"})
        EXPECT_EQ(client("10.0.0.2", {"198.51.100.1, " + std::string(odd) + ", 10.0.0.3"}, "10.0.0.0/8"),
                  "10.0.0.3")
            << odd;
}

TEST(ClientAddress, OfIpv6CountsAsItsNetwork) {
    EXPECT_EQ(network_of("2001:db8:1:2:ffff::1"), "2001:db8:1:2::/64");
    for (const std::string itself : {"203.0.113.7", "::ffff:203.0.113.7", "", "localhost"})
        EXPECT_EQ(network_of(itself), itself);
}

} // namespace
} // namespace atende
