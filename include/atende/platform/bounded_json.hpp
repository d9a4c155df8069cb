// JSON that somebody else wrote.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string_view>

namespace atende {

// Discarded (`is_discarded()`) where `text` is no JSON, or lists and objects are nested deeper than 64:
// copying and writing a value recurses, so that a few KB of brackets would overflow the stack. Never throws.
nlohmann::json parsed_json(std::string_view text);

} // namespace atende
