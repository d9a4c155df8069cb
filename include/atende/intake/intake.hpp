// Decides where an accepted webhook goes: to Redis; or, when Redis has been away for long, to the spool,
// because a platform that gets nothing but 503 for an hour stops sending. Lives on the event loop's thread.
#pragma once

#include <atende/intake/event_desk.hpp>
#include <atende/intake/webhook_journal.hpp>
#include <atende/intake/webhook_spool.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace atende {

struct intake_settings {
    std::chrono::milliseconds spool_after{60'000};              // of Redis' absence
    std::function<std::chrono::steady_clock::time_point()> now; // the event_desk's; empty: the real one
};

// For health/ready.
struct intake_state {
    std::optional<std::int64_t> redis_away_since_ms; // Unix
    webhook_spool_state spool;
    webhook_journal_state journal;
};

class intake {
public:
    enum class fate {
        stored,  // every event is in Redis
        spooled, // the webhook is on our disk, and goes to Redis when it is back
        refused, // neither; handing it over again completes it without doubling
    };

    intake(event_desk& desk, webhook_spool& spool, webhook_journal& journal, intake_settings settings);
    ~intake();

    // `events` were read from `body` and are not empty.
    awaitable<fate> take(std::vector<gathered_event> events, std::string body);
    [[nodiscard]] intake_state state() const;

private:
    struct log_limits;

    [[nodiscard]] bool goes_to_spool(const error& failure) const;
    void note_refused(const error& failure);

    event_desk& desk_;
    webhook_spool& spool_;
    webhook_journal& journal_;
    intake_settings settings_;
    std::unique_ptr<log_limits> limits_;
};

} // namespace atende
