// What well-formed JSON may still do to its reader: a hundred thousand keys, or one key twice with two
// values.
#pragma once

#include <simdjson.h>

#include <cstddef>
#include <optional>
#include <string>

namespace atende {

struct json_limits {
    std::size_t string_bytes = 256 << 10;
    std::size_t array_elements = 10'000;
    std::size_t object_keys = 1'000;
};

// What exceeds the limits, or the key that occurs twice in one object; nothing if all is well. The depth of
// `root` must have been bounded by its parser.
std::optional<std::string> find_violation(simdjson::dom::element root, const json_limits& limits);

} // namespace atende
