#include "people/operator_show.hpp"

#include "people/operator_fields.hpp"
#include "people/operator_format.hpp"
#include "people/operator_json.hpp"
#include "people/operator_notes.hpp"
#include "people/operator_words.hpp"

#include <nlohmann/json.hpp>

#include <utility>

namespace atende {
namespace {

using nlohmann::json;

std::string summary_of(const json& answer, language lang) {
    std::string out = text_at(answer, "conversation", 300) + ": " + state_text(answer, lang);
    if (has_number(answer, "paused_until_ms"))
        out += in(lang, {" até ", " until "}) + paused_text(answer, lang);
    if (has_number(answer, "due_in_ms")) out += in(lang, {", prevista ", ", due "}) + due_of(answer, lang);
    out += "\n" +
           counted(number_at(answer, "received"), lang, {"mensagem recebida", "message received"},
                   {"mensagens recebidas", "messages received"}) +
           ", " + counted(number_at(answer, "turns"), lang, {"turno", "turn"}, {"turnos", "turns"}) +
           in(lang, {", época ", ", epoch "}) + count_of(answer, "epoch");
    if (const auto steps = number_at(answer, "journal_entries"); steps > 0)
        out += ", " + counted(steps, lang, {"passo no diário do turno", "step in the turn's journal"},
                              {"passos no diário do turno", "steps in the turn's journal"});
    if (const auto echoes = number_at(answer, "held_echoes"); echoes > 0)
        out += ", " + counted(echoes, lang, {"eco retido", "held echo"}, {"ecos retidos", "held echoes"});
    out += "\n";
    if (const auto failure = text_at(answer, "failure", 300); !failure.empty())
        out += in(lang, {"Última falha: ", "Last failure: "}) + message_in(lang, failure) + "\n";
    return out;
}

std::string section(std::string title, const table& rows) {
    return rows.empty() ? std::string() : "\n" + std::move(title) + "\n" + table_of(rows);
}

// What the bot had read for that answer.
std::string sources_text(const json& entry, language lang) {
    std::string out;
    for (const auto& source : list_at(entry, "sources"))
        out += (out.empty() ? "" : ", ") + place_of(source, lang);
    return out.empty() ? out : in(lang, {"[leu ", "[read "}) + out + "]";
}

// What left it to people.
std::string not_answered_text(const json& entry, language lang) {
    const auto why = text_at(entry, "not_answered");
    if (why.empty()) return {};
    return in(lang, {"[não respondida: ", "[not answered: "}) + why + "]";
}

// What it asked for that answer, and which results were not fresh.
std::string tools_text(const json& entry, language lang) {
    std::string out;
    for (const auto& tool : list_at(entry, "tools")) {
        const auto source =
            name_in(lang, text_at(tool, "source"),
                    {{"cache", {"do cache", "from the cache"}},
                     {"outdated_cache", {"do cache, desatualizado", "from the cache, outdated"}}});
        out += (out.empty() ? "" : ", ") + text_at(tool, "name", 100) +
               (source.empty() ? "" : " (" + source + ")");
    }
    return out.empty() ? out : in(lang, {"[usou ", "[used "}) + out + "]";
}

// "bot", and what made it say that: which agent, the version of the profile, the variant of its prompt, the
// scope of what it answered.
std::string speaker_text(const json& entry, language lang) {
    auto who = name_in(lang, text_at(entry, "who"),
                       {{"customer", {"cliente", "customer"}}, {"person", {"pessoa", "person"}}});
    const auto profile = text_at(entry, "profile", 200);
    if (profile.empty() || text_at(entry, "who") != "bot") return who;
    if (const auto agent = text_at(entry, "agent"); !agent.empty()) who += " " + agent;
    const auto variant = text_at(entry, "variant");
    const auto scope =
        name_in(lang, text_at(entry, "scope"),
                {{"in", {"no assunto", "in scope"}}, {"out", {"fora do assunto", "out of scope"}}});
    return who + " " + profile.substr(profile.rfind('@') + 1) + (variant.empty() ? "" : " " + variant) +
           (scope.empty() ? "" : ", " + scope);
}

// A turn of the bot may end without an answer: a voice note that was not understood, soon after another. What
// others said has words until it is taken back.
std::string words_of_entry(const json& entry, language lang) {
    auto words = lines_at(entry, "text", longest_text);
    if (!words.empty()) return words;
    if (text_at(entry, "who") == "bot") return in(lang, {"(nada a dizer)", "(nothing to say)"});
    return in(lang, {"(cancelada)", "(unsent)"});
}

} // namespace

std::string show_view(const json& answer, language lang) {
    table history;
    for (const auto& one : list_at(answer, "history")) {
        history.push_back({time_of(one, "at_ms", lang), speaker_text(one, lang), words_of_entry(one, lang)});
        for (const auto& more : {sources_text(one, lang), tools_text(one, lang), not_heard_text(one, lang),
                                 not_answered_text(one, lang)})
            if (!more.empty()) history.push_back({"", "", more});
    }
    table inbox;
    for (const auto& one : list_at(answer, "inbox")) {
        inbox.push_back({time_of(one, "at_ms", lang), words_of_heard(one, lang)});
        if (auto more = not_heard_text(one, lang); !more.empty()) inbox.push_back({"", std::move(more)});
    }
    table sends;
    for (const auto& one : list_at(answer, "sends")) {
        sends.push_back(
            {count_of(one, "id"), send_state_text(one, lang), words_of_send(one, lang, longest_text)});
    }
    return summary_of(answer, lang) + section(in(lang, {"Anotações", "Notes"}), notes_table(answer, lang)) +
           section(in(lang, {"História", "History"}), history) +
           section(in(lang, {"Sem resposta", "Unanswered"}), inbox) +
           section(in(lang, {"Envios", "Sends"}), sends);
}

} // namespace atende
