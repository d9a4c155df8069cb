// Reads the store slowly, all the time, and checks what must always be true of every conversation:
//   I1  every message received is consumed (answered, taken over, set aside) or in the inbox
//   I2  the epoch never goes backwards
//   I3  what waits – messages, sends, held echoes, a worker's lease – is in `due`
//   I4  no send stays begun for longer than a lease when nobody works on its conversation
//   I5  a waiting turn is due no later than the longest wait after its first message
//   I6  an idle conversation is not in `due`
// A violation counts when two passes in a row find it with the same numbers: critical in the log once, and in
// the totals. Never writes.
#pragma once

#include <algorithm>
#include <array>
#include <atende/turns/turn_store.hpp>
#include <chrono>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace atende {

inline constexpr int invariant_count = 6;

struct violation {
    std::string conversation;
    int invariant = 0; // 1 to 6
    std::string found;
};

class auditor {
public:
    auditor(redis_client& redis, turn_store_settings settings);

    // One shard's due conversations and a 64th of the key space a step; 64 steps are a pass.
    // On failure the same step is done again.
    awaitable<result<void>> step();
    // A pass in about this time, again and again until it is cancelled or stop() was called.
    awaitable<void> run(std::chrono::milliseconds pass);
    void stop() { stopping_ = true; }

    // As turn_store_settings has it from now on. What waits already was given the time of before, so for I5
    // the longest of all counts.
    void allow_wait(milliseconds longest) {
        settings_.longest_wait = std::max(settings_.longest_wait, longest);
    }

    [[nodiscard]] std::int64_t passes() const { return pass_; }     // complete ones
    [[nodiscard]] std::int64_t checked() const { return checked_; } // conversations in the last complete pass
    // Found since the start, by invariant: I1 is the first.
    [[nodiscard]] const std::array<std::int64_t, invariant_count>& totals() const { return totals_; }
    [[nodiscard]] std::int64_t total() const;
    // Those that the last complete pass still saw, at most 100.
    [[nodiscard]] std::vector<violation> open() const;

private:
    struct suspicion {
        violation what;
        std::int64_t pass = 0;
        bool reported = false;
    };
    struct last_epoch {
        std::int64_t epoch = 0;
        std::int64_t pass = 0;
    };
    awaitable<result<std::vector<std::string>>> due_members(int shard);
    awaitable<result<std::vector<std::string>>> scanned_members(bool last);
    awaitable<result<void>> check(std::vector<std::string> members);
    void check_epoch(const std::string& member, std::int64_t epoch);
    void suspect(violation what);
    void end_pass();

    redis_client& redis_;
    turn_store_settings settings_;
    bool stopping_ = false;
    int shard_ = 0;
    std::int64_t pass_ = 0;
    std::int64_t keys_a_step_ = 0;
    std::string cursor_ = "0";
    bool scanned_all_ = false;
    std::int64_t checking_ = 0, checked_ = 0;
    std::unordered_map<std::string, suspicion> suspicions_; // by conversation and invariant
    std::unordered_map<std::size_t, last_epoch> epochs_;    // by hash of the conversation
    std::array<std::int64_t, invariant_count> totals_{};
};

} // namespace atende
