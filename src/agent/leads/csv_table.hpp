// A spreadsheet's CSV file in memory: RFC 4180 with ';' between cells.
#pragma once

#include <atende/platform/result.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace atende {

struct csv_table {
    std::vector<std::string> header;
    std::vector<std::vector<std::string>> rows; // may be shorter or longer than the header

    // Cell of that column; adds the column, and cells to the row, where they are missing.
    std::string& cell(std::size_t row, std::string_view column);
    [[nodiscard]] std::string value(std::size_t row, std::string_view column) const; // empty if absent
};

// With or without byte order mark, lines ending in CRLF or LF; separated by commas if the header has no ';'.
// protocol: a quote is not closed.
result<csv_table> parse_csv(std::string_view text);

// With byte order mark and CRLF.
std::string format_csv(const csv_table& table);

// `text` as a spreadsheet shows it instead of running it as a formula.
// https://owasp.org/www-community/attacks/CSV_Injection
std::string formula_safe(std::string_view text);

} // namespace atende
