// Replies that are written piece by piece, over real sockets.
#include "support/event_loop.hpp"
#include "support/raw_peer.hpp"

#include <gtest/gtest.h>

#include <atende/platform/http_server.hpp>
#include <stdexcept>

namespace atende {
namespace {

using namespace std::chrono_literals;
using test::raw_peer;

class HttpStream : public testing::Test {
protected:
    test::event_loop loop;
    http_server_limits limits;
    std::optional<http_server> server;
    std::uint16_t port = 0;
    http_body_writer writer;
    bool write_failed = false;
    bool released = false; // ends writers that wait
    bool ended = false;    // the writer's coroutine is gone, however it ended

    struct end_marker {
        bool& ended;
        ~end_marker() { ended = true; }
    };

    void start(http_body_writer writes) {
        writer = std::move(writes);
        server.emplace(loop.executor(), limits);
        server->add({.method = "GET", .path = "/stream", .handle = [this](http_request) { return reply(); }});
        port = server->listen("127.0.0.1", 0).value();
    }
    void TearDown() override {
        released = true;
        if (server) loop.await(server->stop(5s));
    }
    awaitable<http_reply> reply() {
        http_reply made = text_reply(200, "not sent");
        made.stream = writer;
        co_return made;
    }
    std::shared_ptr<raw_peer> ask(const std::string& version = "1.1", const std::string& method = "GET") {
        const auto peer = raw_peer::connect(loop.executor(), port);
        peer->send(method + " /stream HTTP/" + version + "\r\nHost: x\r\n\r\n");
        return peer;
    }
    bool gets(raw_peer& peer, const std::string& text) {
        return loop.until([&] { return peer.received.find(text) != std::string::npos; });
    }
    static std::string body_of(const raw_peer& peer) {
        return peer.received.substr(peer.received.find("\r\n\r\n") + 4);
    }

    awaitable<void> two_pieces(http_body& to) {
        const end_marker marker{ended};
        co_await to.write("one");
        co_await to.write("");
        while (!released) co_await sleep_for(1ms);
        co_await to.write("two");
    }
    awaitable<void> wait_for_ever(http_body& to) {
        const end_marker marker{ended};
        co_await to.write("one");
        co_await sleep_for(1h);
    }
    awaitable<void> fill(http_body& to) {
        const end_marker marker{ended};
        while (co_await to.write(std::string(64 << 10, 'x'))) {
        }
        write_failed = true;
    }
    awaitable<void> fail(http_body& to) {
        co_await to.write("one");
        throw std::runtime_error("a bug");
    }
};

TEST_F(HttpStream, EachPieceIsSentAtOnceAndTheEndIsMarked) {
    start([this](http_body& to) { return two_pieces(to); });
    const auto peer = ask();
    ASSERT_TRUE(gets(*peer, "3\r\none\r\n")) << peer->received;
    EXPECT_FALSE(peer->ended);
    EXPECT_NE(peer->received.find("Transfer-Encoding: chunked\r\n"), std::string::npos);
    EXPECT_EQ(peer->received.find("Content-Length"), std::string::npos);
    released = true;
    ASSERT_TRUE(loop.until([&] { return peer->ended; }));
    EXPECT_EQ(body_of(*peer), "3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n");
}

TEST_F(HttpStream, AnOldClientGetsItUnchunked) {
    released = true;
    start([this](http_body& to) { return two_pieces(to); });
    const auto peer = ask("1.0");
    ASSERT_TRUE(loop.until([&] { return peer->ended; }));
    EXPECT_EQ(body_of(*peer), "onetwo");
}

TEST_F(HttpStream, HeadHasNoBody) {
    start([this](http_body& to) { return two_pieces(to); });
    const auto peer = ask("1.1", "HEAD");
    ASSERT_TRUE(loop.until([&] { return peer->ended; }));
    EXPECT_EQ(body_of(*peer), "");
}

TEST_F(HttpStream, AClientThatLeavesCancelsTheWriter) {
    start([this](http_body& to) { return wait_for_ever(to); });
    auto peer = ask();
    ASSERT_TRUE(gets(*peer, "one"));
    EXPECT_FALSE(ended);
    peer->close();
    EXPECT_TRUE(loop.until([&] { return ended; }));
}

TEST_F(HttpStream, AClientThatSaysMoreIsNotLookedAt) {
    start([this](http_body& to) { return two_pieces(to); });
    const auto peer = ask();
    ASSERT_TRUE(gets(*peer, "one"));
    peer->send("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
    released = true;
    ASSERT_TRUE(loop.until([&] { return peer->ended; }));
    EXPECT_TRUE(peer->received.ends_with("two\r\n0\r\n\r\n"));
    EXPECT_EQ(test::count_of(peer->received, "HTTP/1.1 200"), 1);
}

TEST_F(HttpStream, AClientThatReadsNothingIsDropped) {
    limits.write_deadline = 300ms;
    start([this](http_body& to) { return fill(to); });
    asio::ip::tcp::socket deaf(loop.executor());
    deaf.connect({asio::ip::address_v4::loopback(), port});
    asio::write(deaf, asio::buffer(std::string_view("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n")));
    EXPECT_TRUE(loop.until([&] { return ended; }));
}

TEST_F(HttpStream, AWriterThatThrowsLeavesTheBodyUnfinished) {
    start([this](http_body& to) { return fail(to); });
    const auto peer = ask();
    ASSERT_TRUE(loop.until([&] { return peer->ended; }));
    EXPECT_EQ(body_of(*peer), "3\r\none\r\n") << "without the last chunk a client can tell";
}

TEST_F(HttpStream, StoppingTheServerCutsIt) {
    start([this](http_body& to) { return wait_for_ever(to); });
    const auto peer = ask();
    ASSERT_TRUE(gets(*peer, "one"));
    loop.await(server->stop(1h));
    EXPECT_TRUE(ended);
    EXPECT_TRUE(loop.until([&] { return peer->ended; }));
    server.reset();
}

} // namespace
} // namespace atende
