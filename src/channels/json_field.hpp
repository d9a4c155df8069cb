// Fields of JSON that strangers wrote: what is absent or of another type than asked for reads as empty.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace atende::field {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

std::optional<object> as_object(object from, std::string_view key);
std::optional<array> as_array(object from, std::string_view key);
std::string_view text(object from, std::string_view key);
// Meta writes ids as strings and, in places, as integers.
std::string id(object from, std::string_view key);
std::optional<std::int64_t> integer(object from, std::string_view key); // a number, or a string of digits
bool is_true(object from, std::string_view key);
// Unix milliseconds from a number or a string, in seconds or milliseconds; 0 where there is no plausible
// time.
std::int64_t unix_ms(object from, std::string_view key);

// The keys present, printable, for the log.
std::string names(object from);
// The value as JSON with sorted keys: equal values have equal text, in whatever order they were written.
std::string canonical_text(element value);

} // namespace atende::field
