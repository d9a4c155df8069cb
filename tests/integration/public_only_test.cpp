// Calls that may go to the public internet only, tried on a server of ours that must not hear a word.
#include "invented_names.hpp"
#include "support/event_loop.hpp"
#include "support/raw_peer.hpp"

#include <gtest/gtest.h>

#include <atende/platform/http_client.hpp>

namespace atende {
namespace {

using test::raw_peer;

class PublicOnly : public testing::Test {
protected:
    test::event_loop loop;
    std::unique_ptr<http_client> client = make_curl_client(loop.executor(), "atende/test");
    int requests = 0;
    test::raw_server canary{loop.executor(), [this](raw_peer& peer) {
                                if (!peer.received.ends_with("\r\n\r\n")) return;
                                peer.received.clear();
                                ++requests;
                                peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
                            }};

    result<http_answer> get(const std::string& host, bool public_only) {
        return loop.await(
            client->perform({.url = "http://" + host + ":" + std::to_string(canary.port()) + "/",
                             .connect_timeout = std::chrono::milliseconds(2'000),
                             .public_only = public_only}));
    }
};

TEST_F(PublicOnly, NoSpellingAndNoNameLeadsToOurselves) {
    for (const auto* host : {"127.0.0.1",
                             "127.1",
                             "127.0.0.2",
                             "0x7f.1",
                             "0x7f000001",
                             "2130706433",
                             "0177.0.0.1",
                             "0",
                             "0.0.0.0",
                             "localhost",
                             "localhost.",
                             "LOCALHOST",
                             "[::1]",
                             "[::]",
                             "[::ffff:127.0.0.1]",
                             "[::ffff:7f00:1]",
                             "[0:0:0:0:0:ffff:127.0.0.1]",
                             "[::127.0.0.1]",
                             "127.0.0.1.",
                             "%31%32%37.0.0.1"}) {
        const auto answer = get(host, true);
        ASSERT_FALSE(answer) << host;
        EXPECT_TRUE(answer.error().code == errc::rejected || answer.error().code == errc::unavailable)
            << host;
    }
    EXPECT_EQ(get("localhost", true).error().code, errc::rejected);
    EXPECT_EQ(get("127.0.0.1", true).error().code, errc::rejected);
    EXPECT_EQ(requests, 0);
    EXPECT_TRUE(canary.peers.empty()) << "not even a connection";
}

// DNS rebinding: another address when it is looked up again than when it was vetted.
TEST_F(PublicOnly, WhatIsVettedOfANameIsWhatIsConnectedTo) {
    const std::string stranger = "93.184.216.34";
    const test::invented_name rebinds("rebinds.test", {{{stranger, 0}}, {{"127.0.0.1", 0}}});
    test::refused_strangers();
    EXPECT_EQ(get("rebinds.test", true).error().code, errc::unavailable);
    EXPECT_EQ(test::refused_strangers(), std::vector{stranger});
    client = make_curl_client(loop.executor(), "atende/test"); // remembers no address
    EXPECT_EQ(get("rebinds.test", true).error().code, errc::rejected);

    const test::invented_name both("both.test", {{{stranger, 0}, {"127.0.0.1", 0}}});
    EXPECT_EQ(get("both.test", true).error().code, errc::rejected);
    EXPECT_TRUE(canary.peers.empty());
    EXPECT_TRUE(get("rebinds.test", false)) << "that it leads to us is true";
}

TEST_F(PublicOnly, AConnectionThatSomebodyElseOpenedIsNotUsedEither) {
    ASSERT_TRUE(get("127.0.0.1", false));
    EXPECT_EQ(get("127.0.0.1", true).error().code, errc::rejected);
    EXPECT_EQ(requests, 1);
    EXPECT_TRUE(get("127.0.0.1", false)) << "and is still good for who may go there";
    EXPECT_EQ(requests, 2);
}

TEST_F(PublicOnly, ReservedNetworksAreRefusedWithoutBeingTried) {
    for (const auto* host :
         {"10.0.0.1", "172.16.0.1", "192.168.0.1", "169.254.169.254", "100.64.0.1", "224.0.0.1",
          "255.255.255.255", "[fe80::1]", "[fd00::1]", "[64:ff9b::a9fe:a9fe]", "[2002:7f00:1::]"}) {
        const auto answer = get(host, true);
        ASSERT_FALSE(answer) << host;
        EXPECT_EQ(answer.error().code, errc::rejected) << host;
    }
}

} // namespace
} // namespace atende
