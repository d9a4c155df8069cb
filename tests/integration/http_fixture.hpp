#pragma once

#include "support/event_loop.hpp"
#include "support/raw_peer.hpp"

#include <gtest/gtest.h>

#include <atende/platform/http_server.hpp>
#include <stdexcept>

namespace atende::test {

// A server with a few routes, and clients that speak raw bytes to it.
class http_test : public testing::Test {
protected:
    event_loop loop;
    http_server_limits limits;
    std::optional<http_server> server;
    std::uint16_t port = 0;
    std::vector<http_request> seen;
    bool held = false; // GET /slow waits while this is set

    void start() {
        server.emplace(loop.executor(), limits);
        add("GET", "/hello", 100);
        add("POST", "/echo", 100, "application/json");
        add("POST", "/hello", 100);
        add("GET", "/files/*", 100);
        add("GET", "/boom", 100);
        add("GET", "/slow", 100);
        const auto listening = server->listen("127.0.0.1", 0);
        ASSERT_TRUE(listening) << listening.error().detail;
        port = *listening;
    }
    void TearDown() override {
        held = false;
        if (server) loop.await(server->stop(std::chrono::seconds(5)));
    }

    std::shared_ptr<raw_peer> connect() { return raw_peer::connect(loop.executor(), port); }
    // Sends the bytes and returns what came back until the server closed the connection.
    std::string exchange(const std::string& bytes) {
        const auto peer = connect();
        peer->send(bytes);
        EXPECT_TRUE(loop.until([&] { return peer->ended; }))
            << "the server did not close: " << peer->received;
        return peer->received;
    }
    // The same, for a connection that stays open: until so many answers came.
    std::string answers(raw_peer& peer, int count) {
        EXPECT_TRUE(loop.until([&] { return is_complete(peer.received, count); })) << peer.received;
        return peer.received;
    }
    static std::string status_of(const std::string& answer) {
        return answer.starts_with("HTTP/1.1 ") ? answer.substr(9, 3) : "no answer: " + answer;
    }

private:
    static bool is_complete(const std::string& received, int count) {
        return count_of(received, "HTTP/1.1 ") == count && count_of(received, "\r\n\r\n") == count &&
               (received.ends_with("!") || received.ends_with("}"));
    }
    void add(std::string method, std::string path, std::size_t most, std::string type = "") {
        server->add({.method = std::move(method),
                     .path = std::move(path),
                     .handle = [this](http_request request) { return handle(std::move(request)); },
                     .max_body_bytes = most,
                     .required_content_type = std::move(type)});
    }
    awaitable<http_reply> handle(http_request request) {
        seen.push_back(request);
        if (request.path == "/boom") throw std::runtime_error("secret detail");
        while (request.path == "/slow" && held) co_await sleep_for(std::chrono::milliseconds(1));
        co_return text_reply(200, request.method == "POST" ? request.body + "!" : request.path + "!");
    }
};

} // namespace atende::test
