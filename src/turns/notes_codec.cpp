#include "turns/notes_codec.hpp"

#include <nlohmann/json.hpp>

#include <atende/platform/json.hpp>

namespace atende {
namespace {

using nlohmann::json;

json encoded(const std::vector<note>& notes) {
    json list = json::array();
    for (const auto& one : notes) list.push_back({{"text", one.text}, {"turns", one.turns}});
    return list;
}

// AMEND writes numbers as Lua has them, and an empty list as {}.
std::vector<note> decoded(const json& list) {
    std::vector<note> notes;
    if (!list.is_array()) return notes;
    for (const auto& each : list) {
        note one{.text = text_member(each, "text"), .turns = {}};
        if (const auto& turns = json_member(each, "turns"); turns.is_array())
            for (const auto& turn : turns) one.turns.push_back(whole_number(turn));
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
    return json_text(to);
}

std::optional<contact_notes> decode_notes(const std::string& profile, std::string_view text) {
    const json from = json::parse(text, nullptr, false);
    if (!from.is_object()) return std::nullopt;
    contact_notes notes;
    notes.profile = profile;
    notes.through = number_member(from, "through");
    for (const auto& [key, list] : note_lists) notes.*list = decoded(json_member(from, key));
    if (const auto& lead = json_member(from, "lead"); lead.is_object()) {
        for (const auto& [field, value] : lead.items())
            if (value.is_string()) notes.lead.emplace(field, value.get<std::string>());
    }
    if (const auto& messages = json_member(from, "messages"); messages.is_array()) {
        for (const auto& one : messages)
            notes.messages.push_back(
                {.id = message_id(text_member(one, "id")), .turn = number_member(one, "turn")});
    }
    return notes;
}

} // namespace atende
