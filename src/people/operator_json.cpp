#include "people/operator_json.hpp"

#include <nlohmann/json.hpp>

#include <atende/platform/log.hpp>

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
