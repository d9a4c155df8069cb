// The door of the web chat on a real server and Redis: what one visitor does costs no other the chat.
#include "integration/store_fixture.hpp"
#include "support/raw_peer.hpp"

#include <nlohmann/json.hpp>

#include <atende/intake/web_chat.hpp>

namespace atende {
namespace {

using namespace std::chrono_literals;
using test::raw_peer;
using headers = std::vector<std::pair<std::string, std::string>>;

class WebChat : public test::store_test {
protected:
    live_events_settings events_options{.poll = 5ms, .gathering = 0ms};
    web_chat_settings options{
        .token = "a-token-for-the-page", .origins = {"https://loja.example"}, .quiet = 0ms};
    std::vector<conversation_id> gathered;
    std::optional<live_events> events;
    std::optional<web_sessions> sessions;
    std::optional<event_desk> desk;
    std::optional<web_chat> chat;
    std::optional<http_server> server;
    std::uint16_t port = 0;

    void start() {
        events.emplace(loop.executor(), *redis, events_options);
        sessions.emplace(*redis, web_site_of(options.origins), 1h);
        desk.emplace(
            event_desk_settings{}, store(),
            [this](const conversation_id& who, milliseconds) { gathered.push_back(who); }, progress_sink{});
        chat.emplace(options, *sessions, *desk, *events);
        server.emplace(loop.executor(), http_server_limits{});
        chat->add_routes(*server);
        port = server->listen("127.0.0.1", 0).value();
    }
    void TearDown() override {
        loop.await(events->stop());
        loop.await(server->stop(5s));
    }

    std::shared_ptr<raw_peer> ask(std::string method, const headers& more, const std::string& body = "") {
        std::string bytes = method + " /api/agent/chat/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " +
                            options.token + "\r\n";
        for (const auto& [name, value] : more) bytes.append(name).append(": ").append(value).append("\r\n");
        if (method == "POST")
            bytes +=
                "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
        const auto peer = raw_peer::connect(loop.executor(), port);
        peer->send(bytes + "\r\n" + body);
        return peer;
    }
    std::shared_ptr<raw_peer> says(const std::string& text, const std::string& session = "",
                                   const headers& more = {}) {
        nlohmann::json body{{"message", text}};
        if (!session.empty()) body["session_id"] = session;
        return ask("POST", more, body.dump());
    }
    std::shared_ptr<raw_peer> comes_back(const std::string& session, const std::string& after) {
        return ask("GET", {{"X-Session-Id", session}, {"Last-Event-ID", after}});
    }
    bool gets(raw_peer& peer, const std::string& text) {
        return loop.until([&] { return peer.received.find(text) != std::string::npos; });
    }
    bool ends(raw_peer& peer) {
        return loop.until([&] { return peer.ended; }) && peer.received.ends_with("\r\n0\r\n\r\n");
    }
    std::string status(raw_peer& peer) {
        return gets(peer, "\r\n\r\n") ? peer.received.substr(9, 3) : "none";
    }
    std::string status(const std::shared_ptr<raw_peer>& peer) { return status(*peer); }
    std::string new_session_from(const std::string& visitor) {
        return status(says("oi", "", {{"X-Forwarded-For", visitor}}));
    }
    // Of the greeting.
    std::string session_in(raw_peer& peer) {
        const std::string before = R"("session_id":")";
        if (!gets(peer, before)) return "none";
        return peer.received.substr(peer.received.find(before) + before.size(), 22);
    }
};

TEST_F(WebChat, OneAddressBeginsOnlySoManySessionsInAMinute) {
    options.sessions_a_minute = 2;
    options.trusted_proxies = *address_list::parse("127.0.0.1");
    start();
    const auto first = says("oi", "", {{"X-Forwarded-For", "203.0.113.7"}});
    EXPECT_EQ(status(first), "200");
    EXPECT_EQ(new_session_from("203.0.113.7"), "200");
    const auto refused = says("oi", "", {{"X-Forwarded-For", "203.0.113.7"}});
    EXPECT_EQ(status(refused), "429");
    EXPECT_TRUE(gets(*refused, "Retry-After: 60\r\n"));
    EXPECT_EQ(status(says("oi", session_in(*first), {{"X-Forwarded-For", "203.0.113.7"}})), "200");
    EXPECT_EQ(new_session_from("198.51.100.1, 203.0.113.7"), "429")
        << "the proxy's word counts, not the page's";
    EXPECT_EQ(new_session_from("203.0.113.8"), "200") << "another visitor";
}

TEST_F(WebChat, ANetworkOfIpv6IsOneAddress) {
    options.sessions_a_minute = 1;
    options.trusted_proxies = *address_list::parse("127.0.0.1");
    start();
    EXPECT_EQ(new_session_from("2001:db8:1:2::1"), "200");
    EXPECT_EQ(new_session_from("2001:db8:1:2::2"), "429");
    EXPECT_EQ(new_session_from("2001:db8:1:3::1"), "200");
}

TEST_F(WebChat, WhatNoTrustedProxySaysDoesNotCount) {
    options.sessions_a_minute = 1;
    start();
    EXPECT_EQ(new_session_from("203.0.113.7"), "200");
    EXPECT_EQ(new_session_from("203.0.113.8"), "429");
}

// Regression: visitors who kept streams open made the chat refuse every message.
TEST_F(WebChat, AMessageIsTakenThoughAllStreamsAreOpen) {
    events_options.most_followers = 1;
    start();
    const auto idle = says("oi");
    ASSERT_EQ(status(*idle), "200");
    const auto page = says("tem a XY 150?");
    const std::string session = session_in(*page);
    EXPECT_TRUE(ends(*page)) << page->received;
    ASSERT_EQ(gathered.size(), 2U) << "it waits for its answer";
    EXPECT_EQ(gathered.back(), sessions->conversation_of(session));

    ASSERT_TRUE(loop.await(events->deliver(gathered.back(), {.id = 1, .text = "Temos sim!"})));
    const auto back = comes_back(session, "0");
    EXPECT_TRUE(ends(*back)) << back->received;
    EXPECT_NE(back->received.find("Temos sim!"), std::string::npos);
    EXPECT_NE(back->received.find("retry: "), std::string::npos) << "it comes back again";
    EXPECT_FALSE(idle->ended);
    EXPECT_TRUE(loop.await(events->follow(customer, "", live_reader::shop)))
        << "the operator has another place";
}

TEST_F(WebChat, AReaderKeepsItsPlaceForAWhileOnly) {
    options.longest_stream = 50ms;
    start();
    const auto page = says("oi");
    const std::string session = session_in(*page);
    EXPECT_TRUE(ends(*page)) << page->received;
    EXPECT_TRUE(ends(*comes_back(session, "0")));
}

TEST_F(WebChat, ABrowserThatNamesNoOriginIsOnOurOwnPage) {
    start();
    const auto from_site = [this](const std::string& site) {
        return status(ask("GET", {{"Sec-Fetch-Site", site}}));
    };
    EXPECT_EQ(from_site("same-origin"), "404") << "let in: it names no session";
    EXPECT_EQ(status(ask("GET", {})), "404") << "no browser";
    for (const char* other : {"cross-site", "same-site", "none"}) EXPECT_EQ(from_site(other), "403") << other;
}

} // namespace
} // namespace atende
