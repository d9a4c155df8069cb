// What a page may post to the web chat, and how often.
#include "intake/rate_limit.hpp"
#include "intake/web_message.hpp"

#include <gtest/gtest.h>

#include <atende/intake/web_chat.hpp>

namespace atende {
namespace {

using namespace std::chrono_literals;

int status_of(const std::string& body) {
    const auto read = read_web_message(body, 10);
    return read ? 200 : read.error().status;
}

TEST(WebMessage, IsATextWithWhatThePageKnows) {
    const auto read =
        read_web_message(R"({"message":"oi é","session_id":"aB-_9","message_id":"m1","x":1})", 10);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->text, "oi é");
    EXPECT_EQ(read->session, "aB-_9");
    EXPECT_EQ(read->id, "m1");
    EXPECT_TRUE(read_web_message(R"({"message":"oi","session_id":null})", 10)->session.empty());
}

TEST(WebMessage, SaysWhichFieldIsWrong) {
    for (const char* body :
         {"", "[]", "{", "{}", R"({"message":""})", R"({"message":" \n"})", R"({"message":5})",
          R"({"message":"oi","session_id":7})", R"({"message":"oi","session_id":"a:b"})",
          R"({"message":"oi","message_id":"a b"})", "{\"message\":\"ol\xC3\"}"})
        EXPECT_EQ(status_of(body), 400) << body;
    EXPECT_EQ(status_of(R"({"message":"éééééééééé"})"), 200) << "characters, not bytes";
    EXPECT_EQ(status_of(R"({"message":"12345678901"})"), 413);
    EXPECT_EQ(status_of(R"({"message":"oi","session_id":")" + std::string(65, 'a') + "\"}"), 400);
    EXPECT_NE(read_web_message("{}", 10).error().body.find("message"), std::string::npos);
}

TEST(WebSite, IsTheHostOfTheFirstOrigin) {
    EXPECT_EQ(web_site_of({"https://loja.example", "https://www.loja.example"}).value, "loja.example");
    EXPECT_EQ(web_site_of({"http://localhost:3000"}).value, "localhost");
    EXPECT_EQ(web_site_of({"http://[::1]:3000"}).value, "---1-")
        << "a conversation's name has colons of its own";
}

TEST(RateLimit, CountsEachAloneAndForgetsAfterAMinute) {
    rate_limit limit(2);
    const std::chrono::steady_clock::time_point start{};
    EXPECT_TRUE(limit.allows("a", start));
    EXPECT_TRUE(limit.allows("a", start + 30s));
    EXPECT_FALSE(limit.allows("a", start + 59s));
    EXPECT_TRUE(limit.allows("b", start + 59s));
    EXPECT_TRUE(limit.allows("a", start + 60s));
}

TEST(RateLimit, AFloodOfStrangersCostsBoundedMemory) {
    rate_limit limit(1);
    const std::chrono::steady_clock::time_point start{};
    int allowed = 0;
    for (int i = 0; i < 20'000; ++i) allowed += limit.allows(std::to_string(i), start) ? 1 : 0;
    EXPECT_EQ(allowed, 10'000);
    EXPECT_TRUE(limit.allows("later", start + 61s));
}

} // namespace
} // namespace atende
