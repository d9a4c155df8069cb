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

struct json_findings {
    std::optional<std::string> violation; // what is too wide, or the key that occurs twice in one object
    std::size_t long_strings = 0;         // those over the limit; all of them if there is no violation
};

// The depth of `root` must have been bounded by its parser.
json_findings examine(simdjson::dom::element root, const json_limits& limits);

} // namespace atende
