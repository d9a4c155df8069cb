// The door of a shop's own site: POST /api/agent/chat/stream takes a customer's message and answers with what
// happens in its turn, as server-sent events; GET follows the session again after a broken connection. The
// message goes the same durable road as any other, so the answer does not depend on the connection.
// docs/events.md is the API.
#pragma once

#include <atende/intake/event_desk.hpp>
#include <atende/platform/address_list.hpp>
#include <atende/platform/http_server.hpp>
#include <atende/turns/live_events.hpp>
#include <atende/turns/web_sessions.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace atende {

struct web_chat_settings {
    std::string token;                // that pages send; empty: there is no web chat
    std::vector<std::string> origins; // "https://loja.example": the pages that may use it
    address_list trusted_proxies;     // what they say of whom they speak for counts
    int sessions_a_minute = 60;       // new ones of one address (an IPv6 /64 is one)
    int messages_a_minute = 20;       // of one session
    std::size_t most_characters = 4'000;
    std::chrono::milliseconds quiet{400};                 // people send a whole message here
    std::chrono::milliseconds longest_stream{5 * 60'000}; // then the reader comes back with GET
};

// The account all conversations of such a chat belong to: the host of the first origin.
account_id web_site_of(const std::vector<std::string>& origins);

class web_chat {
public:
    // The parts outlive it.
    web_chat(web_chat_settings settings, web_sessions& sessions, event_desk& desk, live_events& events);
    ~web_chat();

    // None without a token: the path does not exist then.
    void add_routes(http_server& server);

    // 401 token, 403 origin, 400 not a message, 404 no such session, 409 this message was taken before, 413
    // too long, 429 too often, 503 not stored (nothing is lost: send it again with the same message_id).
    // Where too many streams are open, one tells what is kept and ends at once: nobody keeps another from
    // writing.
    awaitable<http_reply> post(http_request request);
    awaitable<http_reply> resume(http_request request);

private:
    struct limits;
    using action = awaitable<http_reply> (web_chat::*)(http_request);

    awaitable<http_reply> guarded(http_request request, action act);
    awaitable<http_reply> preflight(http_request request);
    [[nodiscard]] bool is_our_page(const http_request& request) const;
    awaitable<result<bool>> may_use(std::string session);

    web_chat_settings settings_;
    web_sessions& sessions_;
    event_desk& desk_;
    live_events& events_;
    std::unique_ptr<limits> limits_;
};

} // namespace atende
