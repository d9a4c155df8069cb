// A server of Streamable HTTP that answers byte for byte as a test says.
#pragma once

#include "agent/mcp/http_transport.hpp"
#include "agent/mcp/mcp_tool.hpp"
#include "support/event_loop.hpp"
#include "support/raw_peer.hpp"

#include <gtest/gtest.h>

#include <atende/platform/text.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

namespace atende::test {

using nlohmann::json;
using std::chrono::milliseconds;

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
inline std::optional<http_request> take_request(std::string& received) {
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

inline json find_tool() {
    return {
        {"name", "find"},
        {"description", "Finds an order"},
        {"inputSchema",
         {{"type", "object"}, {"properties", {{"id", {{"type", "string"}, {"x-mcp-header", "Order"}}}}}}}};
}

inline std::string result_of(const http_request& request, const json& result) {
    return json{{"jsonrpc", "2.0"}, {"id", request.body.at("id")}, {"result", result}}.dump();
}
inline std::string error_of(const http_request& request, int code, const json& data = {}) {
    return json{{"jsonrpc", "2.0"},
                {"id", request.body.value("id", json())},
                {"error", {{"code", code}, {"message", "no"}, {"data", data}}}}
        .dump();
}

class McpHttp : public ::testing::Test {
protected:
    event_loop loop;
    task_group tasks{loop.executor()};
    std::unique_ptr<http_client> client = make_curl_client(loop.executor(), "atende/test");
    std::vector<http_request> heard;
    std::function<http_reply(const http_request&)> answer;
    raw_server server{loop.executor(), [this](raw_peer& peer) {
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

} // namespace atende::test
