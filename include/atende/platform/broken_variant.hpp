// Deliberately wrong behaviour, compiled only into the binary that proves our tests would notice it
// (atende_broken). In the product `broken` is always false and leaves no trace.
#pragma once

#include <cstdlib>
#include <string_view>

namespace atende {

#ifdef ATENDE_BROKEN_VARIANTS
inline bool broken(std::string_view variant) {
    const char* chosen = std::getenv("ATENDE_BROKEN");
    return chosen != nullptr && variant == chosen;
}
#else
constexpr bool broken(std::string_view) {
    return false;
}
#endif

} // namespace atende
