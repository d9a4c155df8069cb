// Text as people write it: UTF-8, graphemes, Portuguese.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace atende {

bool is_valid_utf8(std::string_view text);
// Every invalid sequence becomes U+FFFD.
std::string with_valid_utf8(std::string_view text);

// Byte offsets of the grapheme boundaries of valid UTF-8 `text`, the last one included: an emoji family or an
// accented letter is never cut.
std::vector<std::size_t> grapheme_ends(std::string_view text);

// The longest prefix of at most `max_bytes` that ends at a grapheme boundary.
std::string_view grapheme_prefix(std::string_view text, std::size_t max_bytes);

// Number of Unicode code points.
std::size_t count_characters(std::string_view text);

// Lower case, without accents; all else stays as it is.
std::string without_accents(std::string_view text);

// Lower case, without accents, punctuation as spaces, single spaces: for matching what people typed.
std::string folded(std::string_view text);

// ASCII letters only: of names that computers compare.
std::string lower_case(std::string_view text);

// For one part of a URL's path or one value of its query (RFC 3986).
std::string percent_encoded(std::string_view text);
// The other way round; what is no escape stays as it is.
std::string percent_decoded(std::string_view text);

std::string_view trimmed(std::string_view text);

// Without spaces, tabs and line ends: what of a text survives a platform that lays it out anew. Texts are
// recognised by it (echoes, sends of unknown outcome), so that everybody must leave out the same.
std::string without_white_space(std::string_view text);

// Valid UTF-8 `text` without what no reader sees or what turns its direction around: control characters but
// line feeds and tabs, zero width, bidirectional controls, tags.
std::string without_hidden_characters(std::string_view text);

// Valid UTF-8 `text` without emojis and other pictures; of a keycap its digit stays. The spaces around them
// do, too.
std::string without_emojis(std::string_view text);

// `text` as the inside of a JSON string, appended to `out`; `text` must be valid UTF-8.
void append_json_escaped(std::string& out, std::string_view text);

} // namespace atende
