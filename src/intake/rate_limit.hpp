// So many of each in a minute, in this process.
#pragma once

#include <chrono>
#include <string>
#include <unordered_map>

namespace atende {

class rate_limit {
public:
    explicit rate_limit(int most_in_a_minute) : most_(most_in_a_minute) {}

    // Counts one more of `whose`, unless that is too many.
    bool allows(const std::string& whose, std::chrono::steady_clock::time_point now) {
        constexpr std::size_t remembered = 10'000;
        if (counts_.size() >= remembered)
            std::erase_if(counts_, [now](const auto& entry) { return is_over(entry.second, now); });
        if (counts_.size() >= remembered) return false; // a flood of strangers: nobody new for a moment
        auto& count = counts_[whose];
        if (is_over(count, now)) count = {.since = now, .times = 0};
        if (count.times >= most_) return false;
        ++count.times;
        return true;
    }

private:
    struct count {
        std::chrono::steady_clock::time_point since;
        int times = 0;
    };
    static bool is_over(const count& c, std::chrono::steady_clock::time_point now) {
        return now - c.since >= std::chrono::minutes(1);
    }

    int most_;
    std::unordered_map<std::string, count> counts_;
};

} // namespace atende
