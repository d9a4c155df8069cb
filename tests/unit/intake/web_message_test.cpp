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

TEST(RateLimit, AFloodOfStrangersRefusesNobodyAndCostsBoundedMemory) {
    rate_limit limit(2, 3);
    const std::chrono::steady_clock::time_point start{};
    for (const char* known : {"a", "b", "b", "c"}) EXPECT_TRUE(limit.allows(known, start));
    EXPECT_TRUE(limit.allows("c", start)) << "who is known goes on";
    EXPECT_TRUE(limit.allows("d", start)) << "who is new, too";
    EXPECT_FALSE(limit.allows("b", start)) << "the oldest alone was forgotten";
    EXPECT_FALSE(limit.allows("c", start));
    for (int i = 0; i < 2; ++i) EXPECT_TRUE(limit.allows("a", start)) << "it begins anew";
}

} // namespace
} // namespace atende
