#include "agent/leads/nocodb_row.hpp"

namespace atende {
namespace {

std::string without_spelling(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (static_cast<unsigned char>(c) <= ' ') continue;
        out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return out;
}

} // namespace

bool holds(const nocodb_row& row, const nocodb_cell& cell) {
    const auto found = row.cells.find(cell.column);
    const std::string stored = found == row.cells.end() ? std::string() : found->second;
    if (const bool* checked = std::get_if<bool>(&cell.value)) {
        return *checked == (stored == "true" || stored == "1");
    }
    if (cell.is_time) return !stored.empty();
    return without_spelling(stored) == without_spelling(std::get<std::string>(cell.value));
}

std::vector<std::string> missing_columns(const nocodb_row& row, const std::vector<nocodb_cell>& cells) {
    std::vector<std::string> titles;
    for (const nocodb_cell& cell : cells) {
        if (!holds(row, cell)) titles.push_back(cell.column);
    }
    return titles;
}

} // namespace atende
