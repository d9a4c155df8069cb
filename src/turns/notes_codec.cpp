#include "turns/notes_codec.hpp"

#include <nlohmann/json.hpp>

namespace atende {
namespace {

using nlohmann::json;

// AMEND writes numbers as Lua has them, and an empty list as {}.
std::int64_t whole(const json& value) {
    if (value.is_number_integer()) return value.get<std::int64_t>();
    return value.is_number() ? static_cast<std::int64_t>(value.get<double>()) : 0;
}

const json& member(const json& from, const char* key) {
    static const json nothing;
    const auto found = from.is_object() ? from.find(key) : from.end();
    return found == from.end() ? nothing : *found;
}

std::string text_of(const json& value) {
    return value.is_string() ? value.get<std::string>() : std::string();
}

json encoded(const std::vector<note>& notes) {
    json list = json::array();
    for (const auto& one : notes) list.push_back({{"text", one.text}, {"turns", one.turns}});
    return list;
}

std::vector<note> decoded(const json& list) {
    std::vector<note> notes;
    if (!list.is_array()) return notes;
    for (const auto& each : list) {
        note one{.text = text_of(member(each, "text")), .turns = {}};
        if (const auto& turns = member(each, "turns"); turns.is_array())
            for (const auto& turn : turns) one.turns.push_back(whole(turn));
        if (!one.text.empty() && !one.turns.empty()) notes.push_back(std::move(one));
    }
    return notes;
}

} // namespace

std::string encode_notes(const contact_notes& notes) {
    json to{{"through", notes.through}, {"lead", notes.lead}, {"messages", json::array()}};
    for (const auto& [key, list] : note_lists) to[key] = encoded(notes.*list);
    for (const auto& one : notes.messages)
        to["messages"].push_back({{"id", one.id.value}, {"turn", one.turn}});
    return to.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::optional<contact_notes> decode_notes(const std::string& profile, std::string_view text) {
    const json from = json::parse(text, nullptr, false);
    if (!from.is_object()) return std::nullopt;
    contact_notes notes;
    notes.profile = profile;
    notes.through = whole(member(from, "through"));
    for (const auto& [key, list] : note_lists) notes.*list = decoded(member(from, key));
    if (const auto& lead = member(from, "lead"); lead.is_object()) {
        for (const auto& [field, value] : lead.items())
            if (value.is_string()) notes.lead.emplace(field, value.get<std::string>());
    }
    if (const auto& messages = member(from, "messages"); messages.is_array()) {
        for (const auto& one : messages)
            notes.messages.push_back(
                {.id = message_id(text_of(member(one, "id"))), .turn = whole(member(one, "turn"))});
    }
    return notes;
}

} // namespace atende
