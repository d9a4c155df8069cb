#include "people/operator_words.hpp"

#include <ranges>

namespace atende {
namespace {

// A sentence of the API, and what is shown for it: in English the same, unless the terminal has a hint that
// JSON has not. Behind some of them a value follows, or another of them.
struct known_message {
    std::string_view api;
    bilingual shown;
    consteval known_message(std::string_view message, std::string_view portuguese,
                            std::string_view english = {})
        : api(message),
          shown(portuguese, english.empty() ? message : english) {}
};

constexpr known_message known[]{
    {"no conversation with this contact", "nenhuma conversa com este contato; veja atende conversations",
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
    {"a conversation is ig:<account>:<contact> or web:<site>:<contact>",
     "uma conversa se escreve ig:<conta>:<contato> ou web:<site>:<contato>"},
    {"a contact is an id of letters and digits, or ig:<account>:<contact>, or web:<site>:<contact>",
     "um contato é um id de letras e dígitos, ou ig:<conta>:<contato>, ou web:<site>:<contato>"},
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
     "server: "},
    {"after must be the next of an earlier answer", "--after é o que o fim da lista anterior mostrou",
     "--after is what the end of the list before showed"},
    {"id must be a whole number from 1 to 9007199254740992",
     "o número do envio é o que atende ambiguous mostra",
     "the send's number is the one that atende ambiguous shows"},
    {"no such path", "o servidor não conhece este comando; é de outra versão do atende?",
     "the server does not know this command; is it of another version of atende?"},
    // Of the simulator, to `atende dm`.
    {"text must be a string of 1 to 1000 characters", "uma mensagem tem de 1 a 1000 caracteres"},
    {"the webhook answered 503: storage is unavailable, try again",
     "o servidor não pôde guardar a mensagem; o log dele diz por quê",
     "the server could not store the message; its log says why"},
    // Why a turn failed, or a replay ended early.
    {"the process died while it worked on this", "o processo caiu enquanto trabalhava nela"},
    {"not connected to Redis", "sem conexão com o Redis"},
    {"Redis did not answer in time", "o Redis não respondeu a tempo"},
    {"connection closed", "a conexão com o Redis caiu", "the connection to Redis was closed"},
    {"connecting took too long", "a conexão com o Redis demorou demais", "connecting to Redis took too long"},
    {"too few replicas of Redis have it (REDIS_WAIT_REPLICAS)",
     "poucas réplicas do Redis confirmaram (REDIS_WAIT_REPLICAS)"},
    // Why a voice note was not understood.
    {"the model is offline", "o modelo está offline"},
    {"it came without a link", "veio sem link"},
    {"it took too long", "demorou demais"},
    {"there is no simulator", "não há simulador"},
    {"more audio of one contact than is listened to in an hour",
     "mais áudio de um contato do que se ouve em uma hora"},
    {"download: ", "ao baixar: "},
    {"the link is no good: expected ", "o link não serve; esperado: "},
    {"the host is not on the public internet", "o endereço não é da internet pública"},
    {"the file is empty", "o arquivo está vazio"},
    {"the file did not come in time", "o arquivo não chegou a tempo"},
    {"decoding: ", "decodificação: "},
    {"audio: waited too long for a process", "esperou demais por um processo"},
    {"audio: too many files wait to be converted", "há arquivos demais à espera"},
    {"the server is stopping", "o servidor está parando"},
    {"transcription: ", "transcrição: "},
    {"the file is too large", "o arquivo é grande demais"},
    {"larger than the API takes", "maior do que a API aceita"},
    {"too long", "longo demais"},
    {"too big", "grande demais"},
    {"silent", "sem som"},
    {"damaged", "danificado"},
    {"unsupported", "formato não suportado"},
    {"no words in it", "sem palavras"},
};

} // namespace

std::string message_in(language lang, const std::string& message) {
    for (const auto& one : known) {
        if (message.starts_with(one.api))
            return in(lang, one.shown) + message_in(lang, message.substr(one.api.size()));
    }
    return message;
}

std::string reasons_in(language lang, std::string_view reasons) {
    std::string out;
    for (const auto each : std::views::split(reasons, std::string_view("; ")))
        out += (out.empty() ? "" : "; ") + message_in(lang, std::string(std::string_view(each)));
    return out;
}

} // namespace atende
