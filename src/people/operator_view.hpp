// The JSON of /admin/api as text for a terminal, in Portuguese. What customers wrote is escaped: it may hold
// anything a terminal obeys. Fields that are missing are shown empty; nothing here throws for odd data.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace atende {

// `what` is the API's path: "status", "conversations", "dead/retry", …
std::string view_of(std::string_view what, const nlohmann::json& answer);
// Of an answer with another status than 200: what happened, and what to do.
std::string problem_of(int status, const nlohmann::json& answer);

// Columns as wide as their widest cell, two spaces apart; the first row is the heading.
std::string table_of(const std::vector<std::vector<std::string>>& rows);
std::string duration_text(std::int64_t ms);   // "850 ms", "12 s", "3 min 20 s", "2 h 5 min", "4 d 3 h"
std::string due_text(std::int64_t due_in_ms); // "em 2 s", "há 3 min"
std::string time_text(std::int64_t at_ms);    // "21/11/2026 10:42:07", local

} // namespace atende
