// Where sentences of Portuguese end.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

namespace atende {

// Byte offsets of the ends of the sentences of valid UTF-8 `text`, the last one included. "Av. Norte", "Sr.
// José" and "R$ 1.500,00" end nothing; a line break is a space.
std::vector<std::size_t> sentence_ends(std::string_view text);

} // namespace atende
