// JSON from others, and JSON with others' words in it: nothing here throws.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace atende {

// Discarded (`is_discarded()`) where `text` is no JSON, or lists and objects are nested deeper than 64:
// copying and writing a value recurses, so that a few KB of brackets would overflow the stack.
nlohmann::json parsed_json(std::string_view text);

// In one line. What is not valid UTF-8 is replaced by U+FFFD.
std::string json_text(const nlohmann::json& value);

// As a whole number, also where it is written as Lua writes some ("1.5e3"); 0 if it is none.
std::int64_t whole_number(const nlohmann::json& value);

// The member of that name; null if there is none or `object` is no object. Lives as long as `object`.
const nlohmann::json& json_member(const nlohmann::json& object, std::string_view name);
// The same as a text; empty if it is none.
std::string text_member(const nlohmann::json& object, std::string_view name);
// The same as a whole_number().
std::int64_t number_member(const nlohmann::json& object, std::string_view name);
// The same as a flag; false if it is none.
bool flag_member(const nlohmann::json& object, std::string_view name);

} // namespace atende
