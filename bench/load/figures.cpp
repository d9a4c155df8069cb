#include "load/figures.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace bench {

std::string times::json(std::string_view name) const {
    auto sorted = all_;
    std::ranges::sort(sorted);
    const auto at = [&sorted](double share) -> std::string {
        if (sorted.empty()) return "null";
        const auto last = static_cast<double>(sorted.size() - 1);
        const auto time = sorted[static_cast<std::size_t>(last * share + 0.5)];
        return fmt::format("{:.3f}", std::chrono::duration<double, std::milli>(time).count());
    };
    return fmt::format(R"("{0}_p50_ms":{1},"{0}_p99_ms":{2},"{0}_min_ms":{3},"{0}_max_ms":{4})", name,
                       at(0.5), at(0.99), at(0), at(1));
}

} // namespace bench
