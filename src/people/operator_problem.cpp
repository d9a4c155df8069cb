#include "people/operator_json.hpp"
#include "people/operator_view.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <atende/platform/log.hpp>

namespace atende {
namespace {

using nlohmann::json;

// A sentence of the API, and what is shown for it: in English the same, unless the terminal has a hint that
// JSON has not. Behind some of them a value follows.
struct known_message {
    std::string_view api;
    bilingual shown;
    consteval known_message(std::string_view message, std::string_view portuguese,
                            std::string_view english = {})
        : api(message),
          shown(portuguese, english.empty() ? message : english) {}
};

std::string message_in(language lang, const std::string& message) {
    static constexpr std::array<known_message, 15> known{
        {{"no conversation with this contact", "nenhuma conversa com este contato; veja atende conversations",
          "no conversation with this contact; see atende conversations"},
         {"nothing is known of this conversation", "nada se sabe desta conversa"},
         {"nothing waits in this conversation", "nada aguarda nesta conversa"},
         {"no such send of unknown outcome", "não há esse envio ambíguo; veja atende ambiguous",
          "no such send of unknown outcome; see atende ambiguous"},
         {"no such dead letter", "não há essa mensagem separada; veja atende dead",
          "no such dead letter; see atende dead"},
         {"several dead letters are meant; name one with message, or say all",
          "há várias mensagens separadas deste contato; diga qual, ou --all",
          "several messages of this contact are set aside; name one, or say --all"},
         {"several conversations are meant; name one of them whole",
          "há várias conversas com este contato; diga qual:",
          "several conversations are meant; name one of them whole:"},
         {"contact is missing", "diga qual contato"},
         {"a conversation is ig:<account>:<contact>", "uma conversa se escreve ig:<conta>:<contato>"},
         {"a contact is an id of letters and digits, or ig:<account>:<contact>",
          "um contato é um id de letras e dígitos, ou ig:<conta>:<contato>"},
         {"from and until must be times like 2026-11-21T10:00:00Z, from the earlier",
          "--from e --until são horários UTC como 2026-11-21T10:00:00Z, --from o primeiro",
          "--from and --until are times in UTC like 2026-11-21T10:00:00Z, --from the earlier"},
         {"this server keeps no journal of webhooks to replay",
          "este servidor não guarda um diário de webhooks para repetir"},
         {"too many wrong tokens; try again in a minute",
          "muitas tentativas com o token errado; espere um minuto"},
         {"ADMIN_TOKEN is not set, so the operator's commands are off; set it (16 characters or more) and "
          "restart",
          "o servidor está sem ADMIN_TOKEN; defina um (16 caracteres ou mais) e reinicie o servidor"},
         {"ADMIN_ALLOW does not name the address ",
          "o servidor não aceita comandos deste endereço; inclua-o em ADMIN_ALLOW e reinicie o servidor: ",
          "the server takes no commands from this address; add it to ADMIN_ALLOW and restart the "
          "server: "}}};
    for (const auto& one : known) {
        if (message.starts_with(one.api)) return in(lang, one.shown) + message.substr(one.api.size());
    }
    return message;
}

} // namespace

std::string problem_of(int status, const json& answer, language lang) {
    if (status == 401)
        return in(lang, {"o servidor recusou o ADMIN_TOKEN; use o mesmo valor que ele tem",
                         "the server refused this ADMIN_TOKEN; use the value that it has"});
    const json error = answer.is_object() ? answer.value("error", json::object()) : json::object();
    std::string message = message_in(lang, text_at(error, "message", 300));
    if (message.empty())
        return in(lang, {"o servidor respondeu ", "the server answered "}) + std::to_string(status);
    if (status == 503)
        message = in(lang, {"o servidor não alcança o Redis: ", "the server cannot reach Redis: "}) + message;
    for (const auto& one : list_at(answer, "matches")) {
        if (one.is_string()) message += "\n  " + printable(one.get<std::string>(), 300);
    }
    return message;
}

} // namespace atende
