#include "agent/leads/csv_table.hpp"

#include <algorithm>

namespace atende {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr char guard = '\'';

// Behind any number of guards, so that a text which itself starts with one comes back unchanged.
bool starts_formula(std::string_view text) {
    const std::size_t first = text.find_first_not_of(guard);
    return first != std::string_view::npos &&
           std::string_view("=+-@\t\r\n").find(text[first]) != std::string_view::npos;
}

void append_row(std::string& out, const std::vector<std::string>& cells) {
    for (std::size_t i = 0; i < cells.size(); ++i) {
        if (i > 0) out += ';';
        // A comma needs no quotes here, but then the file also survives a reader that splits at commas.
        if (cells[i].find_first_of(";,\"\r\n\t") == std::string::npos) {
            out += cells[i];
            continue;
        }
        out += '"';
        for (const char c : cells[i]) out.append(c == '"' ? 2 : 1, c);
        out += '"';
    }
    out += "\r\n";
}

} // namespace

std::string& csv_table::cell(std::size_t row, std::string_view column) {
    const auto found = std::ranges::find(header, column);
    const auto at = static_cast<std::size_t>(found - header.begin());
    if (found == header.end()) header.emplace_back(column);
    if (rows[row].size() <= at) rows[row].resize(at + 1);
    return rows[row][at];
}

std::string csv_table::value(std::size_t row, std::string_view column) const {
    const auto at = static_cast<std::size_t>(std::ranges::find(header, column) - header.begin());
    return at < header.size() && at < rows[row].size() ? rows[row][at] : std::string();
}

result<csv_table> parse_csv(std::string_view text) {
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    const bool semicolons = text.substr(0, text.find('\n')).find(';') != std::string_view::npos;
    const char separator = semicolons ? ';' : ',';

    std::vector<std::vector<std::string>> rows;
    std::vector<std::string> cells(1);
    bool quoted = false;
    const auto end_row = [&rows, &cells] {
        if (cells.size() > 1 || !cells.front().empty()) rows.push_back(std::move(cells));
        cells.assign(1, {});
    };
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        const bool doubled = at + 1 < text.size() && text[at + 1] == '"';
        if (quoted && c == '"' && doubled) {
            cells.back() += '"';
            ++at;
        } else if (c == '"' && (quoted || cells.back().empty())) {
            quoted = !quoted;
        } else if (quoted) {
            cells.back() += c;
        } else if (c == separator) {
            cells.emplace_back();
        } else if (c == '\n') {
            if (cells.back().ends_with('\r')) cells.back().pop_back();
            end_row();
        } else {
            cells.back() += c;
        }
    }
    if (quoted) return fail(errc::protocol, "a quoted cell is not closed");
    end_row();

    csv_table table;
    if (rows.empty()) return table;
    table.header = std::move(rows.front());
    table.rows.assign(std::make_move_iterator(rows.begin() + 1), std::make_move_iterator(rows.end()));
    return table;
}

std::string format_csv(const csv_table& table) {
    std::string out(byte_order_mark);
    append_row(out, table.header);
    for (const auto& row : table.rows) append_row(out, row);
    return out;
}

std::string formula_safe(std::string_view text) {
    return starts_formula(text) ? std::string(1, guard).append(text) : std::string(text);
}

} // namespace atende
