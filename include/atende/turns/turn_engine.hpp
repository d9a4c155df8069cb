// Works on conversations when they are due: claims, lets a handler think, plans, sends in order, hands back.
// Any number of processes may run one on the same Redis.
#pragma once

#include <atende/conversation/progress.hpp>
#include <atende/platform/async.hpp>
#include <atende/turns/turn_store.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace atende {

struct turn_decision {
    enum class verdict {
        answer,  // `plan` answers the turn; no texts: it needs no answer
        defer,   // not now; `notice` tells the customer so, once
        abandon, // the journal said that the turn is no longer this worker's
    };
    verdict what = verdict::answer;
    turn_plan plan;
    std::string notice;
};

// Stores what is about to be acted on, or what came of it, so that another worker can go on from there; it
// comes back as turn::journal. `commits`: a tool is about to change something, so the turn is not thought
// again for newer messages. False: the turn is no longer this worker's, or Redis is away for long; nothing
// may be started.
using journal_writer = std::function<awaitable<bool>(std::string entry, bool commits)>;

// What happens inside a turn. An exception leaves the turn to be tried again when its lease has expired.
class turn_handler {
public:
    virtual ~turn_handler() = default;
    // May be cancelled: then nothing of the turn has happened.
    virtual awaitable<turn_decision> think(turn what, journal_writer journal) = 0;
    // Sends exactly once.
    virtual awaitable<send_outcome> send(conversation_id to, send_intent intent) = 0;
    // Our messages that the platform shows since then and that may be this one: with its text, or with an
    // audio. None: it shows everything since then, and there is no such message (yet). An error: that cannot
    // be said.
    virtual awaitable<result<std::vector<message_id>>>
    find_sent(conversation_id to, send_intent sent, std::chrono::steady_clock::time_point since) = 0;
};

struct turn_engine_settings {
    std::chrono::milliseconds sweep_interval{1'000}; // how long an orphan stays unnoticed
    std::size_t most_running = 8'192;
    int first_suspect_attempt = 4; // from this one on, few such turns run at once
    int first_lone_attempt = 5;    // from this one on, one
    int most_send_attempts = 200;
    std::chrono::milliseconds first_send_retry{1'000}; // doubles up to the longest
    std::chrono::milliseconds longest_send_retry{300'000};
    std::chrono::milliseconds first_deferral{15'000}; // doubles up to the longest
    std::chrono::milliseconds longest_deferral{600'000};
    // A send of unknown outcome that the platform does not show after so long did not arrive. Where it cannot
    // be asked, it is asked less and less often, and in the end left to a person.
    std::chrono::milliseconds verdict_after{60'000};
    std::chrono::milliseconds longest_between_looks{3'600'000};
    int most_looks = 30; // about a day
};

class turn_engine {
public:
    turn_engine(asio::any_io_executor executor, turn_store& store, turn_handler& handler,
                turn_engine_settings settings, progress_sink watch);
    ~turn_engine();
    turn_engine(const turn_engine&) = delete;
    turn_engine& operator=(const turn_engine&) = delete;

    void start();
    // Looks at the conversation after `time`, replacing an earlier appointment.
    void wake_in(const conversation_id& conversation, std::chrono::milliseconds time);
    [[nodiscard]] std::size_t running() const;

    // Claims nothing more, lets running turns end for `grace`, then cancels and hands back the rest.
    awaitable<void> stop(std::chrono::steady_clock::duration grace);

private:
    struct state;
    std::unique_ptr<state> state_;
};

} // namespace atende
