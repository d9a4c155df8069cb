#include "people/operator_json.hpp"

#include <nlohmann/json.hpp>

#include <atende/platform/json.hpp>
#include <atende/platform/log.hpp>
#include <atende/platform/text.hpp>
#include <ranges>
#include <string_view>

namespace atende {

using nlohmann::json;

std::int64_t number_at(const json& from, const char* key) {
    return number_member(from, key);
}

bool flag_at(const json& from, const char* key) {
    return flag_member(from, key);
}

std::string text_at(const json& from, const char* key, std::size_t limit) {
    return printable(text_member(from, key), limit);
}

std::string lines_at(const json& from, const char* key, std::size_t limit) {
    const std::string whole = text_member(from, key);
    const auto text = trimmed(whole);
    const auto start = grapheme_prefix(text, limit);
    std::string out;
    for (const auto line : std::views::split(start, '\n')) {
        if (line.begin() != start.begin()) out += '\n';
        out += printable(std::string_view(line), std::string::npos);
    }
    return start.size() < text.size() ? out + "…" : out;
}

const json& list_at(const json& from, const char* key) {
    static const json nothing = json::array();
    const auto& found = json_member(from, key);
    return found.is_array() ? found : nothing;
}

bool has_number(const json& from, const char* key) {
    return json_member(from, key).is_number();
}

} // namespace atende
