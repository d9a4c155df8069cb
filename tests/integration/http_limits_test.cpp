// The HTTP server's deadlines, caps and end, with short limits.
#include "integration/http_fixture.hpp"

namespace atende {
namespace {

using namespace std::chrono_literals;

class HttpLimits : public test::http_test {};

const std::string hello = "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n";

TEST_F(HttpLimits, AHeaderThatTricklesInIsCutOff) {
    limits.header_deadline = 100ms;
    start();
    const auto slow = connect();
    slow->send("GET /hello HT");
    const auto idle = connect();
    ASSERT_TRUE(loop.until([&] { return slow->ended; }));
    EXPECT_EQ(slow->received, "");
    EXPECT_FALSE(idle->ended) << "who has sent nothing yet has more time";
}

TEST_F(HttpLimits, ABodyThatTricklesInIsCutOff) {
    limits.body_deadline = 100ms;
    start();
    const auto slow = connect();
    slow->send("POST /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
    ASSERT_TRUE(loop.until([&] { return slow->ended; }));
    EXPECT_TRUE(seen.empty());
}

TEST_F(HttpLimits, AnIdleConnectionIsClosed) {
    limits.idle_deadline = 100ms;
    start();
    const auto fresh = connect();
    const auto used = connect();
    used->send(hello);
    ASSERT_TRUE(loop.until([&] { return fresh->ended && used->ended; }));
    EXPECT_EQ(status_of(used->received), "200");
}

TEST_F(HttpLimits, WhoDoesNotReadTheAnswerIsCutOff) {
    limits.write_deadline = 200ms;
    start();
    asio::ip::tcp::socket deaf(loop.executor());
    deaf.open(asio::ip::tcp::v4());
    deaf.set_option(asio::socket_base::receive_buffer_size(4'096));
    deaf.connect({asio::ip::address_v4::loopback(), port});
    std::string many; // more than all buffers on the way hold, in both directions
    for (int i = 0; i < 4'000; ++i)
        many += "GET /files/" + std::string(8'000, 'x') + " HTTP/1.1\r\nHost: x\r\n\r\n";
    bool over = false;
    asio::async_write(deaf, asio::buffer(many),
                      [&](boost::system::error_code failed, std::size_t) { over = !!failed; });
    EXPECT_TRUE(loop.until([&] { return over; }));
}

TEST_F(HttpLimits, ASlowHandlerIsNotCutOff) {
    limits.header_deadline = limits.body_deadline = limits.idle_deadline = limits.write_deadline = 100ms;
    start();
    held = true;
    const auto peer = connect();
    peer->send("GET /slow HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    loop.await(sleep_for(600ms)); // two rounds of the deadline check
    held = false;
    ASSERT_TRUE(loop.until([&] { return peer->ended; }));
    EXPECT_EQ(status_of(peer->received), "200");
}

TEST_F(HttpLimits, BodiesThatNeverEndCannotFillTheMemory) {
    limits.body_bytes = 1'000;
    start();
    const std::string head = "POST /hello HTTP/1.1\r\nHost: x\r\n";
    std::vector<std::shared_ptr<test::raw_peer>> slow;
    for (int i = 0; i < 10; ++i) {
        slow.push_back(connect());
        slow.back()->send(head + "Content-Length: 100\r\n\r\n" + std::string(99, 'x'));
    }
    const std::string whole = head + "Connection: close\r\nContent-Length: 50\r\n\r\n" + std::string(50, 'y');
    std::string answer;
    ASSERT_TRUE(loop.until([&] { return status_of(answer = exchange(whole)) == "503"; }));
    EXPECT_NE(answer.find("Connection: close"), std::string::npos);
    EXPECT_NE(answer.find("Retry-After: "), std::string::npos);
    const std::string chunk = "32\r\n" + std::string(50, 'y') + "\r\n0\r\n\r\n";
    EXPECT_EQ(status_of(exchange(head + "Transfer-Encoding: chunked\r\n\r\n" + chunk)), "503");
    slow.front()->send("x");
    EXPECT_EQ(status_of(answers(*slow.front(), 1)), "200") << "who came before is served";
    EXPECT_EQ(status_of(exchange(whole)), "200") << "there is room again";
}

TEST_F(HttpLimits, ConnectionsAreCapped) {
    limits.connections = 3;
    start();
    std::vector<std::shared_ptr<test::raw_peer>> peers;
    for (int i = 0; i < 3; ++i) {
        peers.push_back(connect());
        peers.back()->send(hello);
        answers(*peers.back(), 1);
    }
    const std::string refused = exchange("");
    EXPECT_EQ(status_of(refused), "503");
    EXPECT_NE(refused.find("Retry-After: "), std::string::npos);
    peers.front()->close();
    ASSERT_TRUE(loop.until([&] {
        const auto peer = connect();
        peer->send(hello);
        return loop.until([&] { return peer->received.ends_with("!") || peer->ended; }) &&
               peer->received.contains("200 OK");
    })) << "there is room again";
}

TEST_F(HttpLimits, OneAddressCannotTakeThemAll) {
    limits.connections_per_peer = 2;
    start();
    const auto first = connect();
    const auto second = connect();
    second->send(hello);
    answers(*second, 1);
    EXPECT_EQ(status_of(exchange("")), "503");
    asio::ip::tcp::socket elsewhere(loop.executor());
    elsewhere.open(asio::ip::tcp::v4());
    elsewhere.bind({asio::ip::make_address_v4("127.0.0.2"), 0});
    elsewhere.connect({asio::ip::address_v4::loopback(), port});
    const auto other = std::make_shared<test::raw_peer>(std::move(elsewhere));
    other->listen({});
    other->send(hello);
    EXPECT_EQ(status_of(answers(*other, 1)), "200");
}

TEST_F(HttpLimits, StoppingFinishesWhatIsUnderWay) {
    start();
    held = true;
    const auto busy = connect();
    busy->send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
    const auto idle = connect();
    idle->send(hello);
    answers(*idle, 1);
    ASSERT_TRUE(loop.until([&] { return seen.size() == 2; }));
    bool stopped = false;
    asio::co_spawn(loop.executor(), server->stop(10s), [&](const std::exception_ptr&) { stopped = true; });
    ASSERT_TRUE(loop.until([&] { return idle->ended; }));
    EXPECT_FALSE(stopped);
    EXPECT_THROW(connect(), boost::system::system_error) << "nobody new";
    held = false;
    ASSERT_TRUE(loop.until([&] { return stopped && busy->ended; }));
    EXPECT_EQ(status_of(busy->received), "200");
    EXPECT_NE(busy->received.find("Connection: close"), std::string::npos);
    server.reset();
}

TEST_F(HttpLimits, StoppingDoesNotWaitForEver) {
    start();
    held = true;
    const auto busy = connect();
    busy->send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
    ASSERT_TRUE(loop.until([&] { return seen.size() == 1; }));
    loop.await(server->stop(50ms));
    EXPECT_TRUE(loop.until([&] { return busy->ended; }));
    EXPECT_EQ(busy->received, "");
    server.reset();
}

TEST_F(HttpLimits, AClientThatVanishesCostsNothing) {
    limits.connections = 2;
    start();
    for (int i = 0; i < 20; ++i) {
        const auto peer = connect();
        peer->send("POST /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
        loop.await(sleep_for(1ms));
        peer->reset();
    }
    ASSERT_TRUE(loop.until([&] {
        const auto peer = connect();
        peer->send(hello);
        return loop.until([&] { return peer->received.ends_with("!") || peer->ended; }) &&
               peer->received.contains("200 OK");
    }));
}

} // namespace
} // namespace atende
