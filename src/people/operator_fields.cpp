#include "people/operator_fields.hpp"

#include "people/operator_format.hpp"
#include "people/operator_json.hpp"
#include "people/operator_words.hpp"

#include <nlohmann/json.hpp>

namespace atende {

using nlohmann::json;

std::string name_in(language lang, std::string name,
                    std::initializer_list<std::pair<std::string_view, bilingual>> known) {
    for (const auto& [api, shown] : known) {
        if (name == api) return in(lang, shown);
    }
    return name;
}

std::string state_text(const json& conversation, language lang) {
    return name_in(lang, text_at(conversation, "state"),
                   {{"waiting", {"aguardando", "waiting"}},
                    {"thinking", {"pensando", "thinking"}},
                    {"paused", {"pausada", "paused"}}});
}

std::string send_state_text(const json& send, language lang) {
    return name_in(lang, text_at(send, "state"),
                   {{"planned", {"planejado", "planned"}},
                    {"sending", {"enviando", "sending"}},
                    {"ambiguous", {"não se sabe", "not known"}},
                    {"missing", {"não chegou", "did not arrive"}},
                    {"rejected", {"recusado", "refused"}},
                    {"delivered", {"entregue", "delivered"}}});
}

std::string paused_text(const json& conversation, language lang) {
    if (!has_number(conversation, "paused_until_ms")) return "-";
    const std::string by = text_at(conversation, "paused_by");
    const std::string who =
        name_in(lang, by.empty() ? "person" : by,
                {{"person", {"uma pessoa", "a person"}},
                 {"hand-over", {"o robô passou para uma pessoa", "the bot handed over to a person"}},
                 {"ten minutes", {"limite de respostas em 10 minutos", "limit of answers in 10 minutes"}},
                 {"day", {"limite de respostas em um dia", "limit of answers in a day"}},
                 {"ping-pong", {"do outro lado parece haver um robô", "the other side seems to be a bot"}}});
    return time_text(number_at(conversation, "paused_until_ms"), lang) + " (" + who + ")";
}

std::string due_of(const json& conversation, language lang) {
    return has_number(conversation, "due_in_ms") ? due_text(number_at(conversation, "due_in_ms"), lang) : "-";
}

std::string count_of(const json& from, const char* key) {
    return std::to_string(number_at(from, key));
}

std::string time_of(const json& from, const char* key, language lang) {
    return time_text(number_at(from, key), lang);
}

std::string place_of(const json& source, language lang) {
    const std::string file = text_at(source, "file", 300);
    if (file == "*") return in(lang, {"todo o conhecimento", "all knowledge"});
    return file + ":" + count_of(source, "first_line") + "-" + count_of(source, "last_line");
}

std::string words_of_send(const json& send, language lang, std::size_t longest) {
    return (flag_at(send, "audio") ? in(lang, {"[áudio] ", "[audio] "}) : std::string()) +
           lines_at(send, "text", longest);
}

std::string not_heard_text(const json& message, language lang) {
    const auto why = text_at(message, "not_heard", 300);
    if (why.empty()) return {};
    return in(lang, {"[não entendido: ", "[not understood: "}) + reasons_in(lang, why) + "]";
}

std::string words_of_heard(const json& message, language lang) {
    return flag_at(message, "unsent") ? in(lang, {"(cancelada)", "(unsent)"})
                                      : lines_at(message, "text", longest_text);
}

} // namespace atende
