#include "simulator/access.hpp"

#include <gtest/gtest.h>

namespace atende {
namespace {

using headers = std::vector<std::pair<std::string, std::string>>;

constexpr std::string_view no_token, token = "s3nha:forte";
const token_gate::time_point start{};
const address_list this_machine = *address_list::parse("127.0.0.0/8");

http_request request_with(std::string method, headers with, std::string peer = "127.0.0.1") {
    http_request request;
    request.method = std::move(method);
    request.headers = std::move(with);
    request.peer = std::move(peer);
    return request;
}

int status_of(const std::optional<http_reply>& refusal) {
    return refusal ? refusal->status : 0;
}

// The status a request is refused with by a gate that knows nobody yet; 0 if it passes.
int refused_with(std::string_view configured, std::string method, headers with,
                 std::string allowed_host = "") {
    token_gate gate(configured, this_machine);
    return status_of(access_refusal({gate, std::move(allowed_host)},
                                    request_with(std::move(method), std::move(with)), start));
}

TEST(simulator_access, without_a_token_wants_a_name_no_web_site_can_take) {
    for (const auto* host : {"localhost", "localhost:8000", "LOCALHOST", "shop.localhost:8000",
                             "127.0.0.1:8000", "192.168.0.7", "[::1]:8000", "[fe80::1]"})
        EXPECT_EQ(refused_with(no_token, "GET", {{"host", host}}), 0) << host;
    for (const auto* host : {"", "evil.example", "evil.example:8000", "localhost.evil.example",
                             "127.0.0.1.evil.example", "notlocalhost", "[", "[]", "127.0.0.1@evil.example"})
        EXPECT_EQ(refused_with(no_token, "GET", {{"host", host}}), 403) << host;
    EXPECT_EQ(refused_with(no_token, "GET", {}), 403);
}

TEST(simulator_access, takes_the_allowed_host_too) {
    const std::string ours = "demo.loja.example";
    EXPECT_EQ(refused_with(no_token, "GET", {{"host", "Demo.Loja.Example:8443"}}, ours), 0);
    EXPECT_EQ(refused_with(no_token, "GET", {{"host", "x.demo.loja.example"}}, ours), 403);
}

TEST(simulator_access, takes_the_admin_token_as_bearer_or_basic_password) {
    const auto get = [](std::string authorization) {
        return refused_with(token, "GET",
                            {{"host", "any.example"}, {"authorization", std::move(authorization)}});
    };
    EXPECT_EQ(get("Bearer s3nha:forte"), 0);
    EXPECT_EQ(get("bearer s3nha:forte"), 0);
    EXPECT_EQ(get("Basic ZG9ubzpzM25oYTpmb3J0ZQ=="), 0); // dono:s3nha:forte
    EXPECT_EQ(get("Basic OnMzbmhhOmZvcnRl"), 0);         // :s3nha:forte
    EXPECT_EQ(get("Basic czNuaGE6Zm9ydGU="), 401);       // s3nha:forte, that is user s3nha
    EXPECT_EQ(get("Basic ZG9ubzplcnJhZGE="), 401);       // dono:errada
    for (const auto* wrong : {"", "Bearer", "Bearer ", "Bearer s3nha", "Bearer s3nha:forte ", "s3nha:forte",
                              "Basic", "Basic ====", "Basic ZG9u", "Basic !!!!", "Digest s3nha:forte"})
        EXPECT_EQ(get(wrong), 401) << wrong;
}

TEST(simulator_access, takes_the_token_from_the_addresses_of_the_list_only) {
    token_gate gate(token, this_machine), open(no_token, this_machine);
    const headers right{{"host", "localhost"}, {"authorization", "Bearer s3nha:forte"}};
    const auto refused = access_refusal({gate, ""}, request_with("GET", right, "192.168.0.7"), start);
    ASSERT_EQ(status_of(refused), 403);
    EXPECT_NE(refused->body.find("ADMIN_ALLOW does not name the address 192.168.0.7"), std::string::npos);
    EXPECT_EQ(status_of(access_refusal({gate, ""}, request_with("GET", right), start)), 0);
    EXPECT_EQ(status_of(access_refusal({open, ""}, request_with("GET", right, "192.168.0.7"), start)), 0)
        << "the list is about the token";
}

TEST(simulator_access, is_tired_of_a_peer_after_ten_wrong_tokens) {
    token_gate gate(token, this_machine);
    const auto get = [&gate](headers with, std::string peer = "127.0.0.1") {
        return status_of(
            access_refusal({gate, ""}, request_with("GET", std::move(with), std::move(peer)), start));
    };
    for (int i = 0; i < 20; ++i)
        EXPECT_EQ(get({}), 401) << "a browser that asks for the password guesses nothing";
    for (int i = 0; i < 10; ++i) EXPECT_EQ(get({{"authorization", "Bearer " + std::to_string(i)}}), 401);
    EXPECT_EQ(get({{"authorization", "Bearer s3nha:forte"}}), 429);
    EXPECT_EQ(get({{"authorization", "Bearer s3nha:forte"}}, "127.0.0.2"), 0) << "others may";
}

TEST(simulator_access, makes_a_browser_ask_for_the_token) {
    token_gate gate(token, this_machine);
    const auto refusal = access_refusal({gate, ""}, request_with("GET", {}), start);
    ASSERT_TRUE(refusal);
    bool asks = false;
    for (const auto& [name, value] : refusal->headers)
        asks = asks || (name == "WWW-Authenticate" && value.starts_with("Basic realm="));
    EXPECT_TRUE(asks);
    EXPECT_EQ(refusal->body.find("s3nha"), std::string::npos);
}

TEST(simulator_access, refuses_posts_that_another_site_caused) {
    const auto post = [](headers more) {
        more.emplace_back("host", "localhost:8000");
        return refused_with(no_token, "POST", std::move(more));
    };
    EXPECT_EQ(post({}), 0); // a program, not a browser
    EXPECT_EQ(post({{"sec-fetch-site", "same-origin"}, {"origin", "http://localhost:8000"}}), 0);
    EXPECT_EQ(post({{"sec-fetch-site", "none"}}), 0);
    EXPECT_EQ(post({{"sec-fetch-site", "cross-site"}}), 403);
    EXPECT_EQ(post({{"sec-fetch-site", "same-site"}}), 403);
    EXPECT_EQ(post({{"origin", "http://evil.example"}}), 403);
    EXPECT_EQ(post({{"origin", "http://localhost:9000"}}), 403);
    EXPECT_EQ(post({{"origin", "null"}}), 403);
}

TEST(simulator_access, guards_posts_behind_a_token_against_other_sites_too) {
    EXPECT_EQ(refused_with(token, "POST",
                           {{"host", "a.example"},
                            {"authorization", "Bearer s3nha:forte"},
                            {"sec-fetch-site", "cross-site"}}),
              403);
}

} // namespace
} // namespace atende
