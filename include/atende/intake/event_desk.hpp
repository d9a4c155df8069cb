// The one place through which events reach Redis, whether they come straight from the platform, from the
// spool or from the journal: reads a webhook's body, hands its events over, tells the engine and the log what
// became of them. Lives on the event loop's thread.
#pragma once

#include <atende/channels/instagram_webhook.hpp>
#include <atende/conversation/progress.hpp>
#include <atende/intake/quiet_window.hpp>
#include <atende/turns/turn_store.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace atende {

// Since when Redis has not taken what it was given.
struct redis_absence {
    std::chrono::steady_clock::time_point since;
    std::int64_t since_ms = 0; // Unix
};

struct event_desk_settings {
    quiet_settings quiet;
    std::function<std::chrono::steady_clock::time_point()> now; // empty: the real one
    // Told of a customer's message whose turn is more than 10 s off; empty: nobody is.
    std::function<void(const conversation_id&, const customer_message&)> waits_long;
    // Once it is known that a message was taken back, perhaps more than once; empty: nobody is told.
    std::function<awaitable<void>(conversation_id, message_id)> unsent;
};

class event_desk {
public:
    // Told when a conversation is due.
    using gathered_sink = std::function<void(const conversation_id&, std::chrono::milliseconds)>;
    enum class redeliveries { logged, unlogged };

    event_desk(event_desk_settings settings, turn_store& store, gathered_sink gathered, progress_sink watch);
    ~event_desk();

    // For messages that come from now on.
    void change(quiet_settings quiet) { settings_.quiet = quiet; }

    // invalid_input, as instagram_parser; no events is no error. `received_ms`: when the webhook came, Unix
    // ms, if it was kept on disk since. An event that came when Redis could no longer know whether it had
    // been handed over before (turn_store_settings::dedupe_ttl after it happened) will only be recorded:
    // whoever replays a signed webhook gets no answer.
    result<std::vector<gathered_event>> read(std::string_view body,
                                             std::optional<std::int64_t> received_ms = std::nullopt);

    // On success every event is durable in Redis. On failure some may be: handing all over again completes it
    // without doubling. A failure that says Redis is away, or refuses everything, begins its absence; any
    // success ends it.
    awaitable<result<std::vector<event_receipt>>> hand_over(const std::vector<gathered_event>& events,
                                                            redeliveries how = redeliveries::logged);

    [[nodiscard]] const std::optional<redis_absence>& absence() const { return absence_; }
    [[nodiscard]] const turn_store_settings& store_settings() const { return store_.settings(); }

private:
    struct log_limits;

    void note_too_old(int events);
    void failed(const error& failure);
    void note(const event& what, const event_receipt& receipt, redeliveries how);
    void tell(const conversation_id& conversation, stage what, std::string detail) const;

    event_desk_settings settings_;
    turn_store& store_;
    gathered_sink gathered_;
    progress_sink watch_;
    instagram_parser parser_;
    std::optional<redis_absence> absence_;
    std::unique_ptr<log_limits> limits_;
};

} // namespace atende
