#include "people/admin_access.hpp"

#include <gtest/gtest.h>

namespace atende {
namespace {

using namespace std::chrono_literals;
using headers = std::vector<std::pair<std::string, std::string>>;

const std::string token = "correct horse battery";
const std::chrono::steady_clock::time_point start{};
const address_list anybody = *address_list::parse("0.0.0.0/0,::/0");

http_request request_with(headers given, std::string query = "", std::string peer = "203.0.113.7") {
    http_request request;
    request.method = "GET";
    request.query = std::move(query);
    request.headers = std::move(given);
    request.peer = std::move(peer);
    return request;
}

http_request bearing(const std::string& presented, std::string peer = "203.0.113.7") {
    return request_with({{"authorization", "Bearer " + presented}}, "", std::move(peer));
}

int status_of(token_gate& gate, const http_request& request,
              std::chrono::steady_clock::time_point now = start) {
    const auto refusal = admin_refusal(gate, request, now);
    return refusal ? refusal->status : 200;
}

TEST(AdminAccess, TakesTheTokenAsBearerAndNothingElse) {
    token_gate gate(token, anybody);
    EXPECT_EQ(status_of(gate, bearing(token)), 200);
    EXPECT_EQ(status_of(gate, request_with({{"authorization", "bearer " + token}})), 200);
    const std::string basic = "Basic OmNvcnJlY3QgaG9yc2UgYmF0dGVyeQ=="; // ":correct horse battery"
    for (const auto& wrong : headers{{"authorization", basic},
                                     {"authorization", token},
                                     {"authorization", "Bearer"},
                                     {"authorization", "Bearer "},
                                     {"authorization", "Bearer  " + token},
                                     {"authorization", "Bearer " + token + " "},
                                     {"cookie", "token=" + token},
                                     {"x-admin-token", token}}) {
        token_gate fresh(token, anybody);
        EXPECT_EQ(status_of(fresh, request_with({wrong})), 401) << wrong.first << ": " << wrong.second;
    }
}

TEST(AdminAccess, IsClosedWithoutAToken) {
    token_gate gate("", anybody);
    EXPECT_EQ(status_of(gate, bearing("")), 403);
    EXPECT_EQ(status_of(gate, bearing("anything")), 403);
    EXPECT_NE(admin_refusal(gate, bearing(""), start)->body.find("ADMIN_TOKEN is not set"),
              std::string::npos);
}

TEST(AdminAccess, RefusesATokenInTheUrlEvenTheRightOne) {
    token_gate gate(token, anybody);
    for (const std::string query :
         {"token=x", "a=b&ADMIN_TOKEN=x", "access_token", "authorization=Bearer+x"}) {
        auto request = bearing(token);
        request.query = query;
        EXPECT_EQ(status_of(gate, request), 400) << query;
    }
    auto request = bearing(token);
    request.query = "contact=token&after=12";
    EXPECT_EQ(status_of(gate, request), 200) << "only names are looked at";
}

TEST(AdminAccess, IsNotForBrowsers) {
    token_gate gate(token, anybody);
    for (const std::string name : {"origin", "sec-fetch-site"}) {
        auto request = bearing(token);
        request.headers.emplace_back(name, "same-origin");
        EXPECT_EQ(status_of(gate, request), 403) << name;
    }
}

TEST(AdminAccess, TenWrongTokensAndAPeerWaitsAMinute) {
    token_gate gate(token, anybody);
    for (int i = 0; i < 10; ++i) EXPECT_EQ(status_of(gate, bearing("guess " + std::to_string(i))), 401);
    EXPECT_EQ(status_of(gate, bearing("guess"), start + 59s), 429);
    EXPECT_EQ(status_of(gate, bearing(token), start + 59s), 429) << "nothing is looked at meanwhile";
    EXPECT_EQ(status_of(gate, bearing(token, "203.0.113.8"), start + 59s), 200) << "others are not affected";
    EXPECT_EQ(status_of(gate, bearing(token), start + 60s), 200);
}

TEST(AdminAccess, AMissingTokenIsNoGuess) {
    token_gate gate(token, anybody);
    for (int i = 0; i < 20; ++i) EXPECT_EQ(status_of(gate, request_with({})), 401);
    EXPECT_EQ(status_of(gate, bearing(token)), 200);
}

TEST(AdminAccess, ManyPeersDoNotFillTheMemory) {
    token_gate gate(token, anybody);
    for (int i = 0; i < 1'200; ++i) {
        const std::string peer = "10.0." + std::to_string(i / 200) + "." + std::to_string(i % 200);
        ASSERT_EQ(status_of(gate, bearing("guess", peer)), 401);
    }
    EXPECT_EQ(status_of(gate, bearing(token)), 200);
}

TEST(AdminAccess, ANetworkOfIpv6IsOnePeer) {
    token_gate gate(token, anybody);
    for (int i = 0; i < 10; ++i)
        EXPECT_EQ(status_of(gate, bearing("guess", "2001:db8:1:2::" + std::to_string(i))), 401);
    EXPECT_EQ(status_of(gate, bearing(token, "2001:db8:1:2:ffff::1")), 429);
    EXPECT_EQ(status_of(gate, bearing(token, "2001:db8:1:3::1")), 200);
}

TEST(AdminAccess, OnlyAddressesOfTheListComeIn) {
    token_gate gate(token, *address_list::parse("127.0.0.0/8,::1,192.168.7.0/24"));
    for (const std::string peer : {"127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1", "192.168.7.200"})
        EXPECT_EQ(status_of(gate, bearing(token, peer)), 200) << peer;
    for (const std::string peer : {"192.168.8.1", "::ffff:192.168.8.1", "2001:db8::1", "", "localhost"})
        EXPECT_EQ(status_of(gate, bearing(token, peer)), 403) << peer;
    const auto refusal = admin_refusal(gate, bearing("guess", "203.0.113.7"), start);
    EXPECT_NE(refusal->body.find("203.0.113.7"), std::string::npos);
    EXPECT_NE(refusal->body.find("ADMIN_ALLOW"), std::string::npos);
}

TEST(AdminAccess, NobodyComesInByAHeader) {
    token_gate gate(token, *address_list::parse("127.0.0.1"));
    for (const std::string name : {"x-forwarded-for", "forwarded", "x-real-ip"}) {
        auto request = bearing(token, "203.0.113.7");
        request.headers.emplace_back(name, "127.0.0.1");
        EXPECT_EQ(status_of(gate, request), 403) << name;
    }
}

} // namespace
} // namespace atende
