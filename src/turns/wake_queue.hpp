// When this process has to look at which conversation. No I/O, no timer: the engine asks for the next time.
#pragma once

#include <atende/conversation/ids.hpp>
#include <chrono>
#include <optional>
#include <queue>
#include <unordered_map>
#include <vector>

namespace atende {

class wake_queue {
public:
    using time_point = std::chrono::steady_clock::time_point;

    // The conversation's time, replacing an earlier one.
    void set(const conversation_id& conversation, time_point when);
    [[nodiscard]] std::optional<time_point> next() const; // may be too early, never too late
    // Removes and returns one conversation whose time has come.
    std::optional<conversation_id> pop(time_point now);
    [[nodiscard]] std::size_t size() const { return waiting_.size(); }

private:
    struct entry {
        time_point when;
        time_point alarm_at; // the alarm that counts; later ones in the heap are left over
        int alarms = 0;      // of this conversation in the heap
    };
    using node = std::pair<const conversation_id, entry>;
    struct alarm {
        time_point when;
        node* of = nullptr; // stable: nodes of an unordered_map do not move
        bool operator>(const alarm& other) const { return when > other.when; }
    };

    void arm(node& of);

    // A conversation that is put off keeps its alarm and gets a new one when that rings: putting off is what
    // happens to nearly every message of a burst, and costs one assignment.
    std::unordered_map<conversation_id, entry> waiting_;
    std::priority_queue<alarm, std::vector<alarm>, std::greater<>> alarms_;
};

} // namespace atende
