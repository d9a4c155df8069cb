// A connection to a scripted server.
#pragma once

#include "agent/mcp/mcp_tool.hpp"
#include "fake_mcp_server.hpp"
#include "support/event_loop.hpp"

#include <boost/asio/co_spawn.hpp>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace atende::test {

using nlohmann::json;
using std::chrono::milliseconds;

inline json tool_named(const std::string& name, const std::string& description = "Finds an order") {
    return {{"name", name},
            {"description", description},
            {"inputSchema", {{"type", "object"}, {"properties", {{"id", {{"type", "string"}}}}}}}};
}

inline std::string pin_of(const json& tool) {
    return read_tool_definition(tool).value().pin;
}

inline json text_result(const std::string& text) {
    return {{"content", {{{"type", "text"}, {"text", text}}}}};
}

class McpConnection : public ::testing::Test {
protected:
    event_loop loop;
    task_group tasks{loop.executor()};
    mcp_server_spec spec{.name = "crm", .command = "crm", .timeout = std::chrono::seconds(5), .tools = {}};
    mcp_pace pace{.first_wait = milliseconds(5), .longest_wait = milliseconds(40)};
    std::vector<json> tools{tool_named("find")};
    std::vector<std::shared_ptr<fake_mcp_server>> servers; // in the order they were started
    std::function<void(fake_mcp_server&)> prepare = [this](fake_mcp_server& server) { legacy(server); };
    bool none_starts = false;
    int changes = 0;
    std::shared_ptr<mcp_connection> connection;

    void TearDown() override {
        if (connection) connection->stop();
        loop.await(tasks.finish(std::chrono::seconds(5)));
    }

    void legacy(fake_mcp_server& server) {
        server.answers["initialize"] = [](const json& params) {
            return json{{"protocolVersion", params.at("protocolVersion")},
                        {"capabilities", {{"tools", {{"listChanged", true}}}}},
                        {"serverInfo", {{"name", "fake"}, {"version", "1"}}}};
        };
        with_tools(server);
    }
    void modern(fake_mcp_server& server) {
        server.answers["server/discover"] = [](const json&) {
            return json{{"resultType", "complete"},
                        {"supportedVersions", {"2026-07-28"}},
                        {"capabilities", {{"tools", {{"listChanged", true}}}}}};
        };
        server.answers["subscriptions/listen"] = [](const json&) { return json(); };
        with_tools(server);
    }
    void with_tools(fake_mcp_server& server) {
        server.answers["tools/list"] = [this](const json&) { return json{{"tools", tools}}; };
        server.answers["tools/call"] = [](const json& params) {
            return text_result("order " + params.at("arguments").value("id", "?"));
        };
    }

    void allow(const json& tool, std::optional<bool> effect = {}) {
        spec.tools.push_back({.name = tool.at("name"), .pin = pin_of(tool), .effect = effect});
    }

    void begin() {
        const auto connect = [this](notification_sink notified) -> result<std::shared_ptr<mcp_transport>> {
            if (none_starts) return fail(errc::unavailable, "it does not start");
            auto server = std::make_shared<fake_mcp_server>(loop.executor());
            prepare(*server);
            server->start();
            servers.push_back(server);
            return make_pipe_transport("crm", tasks, loop.executor(), std::move(server->to_server),
                                       std::move(server->from_server), nullptr, std::move(notified));
        };
        connection =
            std::make_shared<mcp_connection>(loop.executor(), spec, connect, [this] { ++changes; }, pace);
        tasks.start("connection", mcp_connection::run(connection));
    }
    void connect() {
        begin();
        ASSERT_TRUE(loop.until([&] { return !connection->offered().empty(); })) << "no tool was ever offered";
    }
    fake_mcp_server& server() { return *servers.back(); }

    std::shared_ptr<tool> offered(const std::string& name = "find") {
        return make_mcp_tool(connection, connection->offered().at(name));
    }
    std::string call(json arguments = {{"id", "7"}}) { return loop.await(begin_call(std::move(arguments))); }
    awaitable<std::string> begin_call(json arguments) {
        const auto what = offered();
        co_return co_await what->call(std::move(arguments), {{}, "ig:1:2:3:0"});
    }
    // Begins and goes on.
    std::shared_ptr<std::optional<std::string>> start_call(const std::shared_ptr<tool>& what) {
        auto said = std::make_shared<std::optional<std::string>>();
        asio::co_spawn(loop.executor(), what->call({{"id", "7"}}, {{}, "op"}),
                       [said, what](const std::exception_ptr&, std::string got) { *said = std::move(got); });
        return said;
    }
};

} // namespace atende::test
