// The wall clock, for records and for people: it may jump, so nothing is timed by it.
#pragma once

#include <chrono>
#include <cstdint>

namespace atende {

inline std::int64_t unix_ms_now() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

} // namespace atende
