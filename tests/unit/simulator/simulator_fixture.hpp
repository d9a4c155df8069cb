// A simulator without a server: its routes are called, and what it posts is remembered.
#pragma once

#include "unit/simulator/recording_http_client.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <atende/simulator/simulator.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace atende::testing {

inline simulator_settings sample_settings() {
    simulator_settings settings;
    settings.shop = [] {
        return simulated_shop{.profile = "motorcycle-dealer",
                              .profile_version = "0123456789ab",
                              .agent_name = "Moto Sul",
                              .model = "offline",
                              .refused = {"profile.yaml:3: limits.rounds: espera um número"},
                              .suggestions = {"oi", "tem a XY 150?"},
                              .demo = {"oi", "quero a Jet"}};
    };
    settings.app_secret = "app-secret";
    settings.sandbox_access_token = "sandbox-token";
    settings.echo_delay = std::chrono::milliseconds(0);
    return settings;
}

class simulator_routes : public ::testing::Test {
protected:
    void SetUp() override { restart(sample_settings()); }
    void TearDown() override { end(); }

    void restart(simulator_settings settings, std::string_view token = {}) {
        end();
        gate_.emplace(token, *address_list::parse("127.0.0.1"));
        simulator_.emplace(std::move(settings), http_, *gate_, loop_.get_executor());
        simulator_->set_self_url("http://127.0.0.1:8000");
    }
    void end() {
        if (!simulator_) return;
        simulator_->stop();
        asio::co_spawn(loop_, simulator_->finish(std::chrono::seconds(1)), [](std::exception_ptr) {});
        run();
        simulator_.reset();
    }
    void run() {
        loop_.restart();
        loop_.run();
    }

    const http_route& route(std::string_view method, std::string_view path) {
        routes_ = simulator_->routes();
        for (const auto& route : routes_)
            if (route.method == method && route.path == path) return route;
        ADD_FAILURE() << "no route " << method << " " << path;
        return routes_.front();
    }
    // Starts the handler; `reply` is set when it answers.
    void start(http_request request, std::optional<http_reply>& reply) {
        auto on_end = [&reply](std::exception_ptr failure, http_reply value) {
            EXPECT_FALSE(failure);
            reply = std::move(value);
        };
        auto& handle = route(request.method, request.path).handle;
        asio::co_spawn(loop_, handle(std::move(request)), on_end);
    }
    http_reply call(http_request request) {
        std::optional<http_reply> reply;
        start(std::move(request), reply);
        run();
        return reply.value_or(http_reply{.status = 0, .content_type = {}, .body = {}, .headers = {}});
    }
    static http_request request(std::string method, std::string path, std::string query = "") {
        http_request request;
        request.method = std::move(method);
        request.path = std::move(path);
        request.query = std::move(query);
        request.headers = {{"host", "localhost:8000"}, {"content-type", "application/json"}};
        request.peer = "127.0.0.1";
        return request;
    }
    http_reply post(std::string_view what, const nlohmann::json& body) {
        auto posted = request("POST", "/simulator/api/" + std::string(what));
        posted.body = body.dump();
        return call(std::move(posted));
    }
    http_reply graph(const nlohmann::json& body) {
        auto sent = request("POST", "/sandbox/graph/v25.0/me/messages");
        sent.headers.emplace_back("authorization", "Bearer sandbox-token");
        sent.body = body.dump();
        return call(std::move(sent));
    }
    nlohmann::json events() {
        const auto reply = call(request("GET", "/simulator/api/events", "contact=sim_ana001&after=0&wait=0"));
        return nlohmann::json::parse(reply.body)["events"];
    }
    std::vector<std::string> kinds() {
        std::vector<std::string> kinds;
        for (const auto& event : events()) kinds.push_back(event["kind"]);
        return kinds;
    }
    nlohmann::json webhook_event(std::size_t index) {
        return nlohmann::json::parse(http_.calls.at(index).body)["entry"][0]["messaging"][0];
    }
    std::string say(const std::string& text) {
        return nlohmann::json::parse(
            post("messages", {{"contact", "sim_ana001"}, {"text", text}}).body)["message_id"];
    }

    asio::io_context loop_;
    recording_http_client http_;
    std::optional<token_gate> gate_;
    std::optional<simulator> simulator_;
    std::vector<http_route> routes_;
};

} // namespace atende::testing
