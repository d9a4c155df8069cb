// Words and phrases that a shop lists and customers write.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace atende {

// Whether `text` has one of `phrases`, which are folded(), in it: as whole words, in any spelling of case,
// accents and punctuation.
bool has_phrase(std::string_view text, const std::vector<std::string>& phrases);

} // namespace atende
