#include "people/operator_format.hpp"

#include <algorithm>
#include <array>
#include <atende/platform/text.hpp>
#include <ctime>
#include <string_view>

namespace atende {
namespace {

void append_lines(std::string& out, std::string_view lines, std::size_t indent) {
    for (const char c : lines) {
        out += c;
        if (c == '\n') out.append(indent, ' ');
    }
    out += '\n';
}

} // namespace

std::string table_of(const table& rows) {
    std::vector<std::size_t> widths;
    for (const auto& row : rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t i = 0; i + 1 < row.size(); ++i) // the last column needs no padding
            widths[i] = std::max(widths[i], count_characters(row[i]));
    }
    std::string out;
    for (const auto& row : rows) {
        std::size_t indent = 0;
        for (std::size_t i = 0; i + 1 < row.size(); ++i) {
            out += row[i];
            out.append(widths[i] + 2 - count_characters(row[i]), ' ');
            indent += widths[i] + 2;
        }
        append_lines(out, row.empty() ? std::string_view() : std::string_view(row.back()), indent);
    }
    return out;
}

std::string counted(std::int64_t count, language lang, bilingual one, bilingual many) {
    return std::to_string(count) + " " + in(lang, count == 1 ? one : many);
}

std::string duration_text(std::int64_t ms) {
    const std::int64_t s = ms / 1'000;
    const auto two = [](std::int64_t big, std::string_view unit, std::int64_t small,
                        std::string_view smaller) {
        std::string out = std::to_string(big) + " " + std::string(unit);
        if (small > 0) out += " " + std::to_string(small) + " " + std::string(smaller);
        return out;
    };
    if (ms < 1'000) return std::to_string(ms) + " ms";
    if (s < 60) return two(s, "s", 0, "");
    if (s < 3'600) return two(s / 60, "min", s % 60, "s");
    if (s < 86'400) return two(s / 3'600, "h", s % 3'600 / 60, "min");
    return two(s / 86'400, "d", s % 86'400 / 3'600, "h");
}

std::string due_text(std::int64_t due_in_ms, language lang) {
    if (due_in_ms >= 0) return in(lang, {"em ", "in "}) + duration_text(due_in_ms);
    const std::string ago = duration_text(-due_in_ms);
    return lang == language::english ? ago + " ago" : "há " + ago;
}

std::string time_text(std::int64_t at_ms, language lang) {
    if (at_ms <= 0) return "-";
    const std::time_t seconds = at_ms / 1'000;
    std::tm local{};
    ::localtime_r(&seconds, &local);
    const char* const format = lang == language::english ? "%Y-%m-%d %H:%M:%S" : "%d/%m/%Y %H:%M:%S";
    std::array<char, 32> out{};
    const std::size_t size = std::strftime(out.data(), out.size(), format, &local);
    return {out.data(), size};
}

} // namespace atende
