// Reads the answers of /admin/api. What is missing, or of another kind, is 0, false or empty; nothing throws.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <string>

namespace atende {

std::int64_t number_at(const nlohmann::json& from, const char* key);
bool flag_at(const nlohmann::json& from, const char* key);
bool has_number(const nlohmann::json& from, const char* key);
// Escaped: it may hold anything a terminal obeys.
std::string text_at(const nlohmann::json& from, const char* key, std::size_t limit = 60);
// The same with its line breaks, for the last column of a table.
std::string lines_at(const nlohmann::json& from, const char* key, std::size_t limit);
const nlohmann::json& list_at(const nlohmann::json& from, const char* key);

} // namespace atende
