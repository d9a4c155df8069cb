// What a service's answer must not show the model.
#include "declared_tool_fixture.hpp"

#include <gmock/gmock.h>

namespace atende::test {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;

TEST_F(DeclaredTool, ShowsTheModelNoSecret) {
    http.steps = {answers(400, R"({"erro":"bad header token-canary-51f0"})")};
    const auto told = call("url: '{{env.API_URL}}/a'\nheaders: {Authorization: 'Bearer {{env.API_TOKEN}}'}\n"
                           "values: {erro: /erro}\nanswers: [{status: 4xx, error: '{{erro}}'}]");
    EXPECT_THAT(http.made.front().headers, Contains(Pair("Authorization", "Bearer token-canary-51f0")));
    EXPECT_EQ(told, "ERRO: bad header ***");
}

TEST_F(DeclaredTool, KnowsASecretInEveryDisguise) {
    const std::string yaml =
        "url: '{{env.API_URL}}/a'\nheaders: {Authorization: '{{env.API_TOKEN}}', X-Shop: '{{env.SHOP}}'}\n"
        "values: {tudo: ''}\nanswers: [{status: 4xx, error: '{{tudo}}'}]";
    environment["SHOP"] = "recife";
    const auto told = [&](const std::string& token, std::string body) {
        environment["API_TOKEN"] = token;
        http.steps = {answers(400, std::move(body))};
        return call(yaml);
    };
    EXPECT_EQ(told("ab+c/d=51f0x", "GET /?key=ab%2Bc%2Fd%3D51f0x&k=ab+c/d=51f0x"),
              "ERRO: GET /?key=***&k=***");
    EXPECT_EQ(told("s3nha+", "s3nha+ s3nha%2B de recife"), "ERRO: *** *** de recife") << "short, but a token";
    EXPECT_EQ(told("on", "on"), "ERRO: on") << "that short it is none";
    EXPECT_EQ(told("token-canary-51f0", "token-can\u200Bary-51f0"), "ERRO: ***");
    const auto cut = told("token-canary-51f0", std::string(3'990, 'x') + "token-canary-51f0");
    EXPECT_THAT(cut, AllOf(HasSubstr("x***"), Not(HasSubstr("token"))));
}

TEST_F(DeclaredTool, TheAddressOfAHostIsNoSecret) {
    const auto told = [&](const std::string& url, std::string body) {
        environment["API_URL"] = url;
        http.steps = {answers(200, std::move(body))};
        return call("url: '{{env.API_URL}}/a'\nvalues: {link: /link}\nanswers: [{success: '{{link}}'}]");
    };
    EXPECT_EQ(told("https://loja.example", R"({"link":"https://loja.example/moto/7"})"),
              "SUCESSO: https://loja.example/moto/7");
    EXPECT_EQ(told("https://hooks.example/T0/xyz", R"({"link":"https://hooks.example/T0/xyz/a"})"),
              "SUCESSO: ***/a");
}

TEST_F(DeclaredTool, ShowsTheModelNothingThatPeopleDoNotSee) {
    http.steps = {answers(200, "{\"nome\":\"a\u202Eb\u200Bc\U000E0041\\u001b[31m\\nção\"}"),
                  answers(200, "a\u202Eb\x1B")};
    EXPECT_EQ(call("url: https://a.example/\nvalues: {nome: /nome}\nanswers: [{success: '{{nome}}'}]"),
              "SUCESSO: abc[31m\nção");
    EXPECT_EQ(call("url: https://a.example/\nvalues: {tudo: ''}\nanswers: [{success: '{{tudo}}'}]"),
              "SUCESSO: ab");
}

} // namespace
} // namespace atende::test
