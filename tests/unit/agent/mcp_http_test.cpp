// Streamable HTTP in both eras, against servers that answer byte for byte as a test says.
#include "mcp_http_fixture.hpp"

#include <gmock/gmock.h>

namespace atende::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

TEST_F(McpHttp, SaysInHeadersWhatAModernRequestIs) {
    answer = modern;
    connect();
    EXPECT_EQ(call("ção"), "SUCESSO: order ção");
    EXPECT_THAT(methods(), ElementsAre("server/discover", "tools/list", "tools/call"));
    for (const auto& request : heard) {
        EXPECT_EQ(request.headers.at("mcp-protocol-version"), "2026-07-28");
        EXPECT_EQ(request.body.at("/params/_meta/io.modelcontextprotocol~1protocolVersion"_json_pointer),
                  "2026-07-28");
        EXPECT_EQ(json(request.headers.at("mcp-method")), request.body.at("method"));
        EXPECT_EQ(request.headers.at("accept"), "application/json, text/event-stream");
        EXPECT_EQ(request.headers.at("authorization"), "Bearer canary");
        EXPECT_FALSE(request.headers.contains("mcp-session-id"));
    }
    EXPECT_EQ(heard.back().headers.at("mcp-name"), "find");
    EXPECT_EQ(heard.back().headers.at("mcp-param-order"), "=?base64?w6fDo28=?=");
}

TEST_F(McpHttp, ShakesHandsWithALegacyServerAndKeepsItsSession) {
    answer = [](const http_request& request) { return legacy(request); };
    connect();
    EXPECT_EQ(call(), "SUCESSO: order 7");
    EXPECT_THAT(methods(), ElementsAre("server/discover", "initialize", "notifications/initialized",
                                       "tools/list", "tools/call"));
    EXPECT_FALSE(heard[1].headers.contains("mcp-protocol-version"));
    for (std::size_t i = 2; i < heard.size(); ++i) {
        EXPECT_EQ(heard[i].headers.at("mcp-session-id"), "s-1");
        EXPECT_EQ(heard[i].headers.at("mcp-protocol-version"), "2025-06-18");
        EXPECT_FALSE(heard[i].headers.contains("mcp-method"));
    }
    connection->stop();
    ASSERT_TRUE(loop.until([&] { return tasks.running() == 0; }));
    EXPECT_EQ(methods().back(), "DELETE") << "the session is given back";
    EXPECT_EQ(heard.back().headers.at("mcp-session-id"), "s-1");
}

TEST_F(McpHttp, TakesEveryRefusalOfTheProbeForALegacyServer) {
    const std::vector<http_reply> refusals{
        {.status = 400, .body = ""},
        {.status = 404, .body = "<html>", .type = "text/html"},
        {.status = 405, .body = "no"},
        {.status = 406, .body = "no"},
        {.status = 500, .body = "crash"},
        {.status = 200, .body = "{}"},
        {.status = 307, .body = "", .more = "Location: http://127.0.0.1:1/\r\n"}};
    std::size_t which = 0;
    answer = [&](const http_request& request) {
        if (request.body.is_object() && request.body.value("method", "") == "server/discover")
            return refusals.at(which);
        return legacy(request);
    };
    for (; which < refusals.size(); ++which) {
        connect();
        EXPECT_EQ(call(), "SUCESSO: order 7") << which;
        connection->stop();
        ASSERT_TRUE(loop.until([&] { return tasks.running() == 0; }));
    }
}

TEST_F(McpHttp, DoesNotShakeHandsWithAModernServerThatRefuses) {
    answer = [](const http_request& request) {
        return http_reply{.status = 400, .body = error_of(request, -32022, {{"supported", {"2030-01-01"}}})};
    };
    begin();
    ASSERT_TRUE(loop.until([&] { return heard.size() >= 2; }));
    EXPECT_THAT(methods(), testing::Each("server/discover"));
    EXPECT_THAT(connection->offered(), IsEmpty());
}

TEST_F(McpHttp, ReadsAnAnswerFromAStreamOfEvents) {
    answer = [](const http_request& request) {
        auto reply = modern(request);
        reply.body =
            ": hello\n\nevent: message\ndata: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\"}\n\n"
            "data: {\"jsonrpc\":\"2.0\",\"id\":99999,\"result\":{}}\n\nid: 4\ndata: " +
            reply.body + "\n\n";
        reply.type = "text/event-stream; charset=utf-8";
        return reply;
    };
    connect();
    EXPECT_EQ(call(), "SUCESSO: order 7");
}

TEST_F(McpHttp, AStreamThatBreaksOffLeavesItUnknown) {
    answer = [](const http_request& request) {
        auto reply = modern(request);
        if (request.body.at("method") == "tools/call") {
            reply.type = "text/event-stream";
            reply.body =
                "data: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\"}\n\ndata: {\"jsonr";
        }
        return reply;
    };
    connect();
    EXPECT_THAT(call(), HasSubstr("não se sabe se foi feito"));
}

TEST_F(McpHttp, BeginsANewSessionAndRepeatsWhatTheOldOneRefused) {
    std::string session = "s-1";
    answer = [&](const http_request& request) { return legacy(request, session); };
    connect();
    session = "s-2"; // the server was started again
    EXPECT_EQ(call(), "SUCESSO: order 7");
    EXPECT_EQ(heard.back().headers.at("mcp-session-id"), "s-2");
}

TEST_F(McpHttp, DoesNotRepeatACallIfTheToolIsAnotherInTheNewSession) {
    std::string session = "s-1";
    answer = [&](const http_request& request) {
        auto reply = legacy(request, session);
        if (session == "s-2" && reply.body.contains("Finds an order"))
            reply.body.replace(reply.body.find("Finds an order"), 14, "Sells an order");
        return reply;
    };
    connect();
    session = "s-2";
    EXPECT_THAT(call(), StartsWith("ERRO:"));
    EXPECT_EQ(std::ranges::count(methods(), "tools/call"), 1) << "the one that the old session refused";
}

TEST_F(McpHttp, IsToldThatItsSecretIsWrong) {
    answer = [](const http_request&) { return http_reply{.status = 401, .body = "{}"}; };
    begin();
    ASSERT_TRUE(loop.until([&] { return heard.size() >= 3; })) << "it goes on trying";
    EXPECT_THAT(methods(), testing::Each("server/discover"));
}

TEST_F(McpHttp, WhatIsTooLargeIsAnError) {
    answer = [](const http_request& request) {
        auto reply = modern(request);
        if (request.body.at("method") == "tools/call") reply.body += std::string(2 << 20, ' ');
        return reply;
    };
    connect();
    EXPECT_THAT(call(), StartsWith("ERRO:"));
}

TEST_F(McpHttp, ACallIsNeverPutOnTheWireTwice) {
    answer = [](const http_request& request) {
        auto reply = modern(request);
        if (request.body.at("method") == "tools/call") reply = {.status = 502, .body = "bad gateway"};
        return reply;
    };
    connect();
    EXPECT_THAT(call(), HasSubstr("não se sabe se foi feito"));
    EXPECT_EQ(std::ranges::count(methods(), "tools/call"), 1);
}

TEST_F(McpHttp, ComesBackWhenTheServerDoes) {
    bool away = false;
    answer = [&](const http_request& request) {
        return away ? http_reply{.status = 503, .body = ""} : modern(request);
    };
    connect();
    const auto tool = make_mcp_tool(connection, connection->offered().at("find"));
    const auto say = [&] { return loop.await(tool->call({{"id", "7"}}, {{}, "op"})); };
    away = true;
    EXPECT_THAT(say(), HasSubstr("fora do ar"));
    EXPECT_THAT(say(), HasSubstr("fora do ar"));
    away = false;
    EXPECT_TRUE(loop.until([&] { return say() == "SUCESSO: order 7"; }));
}

} // namespace
} // namespace atende::test
