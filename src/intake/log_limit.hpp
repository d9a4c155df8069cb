// At most one log line every so often for what may happen thousands of times a second.
#pragma once

#include <chrono>
#include <utility>

namespace atende {

class log_limit {
public:
    explicit log_limit(std::chrono::steady_clock::duration interval) : interval_(interval) {}

    // How many times it happened since the last line, if it is time for another; otherwise 0.
    int happened(int times = 1) {
        silent_ += times;
        const auto now = std::chrono::steady_clock::now();
        if (now < next_) return 0;
        next_ = now + interval_;
        return std::exchange(silent_, 0);
    }

private:
    std::chrono::steady_clock::duration interval_;
    std::chrono::steady_clock::time_point next_;
    int silent_ = 0;
};

} // namespace atende
