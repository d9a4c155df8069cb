// So many of each in a minute, in this process.
#pragma once

#include <chrono>
#include <deque>
#include <string>
#include <unordered_map>
#include <utility>

namespace atende {

class rate_limit {
public:
    using time_point = std::chrono::steady_clock::time_point;

    explicit rate_limit(int most_in_a_minute, std::size_t remembered = 10'000)
        : most_(most_in_a_minute),
          remembered_(remembered) {}

    // Counts one more of `whose`, unless that is too many. Of a flood of strangers the oldest is forgotten:
    // nobody is refused because of others.
    bool allows(const std::string& whose, time_point now) {
        while (!begun_.empty() && now - begun_.front().first >= std::chrono::minutes(1)) forget_oldest();
        if (!times_.contains(whose)) {
            if (times_.size() >= remembered_) forget_oldest();
            begun_.emplace_back(now, whose);
        }
        int& times = times_[whose];
        if (times >= most_) return false;
        ++times;
        return true;
    }

private:
    void forget_oldest() {
        times_.erase(begun_.front().second);
        begun_.pop_front();
    }

    int most_;
    std::size_t remembered_;
    std::unordered_map<std::string, int> times_;
    std::deque<std::pair<time_point, std::string>> begun_; // those of `times_`, oldest first
};

} // namespace atende
