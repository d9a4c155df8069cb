// Streamable HTTP in both eras, against servers that answer byte for byte as a test says.
#include "agent/mcp/http_transport.hpp"
#include "agent/mcp/mcp_tool.hpp"
#include "support/event_loop.hpp"
#include "support/raw_peer.hpp"

#include <gmock/gmock.h>

#include <atende/agent/mcp_client.hpp>
#include <atende/agent/profile.hpp>
#include <atende/platform/scope_exit.hpp>
#include <atende/platform/text.hpp>

namespace atende {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using test::raw_peer;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

struct http_request {
    std::string method; // POST, DELETE
    std::map<std::string, std::string> headers;
    json body;
};

struct http_reply {
    int status = 200;
    std::string body;
    std::string type = "application/json";
    std::string more = {}; // header lines

    [[nodiscard]] std::string bytes() const {
        return "HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Type: " + type + "\r\n" + more +
               "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    }
};

// Nothing until the request is whole.
std::optional<http_request> take_request(std::string& received) {
    const auto end = received.find("\r\n\r\n");
    if (end == std::string::npos) return std::nullopt;
    http_request request;
    std::istringstream lines(received.substr(0, end));
    std::string line;
    std::getline(lines, line);
    request.method = line.substr(0, line.find(' '));
    while (std::getline(lines, line)) {
        const auto colon = line.find(':');
        request.headers[lower_case(line.substr(0, colon))] = trimmed(line.substr(colon + 1));
    }
    const auto length = static_cast<std::size_t>(std::stoi(request.headers["content-length"] + "0") / 10);
    if (received.size() < end + 4 + length) return std::nullopt;
    request.body = json::parse(received.substr(end + 4, length), nullptr, false);
    received.erase(0, end + 4 + length);
    return request;
}

json find_tool() {
    return {
        {"name", "find"},
        {"description", "Finds an order"},
        {"inputSchema",
         {{"type", "object"}, {"properties", {{"id", {{"type", "string"}, {"x-mcp-header", "Order"}}}}}}}};
}

std::string result_of(const http_request& request, const json& result) {
    return json{{"jsonrpc", "2.0"}, {"id", request.body.at("id")}, {"result", result}}.dump();
}
std::string error_of(const http_request& request, int code, const json& data = {}) {
    return json{{"jsonrpc", "2.0"},
                {"id", request.body.value("id", json())},
                {"error", {{"code", code}, {"message", "no"}, {"data", data}}}}
        .dump();
}

class McpHttp : public testing::Test {
protected:
    test::event_loop loop;
    task_group tasks{loop.executor()};
    std::unique_ptr<http_client> client = make_curl_client(loop.executor(), "atende/test");
    std::vector<http_request> heard;
    std::function<http_reply(const http_request&)> answer;
    test::raw_server server{loop.executor(), [this](raw_peer& peer) {
                                while (const auto request = take_request(peer.received)) {
                                    heard.push_back(*request);
                                    peer.send(answer(*request).bytes());
                                }
                            }};
    mcp_server_spec spec{
        .name = "crm", .url = server.url("/mcp"), .timeout = std::chrono::seconds(5), .tools = {}};
    mcp_pace pace{.first_wait = milliseconds(5), .longest_wait = milliseconds(40)};
    std::shared_ptr<mcp_connection> connection;

    void TearDown() override {
        answer = [](const http_request&) { return http_reply(); }; // what a test answered with is gone
        if (connection) connection->stop();
        loop.await(tasks.finish(std::chrono::seconds(5)));
        server.stop_accepting();
        for (const auto& peer : server.peers) peer->close();
    }

    void allow() {
        const auto definition = read_tool_definition(find_tool());
        spec.tools = {{.name = "find", .pin = definition->pin, .effect = {}}};
    }
    void begin() {
        allow();
        const auto connect = [this](notification_sink notified) -> result<std::shared_ptr<mcp_transport>> {
            return make_http_transport("crm", tasks, *client, spec.url, {{"Authorization", "Bearer canary"}},
                                       std::move(notified));
        };
        connection = std::make_shared<mcp_connection>(loop.executor(), spec, connect, [] {}, pace);
        tasks.start("connection", mcp_connection::run(connection));
    }
    void connect() {
        begin();
        ASSERT_TRUE(loop.until([&] { return !connection->offered().empty(); })) << "no tool was ever offered";
    }
    std::string call(const std::string& id = "7") {
        return loop.await(
            make_mcp_tool(connection, connection->offered().at("find"))->call({{"id", id}}, {{}, "op"}));
    }
    [[nodiscard]] std::vector<std::string> methods() const {
        std::vector<std::string> all;
        for (const auto& request : heard)
            all.push_back(request.body.is_object() ? request.body.value("method", "") : request.method);
        return all;
    }

    static http_reply modern(const http_request& request) {
        const auto method = request.body.at("method");
        if (method == "server/discover")
            return {.body = result_of(request,
                                      {{"supportedVersions", {"2026-07-28"}}, {"resultType", "complete"}})};
        return common(request);
    }
    // With a session, as servers of the legacy era have it.
    static http_reply legacy(const http_request& request, const std::string& session = "s-1") {
        if (request.method == "DELETE") return {.status = 200, .body = {}};
        const auto method = request.body.at("method");
        if (method == "server/discover") return {.status = 400, .body = error_of(request, -32000)};
        if (method == "initialize") {
            return {.body = result_of(request, {{"protocolVersion", "2025-06-18"}}),
                    .more = "Mcp-Session-Id: " + session + "\r\n"};
        }
        const auto given = request.headers.find("mcp-session-id");
        if (given == request.headers.end() || given->second != session)
            return {.status = 404, .body = error_of(request, -32001)};
        return common(request);
    }
    static http_reply common(const http_request& request) {
        const auto method = request.body.at("method").get<std::string>();
        if (method.starts_with("notifications/")) return {.status = 202, .body = {}};
        if (method == "tools/list") return {.body = result_of(request, {{"tools", {find_tool()}}})};
        const json text{
            {"type", "text"},
            {"text", "order " + request.body.at("/params/arguments/id"_json_pointer).get<std::string>()}};
        return {.body = result_of(request, {{"content", {text}}})};
    }
};

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

TEST_F(McpHttp, ATurnKeepsTheServersItBeganWith) {
    answer = [](const http_request& request) { return legacy(request); };
    allow();
    mcp_servers servers(loop.executor(), *client, {}, [] {});
    const scope_exit ended([&] { loop.await(servers.stop()); });
    servers.use({spec});
    ASSERT_TRUE(loop.until([&] { return !servers.tools().empty(); }));
    auto of_a_turn = servers.tools();
    spec.timeout += std::chrono::seconds(1);
    servers.use({spec});
    ASSERT_TRUE(loop.until([&] { return !servers.tools().empty(); })) << "the others have the new one";
    EXPECT_EQ(loop.await(of_a_turn.at(0)->call({{"id", "7"}}, {{}, "op"})), "SUCESSO: order 7");
    EXPECT_THAT(methods(), Not(Contains("DELETE")));
    of_a_turn.clear();
    EXPECT_TRUE(loop.until([&] { return methods().back() == "DELETE"; })) << "the turn is over";
}

TEST_F(McpHttp, AServerWhoseLineInTheProfileMovedIsTheSame) {
    answer = modern;
    allow();
    int changes = 0;
    mcp_servers servers(loop.executor(), *client, {}, [&] { ++changes; });
    const scope_exit ended([&] { loop.await(servers.stop()); });
    servers.use({spec});
    ASSERT_TRUE(loop.until([&] { return !servers.tools().empty(); }));
    const int before = changes;
    spec.url_line += 1;
    servers.use({spec});
    EXPECT_EQ(changes, before);
    EXPECT_THAT(servers.tools(), Not(IsEmpty())) << "it is still connected";
}

TEST_F(McpHttp, TheEndIsAlsoThatOfServersThatOnlyATurnHolds) {
    answer = [](const http_request& request) { return legacy(request); };
    allow();
    mcp_servers servers(loop.executor(), *client, {}, [] {});
    servers.use({spec});
    EXPECT_TRUE(loop.until([&] { return !servers.tools().empty(); }));
    const auto of_a_turn = servers.tools();
    servers.use({});
    EXPECT_THAT(servers.tools(), IsEmpty());
    loop.await(servers.stop());
    EXPECT_EQ(methods().back(), "DELETE");
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

TEST_F(McpHttp, IsToldAVariableByTlsOnlyUnlessItsHostIsListed) {
    answer = modern;
    spec.url_line = 12;
    spec.headers = {{"Authorization", "Bearer ${CRM_TOKEN}"}};
    mcp_surroundings around{.environment = {{"CRM_TOKEN", "canary-51f0"}}, .allowed_hosts = {}};
    const auto inspect = [&] { return loop.await(inspect_mcp_server(spec, around, *client)); };
    const auto problems = [&] {
        std::vector<std::string> lines;
        for (const auto& each : mcp_address_problems({spec}, around.allowed_hosts))
            lines.push_back(text_of(each, language::portuguese));
        return lines;
    };
    const auto refused = inspect();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::invalid_input);
    EXPECT_THAT(refused.error().detail, HasSubstr("127.0.0.1 among TOOL_ALLOWED_HOSTS"));
    EXPECT_THAT(heard, IsEmpty());
    EXPECT_THAT(problems(),
                ElementsAre("profile.yaml:12: mcp crm: url: espera https:// porque headers leva uma "
                            "variável, ou 127.0.0.1 entre os TOOL_ALLOWED_HOSTS"));
    around.allowed_hosts = *host_list::parse("127.0.0.1");
    ASSERT_TRUE(inspect());
    EXPECT_EQ(heard.back().headers.at("authorization"), "Bearer canary-51f0");
    EXPECT_THAT(problems(), IsEmpty());
    around.allowed_hosts = {};
    spec.headers = {{"X-Shop", "12"}};
    EXPECT_TRUE(inspect()) << "that is no secret";
    EXPECT_THAT(problems(), IsEmpty());
    spec.headers = {{"Authorization", "Bearer ${CRM_TOKEN}"}};
    spec.url = "https://crm.example/mcp";
    EXPECT_THAT(problems(), IsEmpty());
}

TEST_F(McpHttp, IsAskedNothingWhileAVariableIsMissing) {
    spec.headers = {{"X-A", "${INSTAGRAM_ACCESS_TOKEN}"}};
    const auto seen = loop.await(inspect_mcp_server(
        spec, {.environment = {}, .allowed_hosts = *host_list::parse("127.0.0.1")}, *client));
    ASSERT_FALSE(seen);
    EXPECT_THAT(seen.error().detail,
                HasSubstr("INSTAGRAM_ACCESS_TOKEN is not set, or is one of Atende's own"));
    EXPECT_THAT(heard, IsEmpty());
}

} // namespace
} // namespace atende
