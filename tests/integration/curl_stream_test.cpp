// Answers that are passed on as they arrive, from servers that stop in the middle.
#include "support/event_loop.hpp"
#include "support/raw_peer.hpp"

#include <gtest/gtest.h>

#include <atende/platform/http_client.hpp>

namespace atende {
namespace {

using namespace std::chrono_literals;
using test::raw_peer;

class CurlStream : public testing::Test {
protected:
    test::event_loop loop;
    std::unique_ptr<http_client> client = make_curl_client(loop.executor(), "atende/test");
    std::optional<test::raw_server> server;
    std::string arrived;

    void serve(std::string answer, bool then_close) {
        server.emplace(loop.executor(), [answer = std::move(answer), then_close](raw_peer& peer) {
            if (!peer.received.ends_with("\r\n\r\n")) return;
            peer.received.clear();
            peer.send(answer);
            if (then_close) peer.shut();
        });
    }
    http_call call() {
        http_call made{.url = server->url()};
        made.on_body = [this](std::string_view bytes) { arrived += bytes; };
        return made;
    }
    result<http_answer> perform(http_call made) { return loop.await(client->perform(std::move(made))); }
};

const std::string header = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n";

TEST_F(CurlStream, BytesArePassedOnWhileMoreAreToCome) {
    serve(header + "12345", false);
    std::optional<result<http_answer>> outcome;
    asio::co_spawn(loop.executor(), client->perform(call()),
                   [&](const std::exception_ptr&, result<http_answer> got) { outcome = std::move(got); });
    ASSERT_TRUE(loop.until([&] { return arrived == "12345"; }));
    EXPECT_FALSE(outcome);
    server->peers[0]->send("67890");
    ASSERT_TRUE(loop.until([&] { return outcome.has_value(); }));
    EXPECT_EQ((*outcome)->status, 200);
    EXPECT_EQ((*outcome)->body, "") << "it was passed on";
    EXPECT_EQ(arrived, "1234567890");
}

TEST_F(CurlStream, SilenceInTheMiddleEndsIt) {
    serve(header + "12345", false);
    auto made = call();
    made.timeout = 1h; // is over with the first byte
    made.idle_timeout = 40ms;
    EXPECT_EQ(perform(std::move(made)).error().code, errc::timed_out);
    EXPECT_EQ(arrived, "12345");
}

TEST_F(CurlStream, SilenceBeforeTheFirstByteEndsIt) {
    serve("", false);
    auto made = call();
    made.timeout = 40ms;
    made.idle_timeout = 1h;
    EXPECT_EQ(perform(std::move(made)).error().code, errc::timed_out);
}

TEST_F(CurlStream, AnEndInTheMiddleIsAnError) {
    serve(header + "12345", true);
    EXPECT_EQ(perform(call()).error().code, errc::interrupted);
    EXPECT_EQ(arrived, "12345");
}

TEST_F(CurlStream, TheBodyOfAFailureIsKept) {
    serve("HTTP/1.1 429 Too Many\r\nContent-Length: 4\r\n\r\nslow", false);
    const auto answer = perform(call());
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->body, "slow");
    EXPECT_EQ(arrived, "");
}

TEST_F(CurlStream, MoreThanWasAllowedEndsIt) {
    serve("HTTP/1.1 200 OK\r\n\r\n" + std::string(100 << 10, 'x'), false);
    auto made = call();
    made.max_answer_bytes = 64 << 10;
    EXPECT_EQ(perform(std::move(made)).error().code, errc::too_large);
    EXPECT_LE(arrived.size(), std::size_t{64 << 10});
}

} // namespace
} // namespace atende
