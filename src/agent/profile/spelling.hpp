// Which of the known names somebody meant who wrote another one.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace atende {

// Insertions, deletions, replacements and swapped neighbours that turn one into the other.
std::size_t edit_distance(std::string_view a, std::string_view b);

// The known name nearest to `written`; empty if none is near enough to be meant.
std::string nearest_name(std::string_view written, std::span<const std::string> known);

} // namespace atende
