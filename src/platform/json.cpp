#include <nlohmann/json.hpp>

#include <atende/platform/json.hpp>

namespace atende {
namespace {

using nlohmann::json;

constexpr int deepest = 64;

} // namespace

// Refused while it is parsed, which does not recurse.
json parsed_json(std::string_view text) {
    bool too_deep = false;
    const auto bounded = [&too_deep](int around, json::parse_event_t event, json&) {
        const bool opens =
            event == json::parse_event_t::array_start || event == json::parse_event_t::object_start;
        const bool fits = !opens || around < deepest;
        too_deep |= !fits;
        return fits;
    };
    auto value = json::parse(text, bounded, false);
    if (too_deep) value = json(json::value_t::discarded);
    return value;
}

std::string json_text(const json& value) {
    return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

const json& json_member(const json& object, std::string_view name) {
    static const json nothing;
    if (!object.is_object()) return nothing;
    const auto found = object.find(name);
    return found == object.end() ? nothing : *found;
}

std::string text_member(const json& object, std::string_view name) {
    const json& found = json_member(object, name);
    return found.is_string() ? found.get<std::string>() : std::string();
}

std::int64_t number_member(const json& object, std::string_view name) {
    return whole_number(json_member(object, name));
}

std::int64_t whole_number(const json& value) {
    if (value.is_number_integer()) return value.get<std::int64_t>();
    return value.is_number() ? static_cast<std::int64_t>(value.get<double>()) : 0;
}

bool flag_member(const json& object, std::string_view name) {
    const json& found = json_member(object, name);
    return found.is_boolean() && found.get<bool>();
}

} // namespace atende
