#include "agent/profile/spelling.hpp"

#include <algorithm>
#include <utility>

namespace atende {
namespace {

constexpr std::size_t longest_name = 100; // that anybody would misspell

} // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
    // Rows of the table of distances between beginnings: that of i - 2, of i - 1 and of i letters of `a`.
    std::vector<std::size_t> before_last, last(b.size() + 1), row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
            const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
        }
        before_last = std::exchange(last, row);
    }
    return last[b.size()];
}

std::string nearest_name(std::string_view written, std::span<const std::string> known) {
    if (written.size() > longest_name) return {};
    std::string nearest;
    std::size_t least = std::max<std::size_t>(written.size() / 3, 1) + 1;
    for (const auto& name : known) {
        if (name.size() >= written.size() + least || written.size() >= name.size() + least) continue;
        const auto distance = edit_distance(written, name);
        if (distance >= least || distance >= name.size()) continue;
        least = distance;
        nearest = name;
    }
    return nearest;
}

} // namespace atende
