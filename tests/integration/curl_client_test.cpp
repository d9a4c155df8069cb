// Outgoing HTTP against servers that misbehave: what counts as "surely not sent" and what as "who knows".
#include "support/event_loop.hpp"
#include "support/raw_peer.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <atende/platform/http_client.hpp>

namespace atende {
namespace {

using namespace std::chrono_literals;
using test::raw_peer;

const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

class CurlClient : public testing::Test {
protected:
    test::event_loop loop;
    std::unique_ptr<http_client> client = make_curl_client(loop.executor(), "atende/test");
    std::optional<test::raw_server> server;

    // Answers each request (that ends with a blank line or the word "end") with these bytes.
    void serve(std::string answer) {
        serve_with([answer = std::move(answer)](raw_peer& peer) {
            if (!is_whole(peer.received)) return;
            peer.received.clear();
            peer.send(answer);
        });
    }
    void serve_with(raw_peer::listener on_data) { server.emplace(loop.executor(), std::move(on_data)); }
    static bool is_whole(const std::string& request) {
        return request.ends_with("end") || (request.starts_with("GET") && request.ends_with("\r\n\r\n"));
    }

    http_call post() const {
        return {.method = "POST",
                .url = server->url("/me/messages?x=1"),
                .headers = {{"Content-Type", "application/json"}},
                .body = "the end",
                .repeatable = false};
    }
    result<http_answer> perform(http_call call) { return loop.await(client->perform(std::move(call))); }
    // Begins and goes on.
    std::shared_ptr<std::optional<result<http_answer>>> begin(http_call call) {
        auto outcome = std::make_shared<std::optional<result<http_answer>>>();
        asio::co_spawn(
            loop.executor(), client->perform(std::move(call)),
            [outcome](const std::exception_ptr&, result<http_answer> got) { *outcome = std::move(got); });
        return outcome;
    }
};

TEST_F(CurlClient, SendsWhatItWasGivenAndReturnsTheAnswer) {
    std::string request;
    serve_with([&request](raw_peer& peer) {
        request = peer.received;
        if (is_whole(request))
            peer.send("HTTP/1.1 201 Created\r\nX-App-Usage: {\"a\":1} \r\nRetry-After:3\r\nContent-Length: "
                      "2\r\n\r\nhi");
    });
    const auto answer = perform(post());
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 201);
    EXPECT_EQ(answer->body, "hi");
    EXPECT_EQ(answer->header("x-app-usage"), "{\"a\":1}");
    EXPECT_EQ(answer->header("retry-after"), "3");
    EXPECT_TRUE(request.starts_with("POST /me/messages?x=1 HTTP/1.1\r\n"));
    EXPECT_NE(request.find("\r\nContent-Type: application/json\r\n"), std::string::npos);
    EXPECT_NE(request.find("\r\nUser-Agent: atende/test\r\n"), std::string::npos);
    EXPECT_NE(request.find("\r\nContent-Length: 7\r\n"), std::string::npos);
    EXPECT_EQ(request.find("Expect"), std::string::npos);
}

TEST_F(CurlClient, AnyStatusIsAnAnswerAndRedirectsAreNotFollowed) {
    serve("HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(perform(post())->status, 302);
    EXPECT_EQ(perform({.url = server->url()})->header("location"), "/elsewhere");
    EXPECT_EQ(server->peers.size(), 1U) << "and the connection is used again";
    serve("HTTP/1.1 503 Away\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(perform(post())->status, 503);
}

TEST_F(CurlClient, OtherMethodsAreWhatTheySay) {
    std::string line;
    serve_with([&line](raw_peer& peer) {
        line = peer.received.substr(0, peer.received.find(' '));
        if (!is_whole(peer.received)) return;
        peer.received.clear();
        peer.send(ok);
    });
    for (const char* method : {"PATCH", "PUT", "DELETE"}) {
        http_call call = post();
        call.method = method;
        ASSERT_TRUE(perform(call)) << method;
        EXPECT_EQ(line, method);
    }
}

TEST_F(CurlClient, AnInterimAnswerIsNotTheAnswer) {
    serve("HTTP/1.1 100 Continue\r\nX-Interim: 1\r\n\r\n" + ok);
    const auto answer = perform(post());
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->header("x-interim"), "");
}

TEST_F(CurlClient, AChunkedAnswerIsReadWhole) {
    serve("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
    EXPECT_EQ(perform(post())->body, "abcde");
}

TEST_F(CurlClient, AnAnswerMayNotBeEndless) {
    http_call call;
    serve("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + std::string(100, 'x'));
    call = post();
    call.max_answer_bytes = 100;
    EXPECT_EQ(perform(call)->body.size(), 100U);
    call.max_answer_bytes = 99;
    EXPECT_EQ(perform(call).error().code, errc::too_large);
    serve("HTTP/1.1 200 OK\r\n\r\n" + std::string(1'000, 'x')); // no length: until the connection ends
    call.url = server->url();
    EXPECT_EQ(perform(call).error().code, errc::too_large);
}

TEST_F(CurlClient, NobodyThereIsSurelyWithoutEffect) {
    serve(ok);
    http_call call = post();
    server.reset(); // the port is free again: refused
    EXPECT_EQ(perform(call).error().code, errc::unavailable);
    call.url = "http://no-such-host.invalid/";
    EXPECT_EQ(perform(call).error().code, errc::unavailable);
    for (const char* url : {"ftp://127.0.0.1/", "file:///etc/passwd", "", "http://"}) {
        call.url = url;
        EXPECT_EQ(perform(call).error().code, errc::unavailable) << url;
    }
}

TEST_F(CurlClient, NoConnectionInTimeIsSurelyWithoutEffect) {
    serve_with([](raw_peer&) {}); // TCP connects, TLS never does
    http_call call = post();
    call.url = "https://127.0.0.1:" + std::to_string(server->port()) + "/";
    call.connect_timeout = 100ms;
    EXPECT_EQ(perform(call).error().code, errc::unavailable);
}

TEST_F(CurlClient, NoAnswerInTimeMayHaveHadItsEffect) {
    serve_with([](raw_peer&) {});
    http_call call = post();
    call.timeout = 100ms;
    EXPECT_EQ(perform(call).error().code, errc::timed_out);
    serve("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"); // the rest never comes
    call.url = server->url();
    EXPECT_EQ(perform(call).error().code, errc::timed_out);
}

TEST_F(CurlClient, AConnectionThatBreaksAfterTheRequestMayHaveHadItsEffect) {
    serve_with([](raw_peer& peer) {
        if (is_whole(peer.received)) peer.reset();
    });
    EXPECT_EQ(perform(post()).error().code, errc::interrupted);
    EXPECT_EQ(server->peers.size(), 1U) << "not sent again";
    serve_with([](raw_peer& peer) {
        if (is_whole(peer.received)) peer.close();
    });
    EXPECT_EQ(perform(post()).error().code, errc::interrupted);
    EXPECT_EQ(server->peers.size(), 1U);
    serve("not HTTP at all\r\n\r\n");
    const auto nonsense = perform(post());
    ASSERT_FALSE(nonsense);
    EXPECT_EQ(nonsense.error().code, errc::interrupted);
}

// curl repeats a request by itself when a kept-alive connection turns out dead.
class DeadConnection : public CurlClient {
protected:
    int requests = 0;

    // The second request on a connection is taken and the connection dropped without an answer.
    void SetUp() override {
        serve_with([this](raw_peer& peer) {
            if (!is_whole(peer.received)) return;
            ++requests;
            peer.received.clear();
            const bool used = served_ == &peer;
            served_ = &peer;
            if (used) {
                peer.reset();
            } else {
                peer.send(ok);
            }
        });
    }

private:
    raw_peer* served_ = nullptr;
};

TEST_F(DeadConnection, IsNoReasonToSendTwiceWhatMustNotDouble) {
    ASSERT_TRUE(perform(post()));
    const auto lost = perform(post());
    EXPECT_EQ(lost.error().code, errc::interrupted);
    EXPECT_EQ(lost.error().detail, "the kept-alive connection was closed; not repeated");
    EXPECT_EQ(requests, 2) << "the request that was lost was not repeated";
}

TEST_F(DeadConnection, IsNoReasonToFailWhatMayBeRepeated) {
    http_call call = post();
    call.repeatable = true;
    ASSERT_TRUE(perform(call));
    ASSERT_TRUE(perform(call)) << "on a fresh connection";
    EXPECT_EQ(requests, 3);
}

TEST_F(CurlClient, AConnectionClosedWhileIdleIsReplaced) {
    serve(ok);
    ASSERT_TRUE(perform(post()));
    server->peers.at(0)->close();
    loop.await(sleep_for(20ms)); // the end arrives
    ASSERT_TRUE(perform(post())) << "known to be dead before anything was sent";
    EXPECT_EQ(server->peers.size(), 2U);
}

TEST_F(CurlClient, ManyCallsRunAtOnce) {
    std::vector<raw_peer*> waiting;
    serve_with([&waiting](raw_peer& peer) {
        if (is_whole(peer.received)) waiting.push_back(&peer);
    });
    std::vector<std::shared_ptr<std::optional<result<http_answer>>>> calls;
    for (int i = 0; i < 200; ++i) calls.push_back(begin(post()));
    ASSERT_TRUE(loop.until([&] { return waiting.size() == 200; })) << "none waits for another";
    for (auto* peer : waiting) peer->send(ok);
    ASSERT_TRUE(
        loop.until([&] { return std::ranges::all_of(calls, [](const auto& c) { return c->has_value(); }); }));
    for (const auto& call : calls) EXPECT_EQ((**call)->status, 200);
}

TEST_F(CurlClient, ACancelledCallEndsAtOnceAndTheClientGoesOn) {
    serve_with([](raw_peer&) {});
    asio::cancellation_signal stop;
    bool ended = false;
    asio::co_spawn(loop.executor(), client->perform(post()),
                   asio::bind_cancellation_slot(
                       stop.slot(), [&](const std::exception_ptr&, const result<http_answer>& got) {
                           ended = true;
                           EXPECT_FALSE(got);
                       }));
    ASSERT_TRUE(
        loop.until([&] { return server->peers.size() == 1 && is_whole(server->peers[0]->received); }));
    stop.emit(asio::cancellation_type::terminal);
    ASSERT_TRUE(loop.until([&] { return ended; }, 5s)) << "long before its time is up";
    EXPECT_TRUE(loop.until([&] { return server->peers[0]->ended; })) << "its connection is closed";
    serve(ok);
    EXPECT_TRUE(perform(post()));
}

} // namespace
} // namespace atende
