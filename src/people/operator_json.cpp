#include "people/operator_json.hpp"

#include <nlohmann/json.hpp>

#include <atende/platform/log.hpp>
#include <atende/platform/text.hpp>
#include <ranges>
#include <string_view>

namespace atende {

using nlohmann::json;

std::int64_t number_at(const json& from, const char* key) {
    const auto it = from.is_object() ? from.find(key) : from.end();
    return it != from.end() && it->is_number() ? it->get<std::int64_t>() : 0;
}

std::string text_at(const json& from, const char* key, std::size_t limit) {
    const auto it = from.is_object() ? from.find(key) : from.end();
    return it != from.end() && it->is_string() ? printable(it->get<std::string>(), limit) : std::string();
}

std::string lines_at(const json& from, const char* key, std::size_t limit) {
    const auto it = from.is_object() ? from.find(key) : from.end();
    if (it == from.end() || !it->is_string()) return {};
    const auto text = trimmed(it->get_ref<const std::string&>());
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
    const auto it = from.is_object() ? from.find(key) : from.end();
    return it != from.end() && it->is_array() ? *it : nothing;
}

bool has_number(const json& from, const char* key) {
    const auto it = from.is_object() ? from.find(key) : from.end();
    return it != from.end() && it->is_number();
}

} // namespace atende
