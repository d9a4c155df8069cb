#include "people/operator_view.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <atende/platform/log.hpp>
#include <atende/platform/text.hpp>
#include <ctime>
#include <utility>

namespace atende {
namespace {

using nlohmann::json;
using table = std::vector<std::vector<std::string>>;

constexpr std::size_t longest_cell = 60, longest_text = 2'000;

std::int64_t number_at(const json& from, const char* key) {
    const auto it = from.is_object() ? from.find(key) : from.end();
    return it != from.end() && it->is_number() ? it->get<std::int64_t>() : 0;
}

std::string text_at(const json& from, const char* key, std::size_t limit = longest_cell) {
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

std::string counted(std::int64_t count, std::string_view one, std::string_view many) {
    return std::to_string(count) + " " + std::string(count == 1 ? one : many);
}

std::string state_text(const json& conversation) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 4> names{
        {{"bot", "bot"}, {"waiting", "aguardando"}, {"thinking", "pensando"}, {"paused", "pausada"}}};
    std::string state = text_at(conversation, "state");
    for (const auto& [name, shown] : names) {
        if (state == name) return std::string(shown);
    }
    return state;
}

std::string paused_text(const json& conversation) {
    if (!has_number(conversation, "paused_until_ms")) return "-";
    const std::string by = text_at(conversation, "paused_by");
    const std::string who = by == "person" || by.empty() ? "uma pessoa" : "limite: " + by;
    return time_text(number_at(conversation, "paused_until_ms")) + " (" + who + ")";
}

std::string due_of(const json& conversation) {
    return has_number(conversation, "due_in_ms") ? due_text(number_at(conversation, "due_in_ms")) : "-";
}

std::string count_of(const json& from, const char* key) {
    return std::to_string(number_at(from, key));
}

std::string conversations_view(const json& answer) {
    const auto& list = list_at(answer, "conversations");
    if (list.empty()) return "Nenhuma conversa.\n";
    table rows{{"CONTATO", "CONTA", "ESTADO", "SEM RESPOSTA", "PREVISTA", "PAUSADA ATÉ"}};
    for (const auto& one : list) {
        rows.push_back({text_at(one, "contact"), text_at(one, "account"), state_text(one),
                        count_of(one, "unanswered"), due_of(one), paused_text(one)});
    }
    std::string out = table_of(rows);
    if (const auto next = text_at(answer, "next"); !next.empty())
        out += "Há mais: atende conversations --after " + next + "\n";
    return out;
}

std::string waiting_view(const json& list, std::string_view none, std::string_view when) {
    if (list.empty()) return std::string(none) + "\n";
    table rows{{"CONTATO", "CONTA", "MENSAGENS", "TENTATIVA", "ÉPOCA", std::string(when), "PAUSADA ATÉ"}};
    for (const auto& one : list) {
        rows.push_back({text_at(one, "contact"), text_at(one, "account"), count_of(one, "unanswered"),
                        count_of(one, "attempt"), count_of(one, "epoch"), due_of(one), paused_text(one)});
    }
    return table_of(rows);
}

std::string ambiguous_view(const json& answer) {
    const auto& list = list_at(answer, "ambiguous");
    if (list.empty()) return "Nenhum envio que talvez não tenha chegado.\n";
    table rows{{"CONVERSA", "ENVIO", "RESULTADO", "DESDE", "BUSCAS", "TEXTO"}};
    for (const auto& one : list) {
        rows.push_back({text_at(one, "conversation", 120), count_of(one, "id"),
                        text_at(one, "state") == "missing" ? "não chegou" : "não se sabe",
                        time_text(number_at(one, "named_at_ms")), count_of(one, "looks"),
                        text_at(one, "text")});
    }
    return table_of(rows) + "Veja no chat, responda ao cliente se for preciso; depois: atende ambiguous drop "
                            "<conversa> <envio>\n";
}

std::string dead_view(const json& answer) {
    const auto& list = list_at(answer, "dead");
    if (list.empty()) return "Nenhuma mensagem separada.\n";
    table rows{{"CONVERSA", "SEPARADA EM", "TENTATIVAS", "MOTIVO", "MENSAGEM"}};
    std::string texts;
    for (const auto& one : list) {
        rows.push_back({text_at(one, "conversation", 120), time_text(number_at(one, "set_aside_at_ms")),
                        count_of(one, "attempts"), text_at(one, "reason"), text_at(one, "message", 300)});
        if (!one.contains("heard")) continue;
        texts += "  " + time_text(number_at(one["heard"], "at_ms")) + "  " +
                 text_at(one["heard"], "text", longest_text) + "\n";
    }
    return table_of(rows) + texts +
           "De novo: atende dead retry <conversa>. Desistir: atende dead drop <conversa>.\n";
}

std::string speaker_text(const json& entry) {
    const std::string who = text_at(entry, "who");
    return who == "bot" ? "bot" : who == "person" ? "pessoa" : "cliente";
}

std::string show_view(const json& answer) {
    std::string out = text_at(answer, "conversation", 300) + ": " + state_text(answer);
    if (has_number(answer, "paused_until_ms")) out += " até " + paused_text(answer);
    if (has_number(answer, "due_in_ms")) out += ", prevista " + due_of(answer);
    out += "\n" + counted(number_at(answer, "received"), "mensagem recebida", "mensagens recebidas") + ", " +
           counted(number_at(answer, "turns"), "turno", "turnos") + ", época " + count_of(answer, "epoch");
    if (number_at(answer, "journal_entries") > 0)
        out +=
            ", " + counted(number_at(answer, "journal_entries"), "passo", "passos") + " no diário do turno";
    if (number_at(answer, "held_echoes") > 0)
        out += ", " + counted(number_at(answer, "held_echoes"), "eco retido", "ecos retidos");
    out += "\n";
    if (const auto failure = text_at(answer, "failure", 300); !failure.empty())
        out += "Última falha: " + failure + "\n";
    table history;
    for (const auto& one : list_at(answer, "history")) {
        history.push_back(
            {time_text(number_at(one, "at_ms")), speaker_text(one), text_at(one, "text", longest_text)});
    }
    if (!history.empty()) out += "\nHistória\n" + table_of(history);
    table inbox;
    for (const auto& one : list_at(answer, "inbox")) {
        const bool unsent = one.value("unsent", false);
        inbox.push_back({time_text(number_at(one, "at_ms")),
                         unsent ? "(cancelada)" : text_at(one, "text", longest_text)});
    }
    if (!inbox.empty()) out += "\nSem resposta\n" + table_of(inbox);
    table sends;
    for (const auto& one : list_at(answer, "sends")) {
        sends.push_back({count_of(one, "id"), text_at(one, "state"), text_at(one, "text", longest_text)});
    }
    if (!sends.empty()) out += "\nEnvios\n" + table_of(sends);
    return out;
}

std::string totals_text(const json& invariants) {
    std::string out;
    for (const auto& [name, count] : invariants.value("violations", json::object()).items()) {
        if (count.is_number() && count != 0) out += " " + name + "=" + count.dump();
    }
    return out;
}

std::string invariants_text(const json& invariants) {
    if (number_at(invariants, "passes") == 0) return "ainda não verificados";
    std::string out = "(" + counted(number_at(invariants, "passes"), "rodada", "rodadas") + ", " +
                      counted(number_at(invariants, "conversations"), "conversa", "conversas") + ")";
    if (number_at(invariants, "violations_total") > 0) out += "; desde o início:" + totals_text(invariants);
    const auto& open = list_at(invariants, "open");
    if (open.empty()) return "em ordem " + out;
    out = "VIOLADOS " + out;
    for (const auto& one : open) {
        out += "\n    " + text_at(one, "invariant") + " " + text_at(one, "conversation", 120) + ": " +
               text_at(one, "found", 200);
    }
    return out;
}

std::string status_view(const json& answer) {
    std::string pending = count_of(answer, "due");
    if (const auto overdue = number_at(answer, "overdue"); overdue > 0) {
        pending += " (" + counted(overdue, "atrasada", "atrasadas") + ", a mais antiga " +
                   due_text(-number_at(answer, "oldest_overdue_ms")) + ")";
    }
    const json invariants = answer.value("invariants", json::object());
    table rows{{"Atende " + text_at(answer, "version"),
                "no ar há " + duration_text(number_at(answer, "up_s") * 1'000)},
               {"Conversas pendentes", pending},
               {"Em andamento aqui", count_of(answer, "running_turns")},
               {"Envios ambíguos", count_of(answer, "ambiguous")},
               {"Não chegaram", count_of(answer, "missing")},
               {"Mensagens separadas", count_of(answer, "dead")},
               {"Invariantes", invariants_text(invariants)}};
    return table_of(rows);
}

std::string change_view(std::string_view what, const json& answer) {
    const std::string who = text_at(answer, "conversation", 300);
    if (what == "pause") {
        return "Bot em silêncio por " + duration_text(number_at(answer, "paused_for_ms")) + ": " + who +
               " (" + counted(number_at(answer, "cancelled_sends"), "envio cancelado", "envios cancelados") +
               ")\n";
    }
    if (what == "resume") return "O bot volta a responder: " + who + "\n";
    if (what == "flush") {
        if (answer.value("running", false)) return "Já está sendo respondida: " + who + "\n";
        const auto due = number_at(answer, "due_in_ms");
        return (due > 0 ? "Há uma pausa, ou uma espera pedida pela Meta; será vista " + due_text(due)
                        : "Será vista agora") +
               ": " + who + "\n";
    }
    if (what == "ambiguous/drop") return "Envio " + count_of(answer, "id") + " encerrado: " + who + "\n";
    const std::string messages = counted(number_at(answer, "messages"), "mensagem", "mensagens");
    if (what == "dead/retry") return messages + " de volta à fila: " + who + "\n";
    if (what == "dead/drop") return messages + " descartada(s): " + who + "\n";
    return {};
}

// What the API says is English, for whoever reads JSON. Behind some of its sentences a value follows.
std::string in_portuguese(std::string message) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 15> known{
        {{"no conversation with this contact",
          "nenhuma conversa com este contato; veja atende conversations"},
         {"nothing is known of this conversation", "nada se sabe desta conversa"},
         {"nothing waits in this conversation", "nada aguarda nesta conversa"},
         {"no such send of unknown outcome", "não há esse envio ambíguo; veja atende ambiguous"},
         {"no such dead letter", "não há essa mensagem separada; veja atende dead"},
         {"several dead letters are meant; name one with message, or say all",
          "há várias mensagens separadas deste contato; diga qual, ou --all"},
         {"several conversations are meant; name one of them whole",
          "há várias conversas com este contato; diga qual:"},
         {"contact is missing", "diga qual contato"},
         {"a conversation is ig:<account>:<contact>", "uma conversa se escreve ig:<conta>:<contato>"},
         {"a contact is an id of letters and digits, or ig:<account>:<contact>",
          "um contato é um id de letras e dígitos, ou ig:<conta>:<contato>"},
         {"from and until must be times like 2026-11-21T10:00:00Z, from the earlier",
          "--from e --until são horários UTC como 2026-11-21T10:00:00Z, --from o primeiro"},
         {"this server keeps no journal of webhooks to replay",
          "este servidor não guarda um diário de webhooks para repetir"},
         {"too many wrong tokens; try again in a minute",
          "muitas tentativas com o token errado; espere um minuto"},
         {"ADMIN_TOKEN is not set, so the operator's commands are off; set it (16 characters or more) and "
          "restart",
          "o servidor está sem ADMIN_TOKEN; defina um (16 caracteres ou mais) e reinicie o servidor"},
         {"ADMIN_ALLOW does not name the address ",
          "o servidor não aceita comandos deste endereço; inclua-o em ADMIN_ALLOW e reinicie o servidor: "}}};
    for (const auto& [english, portuguese] : known) {
        if (message.starts_with(english)) return std::string(portuguese) + message.substr(english.size());
    }
    return message;
}

} // namespace

std::string view_of(std::string_view what, const json& answer) {
    if (what == "status") return status_view(answer);
    if (what == "conversations") return conversations_view(answer);
    if (what == "show") return show_view(answer);
    if (what == "locks")
        return waiting_view(list_at(answer, "locks"), "Ninguém está sendo respondido.", "ATÉ");
    if (what == "buffers") return waiting_view(list_at(answer, "buffers"), "Nada aguarda.", "PREVISTA");
    if (what == "ambiguous") return ambiguous_view(answer);
    if (what == "dead") return dead_view(answer);
    if (what == "replay") {
        std::string out = counted(number_at(answer, "webhooks"), "webhook lido", "webhooks lidos") + ", " +
                          counted(number_at(answer, "handed_over"), "evento novo", "eventos novos") + ", " +
                          counted(number_at(answer, "duplicates"), "já conhecido", "já conhecidos") + ", " +
                          counted(number_at(answer, "unreadable"), "ilegível", "ilegíveis") + "\n";
        if (const auto why = text_at(answer, "cut_short", 300); !why.empty())
            out += "Interrompido em " + time_text(number_at(answer, "reached_at_ms")) + " (" + why +
                   "); repita o mesmo comando para continuar\n";
        return out;
    }
    return change_view(what, answer);
}

std::string problem_of(int status, const json& answer) {
    if (status == 401) return "o servidor recusou o ADMIN_TOKEN; use o mesmo valor que ele tem";
    const json error = answer.is_object() ? answer.value("error", json::object()) : json::object();
    std::string message = in_portuguese(text_at(error, "message", 300));
    if (message.empty()) return "o servidor respondeu " + std::to_string(status);
    if (status == 503) message = "o servidor não alcança o Redis: " + message;
    for (const auto& one : list_at(answer, "matches")) {
        if (one.is_string()) message += "\n  " + printable(one.get<std::string>(), 300);
    }
    return message;
}

std::string table_of(const table& rows) {
    std::vector<std::size_t> widths;
    for (const auto& row : rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t i = 0; i + 1 < row.size(); ++i) // the last column needs no padding
            widths[i] = std::max(widths[i], count_characters(row[i]));
    }
    std::string out;
    for (const auto& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            out += row[i];
            if (i + 1 < row.size()) out.append(widths[i] + 2 - count_characters(row[i]), ' ');
        }
        out += '\n';
    }
    return out;
}

std::string duration_text(std::int64_t ms) {
    const std::int64_t s = ms / 1'000;
    const auto two = [](std::int64_t big, std::string_view unit, std::int64_t small,
                        std::string_view smaller) {
        std::string out = std::to_string(big) + " " + std::string(unit);
        if (small > 0) out += " " + std::to_string(small) + " " + std::string(smaller);
        return out;
    };
    if (ms < 1'000) return std::to_string(ms) + " ms";
    if (s < 60) return two(s, "s", 0, "");
    if (s < 3'600) return two(s / 60, "min", s % 60, "s");
    if (s < 86'400) return two(s / 3'600, "h", s % 3'600 / 60, "min");
    return two(s / 86'400, "d", s % 86'400 / 3'600, "h");
}

std::string due_text(std::int64_t due_in_ms) {
    return due_in_ms < 0 ? "há " + duration_text(-due_in_ms) : "em " + duration_text(due_in_ms);
}

std::string time_text(std::int64_t at_ms) {
    if (at_ms <= 0) return "-";
    const std::time_t seconds = at_ms / 1'000;
    std::tm local{};
    ::localtime_r(&seconds, &local);
    std::array<char, 32> out{};
    const std::size_t size = std::strftime(out.data(), out.size(), "%d/%m/%Y %H:%M:%S", &local);
    return {out.data(), size};
}

} // namespace atende
