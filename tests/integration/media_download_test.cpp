// Files fetched by real HTTP, from hosts that misbehave, and from some that must not hear a word.
#include "invented_names.hpp"
#include "support/event_loop.hpp"
#include "support/raw_peer.hpp"

#include <gmock/gmock.h>

#include <atende/voice/media_download.hpp>

namespace atende {
namespace {

using test::raw_peer;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;

class RealDownload : public testing::Test {
protected:
    test::event_loop loop;
    std::unique_ptr<http_client> client = make_curl_client(loop.executor(), "atende/test");
    std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nvoice";
    int requests = 0;
    test::raw_server server{loop.executor(), [this](raw_peer& peer) {
                                if (!peer.received.ends_with("\r\n\r\n")) return;
                                peer.received.clear();
                                ++requests;
                                peer.send(answer);
                            }};
    test::raw_server canary{loop.executor(), [](raw_peer& peer) { peer.close(); }};
    media_source from{.platform_domains = instagram_media_domains(),
                      .access_token = "EAAsecret",
                      .allowed_hosts = *host_list::parse("127.0.0.1:" + std::to_string(server.port())),
                      .only_below = {}};

    result<std::string> fetch(const std::string& url, download_limits limits = {}) {
        return loop.await(download_media(*client, from, url, limits));
    }
    static std::string leading_to(const std::string& url) {
        return "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + url + "\r\n\r\n";
    }
};

TEST_F(RealDownload, BringsTheFile) {
    EXPECT_EQ(fetch(server.url("/a")), "voice");
}

TEST_F(RealDownload, FollowsNoRedirectToAHostThatIsNotAllowed) {
    for (const auto& to : {canary.url("/"), "http://localhost:" + std::to_string(canary.port()) + "/",
                           "http://2130706433:" + std::to_string(canary.port()) + "/",
                           "//127.0.0.1:" + std::to_string(canary.port()) + "/"}) {
        answer = leading_to(to);
        EXPECT_EQ(fetch(server.url("/")).error().code, errc::rejected) << to;
    }
    EXPECT_TRUE(canary.peers.empty()) << "not even a connection";
}

// What a DNS answer can make of a name: the platform's own leads to this machine. Nothing is asked there.
TEST_F(RealDownload, ConnectsToNoPrivateAddressWhateverItsName) {
    const test::invented_name name("cdn.test", {{{"127.0.0.1", canary.port()}}});
    from.platform_domains = {"cdn.test"};
    const auto got = fetch("https://cdn.test/");
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, errc::rejected) << got.error().detail;
    EXPECT_TRUE(canary.peers.empty()) << "not even a connection";
}

// DNS rebinding: public when it is looked up for the first time, this machine from then on.
TEST_F(RealDownload, ConnectsToNoPrivateAddressThatANameGetsLater) {
    const std::string stranger = "93.184.216.34";
    const test::invented_name name("cdn.test", {{{stranger, 0}}, {{"127.0.0.1", canary.port()}}});
    from.platform_domains = {"cdn.test"};
    test::refused_strangers();
    ASSERT_FALSE(fetch("https://cdn.test/"));
    EXPECT_TRUE(canary.peers.empty()) << "not even a connection";
    EXPECT_THAT(test::refused_strangers(), AllOf(Contains(stranger), Each(stranger)));

    const auto careless = make_curl_client(loop.executor(), "atende/test");
    EXPECT_FALSE(loop.await(careless->perform({.url = "https://cdn.test/"})));
    EXPECT_FALSE(canary.peers.empty()) << "that it leads to us is true";
}

TEST_F(RealDownload, StopsAtTheMostBytesWhateverWasAnnounced) {
    answer = "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + std::string(100'000, 'x');
    EXPECT_EQ(fetch(server.url("/"), {.bytes = 99'999}).error().code, errc::too_large);
    EXPECT_EQ(fetch(server.url("/"), {.bytes = 100'000})->size(), 100'000U);
    answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n186a0\r\n" + std::string(100'000, 'x') +
             "\r\n0\r\n\r\n";
    EXPECT_EQ(fetch(server.url("/"), {.bytes = 99'999}).error().code, errc::too_large);
}

TEST_F(RealDownload, DoesNotWaitForAFileThatNeverEnds) {
    answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nvoi";
    const auto got = fetch(server.url("/"), {.time = std::chrono::milliseconds(200)});
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, errc::timed_out);
    EXPECT_EQ(requests, 1) << "there was no time for another try";
}

TEST_F(RealDownload, UnpacksNothing) {
    answer = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nvoice";
    EXPECT_EQ(fetch(server.url("/")), "voice") << "the bytes as they came";
}

} // namespace
} // namespace atende
