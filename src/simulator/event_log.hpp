// What happened in each simulated conversation, for the page to read and to wait for. In memory, bounded.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <atende/platform/async.hpp>
#include <chrono>
#include <cstdint>
#include <deque>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

namespace atende {

struct event_log_limits {
    std::size_t contacts = 200; // the one unused for longest is forgotten
    std::size_t events_per_contact = 500;
    std::size_t bytes_per_contact = 256 << 10;
};

// What the log knows of a message a customer sent.
struct logged_message {
    bool known = false;
    bool unsent = false;
    int edits = 0;
};

class event_log : public std::enable_shared_from_this<event_log> {
public:
    // `first_seq` should grow from run to run (the time does), so that a page that outlives the server misses
    // nothing.
    event_log(asio::any_io_executor executor, event_log_limits limits, std::int64_t first_seq);

    // Adds {"seq","at_ms","kind", …fields} and wakes who waits for that contact.
    void append(const std::string& contact, std::int64_t at_ms, std::string_view kind,
                const nlohmann::json& fields);

    // {"events":[…],"next":N,"now_ms":T}: those after `after`; `next` is what to ask for next time.
    [[nodiscard]] std::string read(const std::string& contact, std::int64_t after) const;

    // Returns when there is something after `after`, after `limit`, or at end_waits().
    awaitable<void> wait(std::string contact, std::int64_t after, std::chrono::steady_clock::duration limit);

    // Wakes everyone; later waits return at once.
    void end_waits();

    [[nodiscard]] logged_message find_message(const std::string& contact, std::string_view message_id) const;

private:
    struct logged_event {
        std::int64_t seq;
        std::string kind;
        std::string message_id;
        std::string json;
    };
    struct contact_events {
        std::deque<logged_event> events;
        std::size_t bytes = 0;
        std::list<std::string>::iterator use; // in uses_
    };
    struct waiter {
        std::string contact;
        asio::steady_timer timer;
    };

    contact_events& used(const std::string& contact);
    [[nodiscard]] const std::deque<logged_event>* find(const std::string& contact) const;
    [[nodiscard]] bool has_news(const std::string& contact, std::int64_t after) const;

    asio::any_io_executor executor_;
    event_log_limits limits_;
    std::int64_t last_seq_;
    std::unordered_map<std::string, contact_events> contacts_;
    std::list<std::string> uses_; // most recently written first
    std::list<waiter> waiters_;
    bool ended_ = false;
};

} // namespace atende
