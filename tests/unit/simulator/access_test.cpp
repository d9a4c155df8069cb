#include "simulator/access.hpp"

#include <gtest/gtest.h>

namespace atende {
namespace {

using headers = std::vector<std::pair<std::string, std::string>>;

// The status a request is refused with; 0 if it passes.
int refused_with(const access_rules& rules, std::string method, headers with) {
    http_request request;
    request.method = std::move(method);
    request.headers = std::move(with);
    const auto refusal = access_refusal(rules, request);
    return refusal ? refusal->status : 0;
}

const access_rules open_here{.admin_token = "", .allowed_host = ""};
const access_rules with_token{.admin_token = "s3nha:forte", .allowed_host = ""};

TEST(simulator_access, without_a_token_wants_a_name_no_web_site_can_take) {
    for (const auto* host : {"localhost", "localhost:8000", "LOCALHOST", "shop.localhost:8000",
                             "127.0.0.1:8000", "192.168.0.7", "[::1]:8000", "[fe80::1]"})
        EXPECT_EQ(refused_with(open_here, "GET", {{"host", host}}), 0) << host;
    for (const auto* host : {"", "evil.example", "evil.example:8000", "localhost.evil.example",
                             "127.0.0.1.evil.example", "notlocalhost", "[", "[]", "127.0.0.1@evil.example"})
        EXPECT_EQ(refused_with(open_here, "GET", {{"host", host}}), 403) << host;
    EXPECT_EQ(refused_with(open_here, "GET", {}), 403);
}

TEST(simulator_access, takes_the_allowed_host_too) {
    const access_rules rules{.admin_token = "", .allowed_host = "demo.loja.example"};
    EXPECT_EQ(refused_with(rules, "GET", {{"host", "Demo.Loja.Example:8443"}}), 0);
    EXPECT_EQ(refused_with(rules, "GET", {{"host", "x.demo.loja.example"}}), 403);
}

TEST(simulator_access, takes_the_admin_token_as_bearer_or_basic_password) {
    const auto get = [](std::string authorization) {
        return refused_with(with_token, "GET",
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

TEST(simulator_access, makes_a_browser_ask_for_the_token) {
    http_request request;
    request.method = "GET";
    const auto refusal = access_refusal(with_token, request);
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
        return refused_with(open_here, "POST", std::move(more));
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
    EXPECT_EQ(refused_with(with_token, "POST",
                           {{"host", "a.example"},
                            {"authorization", "Bearer s3nha:forte"},
                            {"sec-fetch-site", "cross-site"}}),
              403);
}

} // namespace
} // namespace atende
