// The HTTP server over real sockets: what a request may look like, and what is refused how.
#include "integration/http_fixture.hpp"

namespace atende {
namespace {

class HttpServer : public test::http_test {
protected:
    void SetUp() override { start(); }
};

const std::string host = "Host: x\r\n";
const std::string json = "Content-Type: application/json\r\n";

TEST_F(HttpServer, AnswersAndKeepsTheConnection) {
    const auto peer = connect();
    for (int i = 1; i <= 3; ++i) {
        peer->send("GET /hello HTTP/1.1\r\n" + host + "\r\n");
        const std::string all = answers(*peer, i);
        EXPECT_TRUE(all.ends_with("/hello!"));
    }
    EXPECT_FALSE(peer->ended);
    EXPECT_EQ(test::count_of(peer->received, "200 OK"), 3);
    EXPECT_NE(peer->received.find("\r\nDate: "), std::string::npos);
}

TEST_F(HttpServer, AnswersPipelinedRequestsInOrder) {
    const auto peer = connect();
    std::string bytes;
    for (int i = 0; i < 20; ++i) bytes += "GET /files/" + std::to_string(i) + " HTTP/1.1\r\n" + host + "\r\n";
    peer->send(bytes + "POST /hello HTTP/1.1\r\n" + host + "Content-Length: 4\r\n\r\nlast");
    const std::string all = answers(*peer, 21);
    std::size_t at = 0;
    for (int i = 0; i < 20; ++i) {
        const std::size_t found = all.find("/files/" + std::to_string(i) + "!");
        EXPECT_GT(found, at);
        at = found;
    }
    EXPECT_TRUE(all.ends_with("last!"));
}

TEST_F(HttpServer, TakesARequestByteByByte) {
    const auto peer = connect();
    const std::string bytes = "POST /echo?a=1 HTTP/1.1\r\n" + host + json + "Content-Length: 3\r\n\r\nabc";
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        peer->send(bytes.substr(i, 1));
        loop.await(sleep_for(std::chrono::microseconds(200)));
    }
    answers(*peer, 1);
    ASSERT_EQ(seen.size(), 1U);
    EXPECT_EQ(seen[0].body, "abc");
    EXPECT_EQ(seen[0].path, "/echo");
    EXPECT_EQ(seen[0].query, "a=1");
    EXPECT_EQ(seen[0].header("content-type"), "application/json");
    EXPECT_EQ(seen[0].peer, "127.0.0.1");
}

TEST_F(HttpServer, TakesChunks) {
    const auto peer = connect();
    peer->send(
        "POST /echo HTTP/1.1\r\n" + host + json +
        "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\nTrailer: t\r\n\r\nGET /hello "
        "HTTP/1.1\r\n" +
        host + "\r\n");
    answers(*peer, 2);
    ASSERT_EQ(seen.size(), 2U);
    EXPECT_EQ(seen[0].body, "abcdefg");
}

TEST_F(HttpServer, ClosesWhenAskedAndForHttp10) {
    EXPECT_EQ(status_of(exchange("GET /hello HTTP/1.1\r\n" + host + "Connection: close\r\n\r\n")), "200");
    EXPECT_EQ(status_of(exchange("GET /hello HTTP/1.0\r\n\r\n")), "200");
    const auto peer = connect();
    peer->send("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_NE(answers(*peer, 1).find("Connection: keep-alive"), std::string::npos);
    peer->send("GET /hello HTTP/1.0\r\n\r\n");
    EXPECT_TRUE(loop.until([&] { return peer->ended; }));
    EXPECT_EQ(test::count_of(peer->received, "200 OK"), 2);
}

TEST_F(HttpServer, HeadHasTheHeadersOfGetAndNoBody) {
    const std::string answer = exchange("HEAD /hello HTTP/1.1\r\n" + host + "Connection: close\r\n\r\n");
    EXPECT_EQ(status_of(answer), "200");
    EXPECT_NE(answer.find("Content-Length: 7\r\n"), std::string::npos);
    EXPECT_TRUE(answer.ends_with("\r\n\r\n"));
}

TEST_F(HttpServer, InvitesABodyThatWaitsForIt) {
    const auto peer = connect();
    peer->send("POST /echo HTTP/1.1\r\n" + host + json + "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    ASSERT_TRUE(loop.until([&] { return peer->received == "HTTP/1.1 100 Continue\r\n\r\n"; }));
    peer->received.clear();
    peer->send("ok");
    EXPECT_TRUE(answers(*peer, 1).ends_with("ok!"));
}

TEST_F(HttpServer, NamesWhatDoesNotExist) {
    const auto peer = connect();
    peer->send("GET /nothing HTTP/1.1\r\n" + host + "\r\n");
    EXPECT_EQ(status_of(answers(*peer, 1)), "404");
    peer->send("DELETE /hello HTTP/1.1\r\n" + host + "\r\n");
    const std::string both = answers(*peer, 2);
    EXPECT_NE(both.find("405 Method Not Allowed"), std::string::npos);
    EXPECT_NE(both.find("Allow: GET, POST\r\n"), std::string::npos);
    EXPECT_FALSE(peer->ended) << "neither costs the connection";
    EXPECT_TRUE(seen.empty());
}

TEST_F(HttpServer, RefusesTheWrongContent) {
    const std::string post = "POST /echo HTTP/1.1\r\n" + host + "Content-Length: 2\r\n";
    EXPECT_EQ(status_of(exchange(post + "\r\nok")), "415");
    EXPECT_EQ(status_of(exchange(post + "Content-Type: text/plain\r\n\r\nok")), "415");
    EXPECT_EQ(status_of(exchange(post + json + "Content-Encoding: gzip\r\n\r\nok")), "415");
    EXPECT_TRUE(seen.empty());
    const auto peer = connect();
    peer->send(post + "Content-Type: Application/JSON ; charset=utf-8\r\n\r\nok");
    EXPECT_EQ(status_of(answers(*peer, 1)), "200");
}

TEST_F(HttpServer, RefusesABodyOverTheLimitBeforeReadingIt) {
    const std::string post = "POST /echo HTTP/1.1\r\n" + host + json;
    EXPECT_EQ(status_of(exchange(post + "Content-Length: 101\r\n\r\n")), "413")
        << "not a byte of it was sent";
    EXPECT_EQ(status_of(exchange(post + "Content-Length: 18446744073709551615\r\n\r\n")), "413");
    EXPECT_EQ(status_of(exchange(post + "Expect: 100-continue\r\nContent-Length: 101\r\n\r\n")), "413");
    const auto peer = connect();
    peer->send(post + "Content-Length: 100\r\n\r\n" + std::string(100, 'x'));
    EXPECT_EQ(status_of(answers(*peer, 1)), "200");
}

TEST_F(HttpServer, CountsChunksAgainstTheLimit) {
    const std::string post = "POST /echo HTTP/1.1\r\n" + host + json + "Transfer-Encoding: chunked\r\n\r\n";
    std::string chunks;
    for (int i = 0; i < 11; ++i) chunks += "a\r\n0123456789\r\n";
    EXPECT_EQ(status_of(exchange(post + chunks + "0\r\n\r\n")), "413");
    EXPECT_EQ(status_of(exchange(post + "ffffffffff\r\n")), "413");
    EXPECT_TRUE(seen.empty());
}

TEST_F(HttpServer, RefusesAHeaderThatIsTooLarge) {
    const std::string large = "GET /hello HTTP/1.1\r\n" + host + "X: " + std::string(17 << 10, 'x');
    EXPECT_EQ(status_of(exchange(large + "\r\n\r\n")), "431");
    EXPECT_EQ(status_of(exchange(large)), "431") << "without waiting for its end";
    EXPECT_EQ(status_of(exchange("GET /" + std::string(20 << 10, 'x'))), "431");
    std::string many = "GET /hello HTTP/1.1\r\n" + host;
    for (int i = 0; i < 3'000; ++i) many += "A: b\r\n";
    EXPECT_EQ(status_of(exchange(many + "\r\n")), "431");
    const auto peer = connect();
    peer->send("GET /hello HTTP/1.1\r\n" + host + "X: " + std::string(15 << 10, 'x') + "\r\n\r\n");
    EXPECT_EQ(status_of(answers(*peer, 1)), "200");
}

TEST_F(HttpServer, RefusesWhatTwoServersCouldReadDifferently) {
    const std::string post = "POST /echo HTTP/1.1\r\n" + json;
    const std::string smuggled[] = {
        post + host + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        post + host + "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
        post + host + "Content-Length: 2\r\nContent-Length: 3\r\n\r\nokx",
        post + host + "Content-Length: 2\r\nContent-Length: 2\r\n\r\nok",
        post + host + "Content-Length: 2, 3\r\n\r\nok",
        post + host + "Content-Length: +2\r\n\r\nok",
        post + host + "Content-Length: -1\r\n\r\n",
        post + host + "Content-Length: 0x2\r\n\r\nok",
        post + host + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        post + host + "Transfer-Encoding: identity\r\n\r\n",
        post + host + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        post + "Content-Length: 2\r\n\r\nok", // no Host
        post + host + "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        post + host + "Transfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n",
        "GET /hello HTTP/1.1\r\n" + host + "Bad Header: x\r\n\r\n",
        "GET /hello HTTP/1.1\r\n X: y\r\n" + host + "\r\n",
        "GET  /hello HTTP/1.1\r\n" + host + "\r\n",
        "GET /hello HTTP/2.0\r\n" + host + "\r\n",
        "GET /hello\r\n\r\n",
        "\x16\x03\x01\x02", // TLS
    };
    for (const auto& bytes : smuggled) EXPECT_EQ(status_of(exchange(bytes)), "400") << bytes;
    EXPECT_TRUE(seen.empty());
}

TEST_F(HttpServer, AChunkSizeThatNeverEndsIsNotGathered) {
    const std::string post = "POST /echo HTTP/1.1\r\n" + host + json + "Transfer-Encoding: chunked\r\n\r\n1;";
    EXPECT_EQ(status_of(exchange(post + std::string(256 << 10, 'x'))), "400");
}

TEST_F(HttpServer, AHandlerThatThrowsIsAnInternalError) {
    const auto peer = connect();
    peer->send("GET /boom HTTP/1.1\r\n" + host + "\r\n");
    const std::string answer = answers(*peer, 1);
    EXPECT_EQ(status_of(answer), "500");
    EXPECT_EQ(answer.find("secret detail"), std::string::npos);
    peer->send("GET /hello HTTP/1.1\r\n" + host + "\r\n");
    EXPECT_EQ(test::count_of(answers(*peer, 2), "200 OK"), 1) << "and costs nothing else";
}

TEST_F(HttpServer, ListensOnlyWhereItCan) {
    http_server other(loop.executor(), {});
    const auto taken = other.listen("127.0.0.1", port);
    ASSERT_FALSE(taken);
    EXPECT_NE(taken.error().detail.find(std::to_string(port)), std::string::npos);
    EXPECT_EQ(other.listen("localhost", 0).error().code, errc::invalid_input);
}

} // namespace
} // namespace atende
