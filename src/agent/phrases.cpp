#include "agent/phrases.hpp"

#include <algorithm>
#include <atende/platform/text.hpp>

namespace atende {

bool has_phrase(std::string_view text, const std::vector<std::string>& phrases) {
    if (phrases.empty()) return false;
    const auto heard = " " + folded(text) + " ";
    return std::ranges::any_of(phrases,
                               [&](const std::string& phrase) { return heard.contains(" " + phrase + " "); });
}

} // namespace atende
