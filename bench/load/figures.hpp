// Times that were measured, and what is said about them.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

using steady = std::chrono::steady_clock;

class times {
public:
    void add(steady::duration time) { all_.push_back(time); }
    [[nodiscard]] std::size_t count() const { return all_.size(); }
    // "<name>_p50_ms":…, and p99, least and most; null without a time.
    [[nodiscard]] std::string json(std::string_view name) const;

private:
    std::vector<steady::duration> all_;
};

} // namespace bench
