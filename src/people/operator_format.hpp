// Tables, times and counts for a terminal.
#pragma once

#include <atende/platform/language.hpp>
#include <cstdint>
#include <string>
#include <vector>

namespace atende {

using table = std::vector<std::vector<std::string>>;

// Columns as wide as their widest cell, two spaces apart; the first row is the heading. A cell of the
// last one may have several lines; they go on below its first.
std::string table_of(const table& rows);
// "1 turno", "3 turnos"
std::string counted(std::int64_t count, language lang, bilingual one, bilingual many);
std::string duration_text(std::int64_t ms);                  // "850 ms", "12 s", "3 min 20 s", "4 d 3 h"
std::string due_text(std::int64_t due_in_ms, language lang); // "em 2 s", "há 3 min"; "in 2 s", "3 min ago"
// Local: "21/11/2026 10:42:07"; "2026-11-21 10:42:07"
std::string time_text(std::int64_t at_ms, language lang);

} // namespace atende
