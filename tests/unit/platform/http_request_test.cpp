#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <atende/platform/http_client.hpp>
#include <atende/platform/http_server.hpp>

namespace atende {
namespace {

TEST(HttpRequest, QueryValuesAreDecoded) {
    http_request request;
    request.query = "hub.mode=subscribe&hub.verify_token=a%20b%2Bc+d&empty=&flag&x=1&x=2&n%C3%A3o=sim";
    EXPECT_EQ(request.query_value("hub.mode"), "subscribe");
    EXPECT_EQ(request.query_value("hub.verify_token"), "a b+c d");
    EXPECT_EQ(request.query_value("empty"), "");
    EXPECT_EQ(request.query_value("flag"), "");
    EXPECT_EQ(request.query_value("x"), "1");
    EXPECT_EQ(request.query_value("não"), "sim");
    EXPECT_EQ(request.query_value("mode"), "");
}

TEST(HttpRequest, BrokenPercentEscapesStayAsTheyAre) {
    http_request request;
    for (const std::string text : {"100%", "%4", "%zz", "%-1", "%1g"}) {
        request.query = "v=" + text;
        EXPECT_EQ(request.query_value("v"), text);
    }
}

TEST(HttpRequest, FirstHeaderOfAName) {
    http_request request;
    request.headers = {{"accept", "a"}, {"accept", "b"}};
    EXPECT_EQ(request.header("accept"), "a");
    EXPECT_EQ(request.header("Accept"), "") << "names are lower case";
    http_answer answer;
    answer.headers = {{"retry-after", "3"}};
    EXPECT_EQ(answer.header("retry-after"), "3");
    EXPECT_EQ(answer.header("date"), "");
}

TEST(HttpReply, ErrorsAreJsonWhateverTheMessage) {
    const http_reply reply = error_reply(415, "wanted \"json\"\n");
    EXPECT_EQ(reply.status, 415);
    EXPECT_EQ(reply.content_type, "application/json");
    EXPECT_EQ(nlohmann::json::parse(reply.body)["error"]["message"], "wanted \"json\"\n");
    EXPECT_EQ(text_reply(200, "olá").content_type, "text/plain; charset=utf-8");
}

} // namespace
} // namespace atende
