// One answer, several messages: platforms count bytes, people read sentences.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace atende {

// Pieces of at most `max_bytes` bytes of UTF-8, in order, none empty, white space at the cuts dropped. Cuts
// at a paragraph, else a sentence, else a word, else between graphemes. A URL is cut only if it alone exceeds
// `max_bytes`. `text` must be valid UTF-8.
std::vector<std::string> split_text(std::string_view text, std::size_t max_bytes);

} // namespace atende
