#include "voice/byte_range.hpp"

#include <algorithm>
#include <atende/platform/text.hpp>
#include <charconv>
#include <limits>
#include <optional>

namespace atende {
namespace {

// Beyond what fits, the largest there is: it is behind the end of any file.
std::optional<std::size_t> number_in(std::string_view digits) {
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (digits.empty() || !std::ranges::all_of(digits, is_digit)) return std::nullopt;
    std::size_t value = 0;
    const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return failed == std::errc{} ? value : std::numeric_limits<std::size_t>::max();
}

byte_range part(std::size_t first, std::size_t length) {
    return {.what = byte_range::kind::part, .first = first, .length = length};
}

constexpr byte_range outside{.what = byte_range::kind::outside};

} // namespace

byte_range read_byte_range(std::string_view header, std::size_t size) {
    constexpr std::string_view unit = "bytes=";
    if (lower_case(header.substr(0, unit.size())) != unit) return {};
    const std::string_view range = trimmed(header.substr(unit.size()));
    const std::size_t dash = range.find('-');
    if (dash == std::string_view::npos) return {};
    const auto from = number_in(range.substr(0, dash));
    const auto to = number_in(range.substr(dash + 1));
    if (dash == 0) { // the last so many
        if (!to) return {};
        const std::size_t length = std::min(*to, size);
        return length == 0 ? outside : part(size - length, length);
    }
    const bool open_end = dash + 1 == range.size();
    if (!from || (!open_end && !to) || (to && *to < *from)) return {};
    if (*from >= size) return outside;
    return part(*from, (open_end ? size - 1 : std::min(*to, size - 1)) - *from + 1);
}

} // namespace atende
