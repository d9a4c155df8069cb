// A connection to a server that plays by the rules, and to those that do not.
#include "mcp_connection_fixture.hpp"

#include <gmock/gmock.h>

namespace atende::test {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

TEST_F(McpConnection, ShakesHandsWithALegacyServer) {
    allow(tools[0]);
    connect();
    EXPECT_EQ(call(), "SUCESSO: order 7");
    EXPECT_THAT(server().methods(), ElementsAre("server/discover", "initialize", "notifications/initialized",
                                                "tools/list", "tools/call"));
    EXPECT_EQ(server().last("initialize")->at("/params/protocolVersion"_json_pointer), "2025-11-25");
    EXPECT_EQ(server().last("initialize")->at("/params/capabilities"_json_pointer), json::object());
    EXPECT_FALSE(server().last("tools/list")->at("params").contains("_meta"));
}

TEST_F(McpConnection, SpeaksWithoutAHandshakeToAModernServer) {
    allow(tools[0]);
    prepare = [this](fake_mcp_server& server) { modern(server); };
    connect();
    EXPECT_EQ(call(), "SUCESSO: order 7");
    EXPECT_THAT(server().methods(),
                ElementsAre("server/discover", "subscriptions/listen", "tools/list", "tools/call"));
    for (const auto& message : server().heard) {
        const auto& meta = message.at("/params/_meta"_json_pointer);
        EXPECT_EQ(meta.at("io.modelcontextprotocol/protocolVersion"), "2026-07-28") << message;
        EXPECT_EQ(meta.at("io.modelcontextprotocol/clientCapabilities"), json::object()) << message;
        EXPECT_EQ(meta.at("io.modelcontextprotocol/clientInfo").at("name"), "atende") << message;
    }
}

TEST_F(McpConnection, GivesTheOperationButNotTheCustomerAlong) {
    allow(tools[0]);
    connect();
    call();
    const auto first = server().last("tools/call")->at("/params/_meta/atende~1operationId"_json_pointer);
    EXPECT_THAT(first.get<std::string>(), AllOf(testing::SizeIs(32), Not(HasSubstr("ig:"))));
    call();
    EXPECT_EQ(server().last("tools/call")->at("/params/_meta/atende~1operationId"_json_pointer), first);
}

TEST_F(McpConnection, DoesNotRepeatAnEffectThatWasInterrupted) {
    tools.push_back(tool_named("look"));
    allow(tools[0], true);
    allow(tools[1], false);
    connect();
    const tool_context again{.conversation = {}, .operation_id = "op", .again = true};
    const auto writes = offered("find");
    const auto reads = offered("look");
    EXPECT_THAT(loop.await(writes->call({{"id", "7"}}, again)), HasSubstr("não se sabe se foi feito"));
    EXPECT_EQ(server().count("tools/call"), 0);
    EXPECT_EQ(loop.await(reads->call({{"id", "7"}}, again)), "SUCESSO: order 7") << "nothing is changed";
}

TEST_F(McpConnection, StartsALegacyServerAgainThatEndedAtTheProbe) {
    allow(tools[0]);
    prepare = [this](fake_mcp_server& server) {
        legacy(server);
        server.answers["server/discover"] = [&server](const json&) {
            server.crash();
            return json();
        };
    };
    connect();
    EXPECT_EQ(servers.size(), 2U);
    EXPECT_THAT(server().methods(), ElementsAre("initialize", "notifications/initialized", "tools/list"));
}

TEST_F(McpConnection, AsksAgainForTheEraOfAServerThatWasStillStarting) {
    allow(tools[0]);
    prepare = [this](fake_mcp_server& server) {
        modern(server);
        server.answers["server/discover"] = [&server,
                                             later = server.answers["server/discover"]](const json& params) {
            if (server.count("server/discover") < 2) return json({{"odd", true}});
            return later(params);
        };
    };
    connect();
    EXPECT_EQ(call(), "SUCESSO: order 7");
    EXPECT_EQ(server().count("initialize"), 1);
}

TEST_F(McpConnection, DoesNotShakeHandsOnAVersionItDoesNotSpeak) {
    allow(tools[0]);
    prepare = [this](fake_mcp_server& server) {
        legacy(server);
        server.answers["initialize"] = [](const json&) { return json{{"protocolVersion", "1999-01-01"}}; };
    };
    begin();
    ASSERT_TRUE(loop.until([&] { return servers.size() > 2; })) << "it tries again";
    EXPECT_THAT(connection->offered(), IsEmpty());
    EXPECT_EQ(servers[0]->count("notifications/initialized"), 0);
    EXPECT_TRUE(servers[0]->ended);
}

TEST_F(McpConnection, ReadsPastLinesThatAreNoMessages) {
    allow(tools[0]);
    prepare = [this](fake_mcp_server& server) {
        legacy(server);
        server.say_line("Server running on stdio \x1B[31m!");
        server.say_line("{\"jsonrpc\":\"2.0\",\"id\":");
        server.say(
            {{"jsonrpc", "2.0"}, {"method", "notifications/tools/list_changed"}}); // before the handshake
    };
    connect();
    server().say_line("still logging");
    EXPECT_EQ(call(), "SUCESSO: order 7");
    EXPECT_EQ(servers.size(), 1U);
}

TEST_F(McpConnection, LeavesAServerThatWritesNothingElse) {
    allow(tools[0]);
    connect();
    for (int i = 0; i < 1'000; ++i) server().say_line("noise");
    EXPECT_TRUE(loop.until([&] { return servers.size() > 1; }));
}

TEST_F(McpConnection, MatchesAnswersByTheirId) {
    allow(tools[0]);
    connect();
    std::vector<json> ids;
    server().answers["tools/call"] = [](const json&) { return json(); };
    const auto one = start_call(offered());
    const auto two = start_call(offered());
    ASSERT_TRUE(loop.until([&] { return server().count("tools/call") == 2; }));
    for (const auto& message : server().heard) {
        if (message.value("method", "") == "tools/call") ids.push_back(message.at("id"));
    }
    ASSERT_NE(ids[0], ids[1]);
    const auto answer = [&](const json& id, const std::string& text) {
        server().say({{"jsonrpc", "2.0"}, {"id", id}, {"result", text_result(text)}});
    };
    answer(9'999, "nobody's");
    answer(std::to_string(ids[0].get<int>()), "a text for an id");
    answer(ids[1], "second");
    answer(ids[0], "first");
    answer(ids[0], "first, once more");
    ASSERT_TRUE(loop.until([&] { return one->has_value() && two->has_value(); }));
    EXPECT_EQ(**one, "SUCESSO: first");
    EXPECT_EQ(**two, "SUCESSO: second");
}

TEST_F(McpConnection, CallsOffWhatTakesTooLongAndIgnoresTheLateAnswer) {
    allow(tools[0]);
    spec.timeout = std::chrono::seconds(0); // over at once
    connect();
    server().answers["tools/call"] = [](const json&) { return json(); };
    EXPECT_THAT(call(), HasSubstr("não se sabe se foi feito"));
    ASSERT_TRUE(loop.until([&] { return server().count("notifications/cancelled") == 1; }));
    const auto id = server().last("tools/call")->at("id");
    EXPECT_EQ(server().last("notifications/cancelled")->at("/params/requestId"_json_pointer), id);
    server().say({{"jsonrpc", "2.0"}, {"id", id}, {"result", text_result("late")}});
    ASSERT_TRUE(loop.until([&] { return server().count("tools/list") > 1; }))
        << "it has to show that it is alive";
    EXPECT_EQ(servers.size(), 1U) << "and it did";
}

TEST_F(McpConnection, AServerThatAnswersNothingAnyMoreIsStartedAgain) {
    allow(tools[0]);
    spec.timeout = std::chrono::seconds(0);
    pace.list_timeout = milliseconds(30);
    connect();
    server().answers["tools/call"] = [](const json&) { return json(); };
    server().answers["tools/list"] = [](const json&) { return json(); };
    call();
    ASSERT_TRUE(loop.until([&] { return servers.size() > 1; }));
    EXPECT_TRUE(loop.until([&] { return servers[0]->ended; }));
}

TEST_F(McpConnection, TooLargeAnAnswerIsAnError) {
    allow(tools[0], false);
    connect();
    server().answers["tools/call"] = [](const json&) { return text_result(std::string(2 << 20, 'x')); };
    EXPECT_THAT(call(), StartsWith("ERRO: a resposta de crm é grande demais"));
    server().answers["tools/call"] = [](const json&) { return text_result("small"); };
    EXPECT_EQ(call(), "SUCESSO: small");
    EXPECT_EQ(servers.size(), 1U);
}

TEST_F(McpConnection, RefusesWhatALegacyServerAsks) {
    allow(tools[0]);
    connect();
    server().say({{"jsonrpc", "2.0"}, {"id", "a"}, {"method", "ping"}});
    server().say(
        {{"jsonrpc", "2.0"}, {"id", "b"}, {"method", "sampling/createMessage"}, {"params", json::object()}});
    server().say({{"jsonrpc", "2.0"}, {"id", "c"}, {"method", "roots/list"}});
    ASSERT_TRUE(loop.until([&] { return server().count("(answer)") == 3; }));
    const auto answer = [&](std::size_t from_end) {
        return server().heard.at(server().heard.size() - from_end);
    };
    EXPECT_EQ(answer(3), json::parse(R"({"jsonrpc":"2.0","id":"a","result":{}})"));
    EXPECT_EQ(answer(2).at("/error/code"_json_pointer), -32601);
    EXPECT_EQ(answer(1).at("/error/code"_json_pointer), -32601);
}

TEST_F(McpConnection, AModernServerMayNotAskAtAll) {
    allow(tools[0]);
    prepare = [this](fake_mcp_server& server) { modern(server); };
    connect();
    server().say({{"jsonrpc", "2.0"}, {"id", "b"}, {"method", "roots/list"}});
    EXPECT_EQ(call(), "SUCESSO: order 7");
    EXPECT_EQ(server().count("(answer)"), 0);
}

TEST_F(McpConnection, WhatIsUnderWayWhenItCrashesIsUnknownAndItComesBack) {
    allow(tools[0]);
    connect();
    const auto tool = offered();
    server().answers["tools/call"] = [this](const json&) {
        server().crash();
        return json();
    };
    none_starts = true;
    EXPECT_THAT(call(), HasSubstr("não se sabe se foi feito"));
    EXPECT_THAT(loop.await(tool->call({{"id", "7"}}, {{}, "op"})), HasSubstr("fora do ar"));
    EXPECT_EQ(connection->offered().size(), 1U) << "it stays offered";
    none_starts = false;
    ASSERT_TRUE(loop.until([&] { return servers.size() > 1 && server().count("tools/list") > 0; }));
    ASSERT_TRUE(
        loop.until([&] { return loop.await(tool->call({{"id", "7"}}, {{}, "op"})) == "SUCESSO: order 7"; }));
    EXPECT_EQ(changes, 1);
}

TEST_F(McpConnection, ARefusalIsToldToTheModel) {
    allow(tools[0]);
    connect();
    server().answers.erase("tools/call");
    EXPECT_EQ(call(), "ERRO: crm recusou: Method not found");
    EXPECT_EQ(servers.size(), 1U);
}

TEST_F(McpConnection, StopEndsItEvenInTheMiddleOfAHandshake) {
    allow(tools[0]);
    prepare = [](fake_mcp_server& server) {
        server.answers["server/discover"] = [](const json&) { return json(); };
    };
    begin();
    ASSERT_TRUE(loop.until([&] { return !servers.empty() && server().count("server/discover") == 1; }));
    connection->stop();
    EXPECT_TRUE(loop.until([&] { return tasks.running() == 0; }));
    EXPECT_EQ(servers.size(), 1U);
    EXPECT_TRUE(loop.until([&] { return server().ended; }));
}

} // namespace
} // namespace atende::test
