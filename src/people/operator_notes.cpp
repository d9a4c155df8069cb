#include "people/operator_notes.hpp"

#include "people/operator_json.hpp"

#include <nlohmann/json.hpp>

namespace atende {

using nlohmann::json;

namespace {

constexpr std::size_t longest_note = 1'000; // bytes

} // namespace

table notes_table(const json& answer, language lang) {
    table rows;
    const auto add = [&](const json& notes, const char* key, bilingual title) {
        for (const auto& one : list_at(notes, key))
            rows.push_back({in(lang, title), text_at(one, "text", longest_note)});
    };
    for (const auto& notes : list_at(answer, "notes")) {
        add(notes, "who", {"quem", "who"});
        add(notes, "wants", {"quer", "wants"});
        add(notes, "promised", {"prometido", "promised"});
        add(notes, "open_questions", {"em aberto", "open"});
    }
    return rows;
}

} // namespace atende
