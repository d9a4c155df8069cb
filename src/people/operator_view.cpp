#include "people/operator_view.hpp"

#include "people/operator_format.hpp"
#include "people/operator_json.hpp"
#include "people/operator_notes.hpp"
#include "people/operator_words.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <atende/platform/json.hpp>
#include <initializer_list>
#include <utility>

namespace atende {
namespace {

using nlohmann::json;

constexpr std::size_t longest_text = 2'000;

std::vector<std::string> heading(language lang, std::initializer_list<bilingual> columns) {
    std::vector<std::string> out;
    for (const bilingual& column : columns) out.push_back(in(lang, column));
    return out;
}

// A name of the API as people say it; one we do not know is shown as it is.
std::string said(language lang, std::string name,
                 std::initializer_list<std::pair<std::string_view, bilingual>> known) {
    for (const auto& [api, shown] : known) {
        if (name == api) return in(lang, shown);
    }
    return name;
}

std::string state_text(const json& conversation, language lang) {
    return said(lang, text_at(conversation, "state"),
                {{"waiting", {"aguardando", "waiting"}},
                 {"thinking", {"pensando", "thinking"}},
                 {"paused", {"pausada", "paused"}}});
}

std::string paused_text(const json& conversation, language lang) {
    if (!has_number(conversation, "paused_until_ms")) return "-";
    const std::string by = text_at(conversation, "paused_by");
    const std::string who =
        said(lang, by.empty() ? "person" : by,
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

std::string conversations_view(const json& answer, language lang) {
    const auto& list = list_at(answer, "conversations");
    if (list.empty()) return in(lang, {"Nenhuma conversa.\n", "No conversations.\n"});
    table rows{heading(lang, {{"CONTATO", "CONTACT"},
                              {"CONTA", "ACCOUNT"},
                              {"ESTADO", "STATE"},
                              {"SEM RESPOSTA", "UNANSWERED"},
                              {"PREVISTA", "DUE"},
                              {"PAUSADA ATÉ", "PAUSED UNTIL"}})};
    for (const auto& one : list) {
        rows.push_back({text_at(one, "contact"), text_at(one, "account"), state_text(one, lang),
                        count_of(one, "unanswered"), due_of(one, lang), paused_text(one, lang)});
    }
    std::string out = table_of(rows);
    if (const auto next = text_at(answer, "next"); !next.empty())
        out += in(lang, {"Há mais", "There are more"}) + ": atende conversations --after " + next + "\n";
    return out;
}

std::string waiting_view(const json& list, language lang, bilingual none, bilingual when) {
    if (list.empty()) return in(lang, none);
    table rows{heading(lang, {{"CONTATO", "CONTACT"},
                              {"CONTA", "ACCOUNT"},
                              {"MENSAGENS", "MESSAGES"},
                              {"TENTATIVA", "ATTEMPT"},
                              {"ÉPOCA", "EPOCH"},
                              when,
                              {"PAUSADA ATÉ", "PAUSED UNTIL"}})};
    for (const auto& one : list) {
        rows.push_back({text_at(one, "contact"), text_at(one, "account"), count_of(one, "unanswered"),
                        count_of(one, "attempt"), count_of(one, "epoch"), due_of(one, lang),
                        paused_text(one, lang)});
    }
    return table_of(rows);
}

std::string words_of_send(const json& send, language lang, std::size_t longest = 60) {
    const bool is_spoken = send.is_object() && send.contains("audio") && send["audio"] == true;
    return (is_spoken ? in(lang, {"[áudio] ", "[audio] "}) : std::string()) + text_at(send, "text", longest);
}

std::string outcome_of(const json& send, language lang) {
    const auto state = text_at(send, "state");
    if (state == "missing") return in(lang, {"não chegou", "did not arrive"});
    if (state != "rejected") return in(lang, {"não se sabe", "not known"});
    return in(lang, {"recusado: ", "refused: "}) + text_at(send, "reason");
}

std::string ambiguous_view(const json& answer, language lang) {
    const auto& list = list_at(answer, "ambiguous");
    if (list.empty())
        return in(lang,
                  {"Nenhum envio que talvez não tenha chegado.\n", "No send that may not have arrived.\n"});
    table rows{heading(lang, {{"CONVERSA", "CONVERSATION"},
                              {"ENVIO", "SEND"},
                              {"RESULTADO", "OUTCOME"},
                              {"DESDE", "SINCE"},
                              {"BUSCAS", "LOOKS"},
                              {"TEXTO", "TEXT"}})};
    for (const auto& one : list) {
        rows.push_back({text_at(one, "conversation", 120), count_of(one, "id"), outcome_of(one, lang),
                        time_of(one, "named_at_ms", lang), count_of(one, "looks"), words_of_send(one, lang)});
    }
    return table_of(rows) +
           in(lang, {"Veja no chat, responda ao cliente se for preciso; depois: atende ambiguous drop "
                     "<conversa> <envio>\n",
                     "Look at the chat, answer the customer if need be; then: atende ambiguous drop "
                     "<conversation> <send>\n"});
}

std::string variants_view(const json& answer, language lang) {
    const auto& list = list_at(answer, "variants");
    if (list.empty())
        return in(lang, {"Nenhuma variante respondeu ainda; declare `variants` no profile.yaml.\n",
                         "No variant has answered yet; declare `variants` in profile.yaml.\n"});
    table rows{heading(lang, {{"PERFIL", "PROFILE"},
                              {"VARIANTE", "VARIANT"},
                              {"TURNOS", "TURNS"},
                              {"CONVERSAS", "CONVERSATIONS"},
                              {"COM LEAD", "WITH LEAD"},
                              {"TAXA DE LEADS", "LEAD RATE"}})};
    for (const auto& one : list) {
        const double rate = 100 * one.value("lead_rate", 0.0);
        rows.push_back({text_at(one, "profile"), text_at(one, "variant"), count_of(one, "turns"),
                        count_of(one, "conversations"), count_of(one, "leads"),
                        fmt::format("{:.1f} %", rate)});
    }
    return table_of(rows);
}

std::string words_of_heard(const json& message, language lang) {
    const bool unsent = message.is_object() && message.value("unsent", false);
    return unsent ? in(lang, {"(cancelada)", "(unsent)"}) : text_at(message, "text", longest_text);
}

std::string dead_view(const json& answer, language lang) {
    const auto& list = list_at(answer, "dead");
    if (list.empty()) return in(lang, {"Nenhuma mensagem separada.\n", "No message is set aside.\n"});
    table rows{heading(lang, {{"CONVERSA", "CONVERSATION"},
                              {"SEPARADA EM", "SET ASIDE AT"},
                              {"TENTATIVAS", "ATTEMPTS"},
                              {"MOTIVO", "REASON"},
                              {"MENSAGEM", "MESSAGE"}})};
    std::string texts;
    for (const auto& one : list) {
        rows.push_back({text_at(one, "conversation", 120), time_of(one, "set_aside_at_ms", lang),
                        count_of(one, "attempts"), message_in(lang, text_at(one, "reason")),
                        text_at(one, "message", 300)});
        if (!one.contains("heard")) continue;
        texts +=
            "  " + time_of(one["heard"], "at_ms", lang) + "  " + words_of_heard(one["heard"], lang) + "\n";
    }
    return table_of(rows) + texts +
           in(lang, {"De novo: atende dead retry <conversa>. Desistir: atende dead drop <conversa>.\n",
                     "Try again: atende dead retry <conversation>. Give up: atende dead drop "
                     "<conversation>.\n"});
}

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

std::string place_of(const json& source, language lang) {
    const std::string file = text_at(source, "file", 300);
    if (file == "*") return in(lang, {"todo o conhecimento", "all knowledge"});
    return file + ":" + count_of(source, "first_line") + "-" + count_of(source, "last_line");
}

// What the bot had read for that answer.
std::string sources_text(const json& entry, language lang) {
    std::string out;
    for (const auto& source : list_at(entry, "sources"))
        out += (out.empty() ? "" : ", ") + place_of(source, lang);
    return out.empty() ? out : in(lang, {"[leu ", "[read "}) + out + "]";
}

// Why a voice note was not understood.
std::string not_heard_text(const json& entry, language lang) {
    const auto why = text_at(entry, "not_heard", 300);
    if (why.empty()) return {};
    return in(lang, {"[não entendido: ", "[not understood: "}) + message_in(lang, why) + "]";
}

// What it asked for that answer, and which results were not fresh.
std::string tools_text(const json& entry, language lang) {
    std::string out;
    for (const auto& tool : list_at(entry, "tools")) {
        const auto source =
            said(lang, text_at(tool, "source"),
                 {{"cache", {"do cache", "from the cache"}},
                  {"outdated_cache", {"do cache, desatualizado", "from the cache, outdated"}}});
        out += (out.empty() ? "" : ", ") + text_at(tool, "name", 100) +
               (source.empty() ? "" : " (" + source + ")");
    }
    return out.empty() ? out : in(lang, {"[usou ", "[used "}) + out + "]";
}

std::string faq_view(const json& answer, language lang) {
    const auto& list = list_at(answer, "faq");
    if (list.empty()) return in(lang, {"Nenhuma resposta fixa (faq).\n", "No fixed answers (faq).\n"});
    table rows{heading(lang, {{"VEZES", "HITS"}, {"PERGUNTA", "QUESTION"}, {"ONDE", "WHERE"}})};
    for (const auto& one : list)
        rows.push_back({count_of(one, "hits"), text_at(one, "question", 300), place_of(one, lang)});
    return table_of(rows);
}

// "bot", and what made it say that: which agent, the version of the profile, the variant of its prompt, the
// scope of what it answered.
std::string speaker_text(const json& entry, language lang) {
    auto who = said(lang, text_at(entry, "who"),
                    {{"customer", {"cliente", "customer"}}, {"person", {"pessoa", "person"}}});
    const auto profile = text_at(entry, "profile", 200);
    if (profile.empty() || text_at(entry, "who") != "bot") return who;
    if (const auto agent = text_at(entry, "agent"); !agent.empty()) who += " " + agent;
    const auto variant = text_at(entry, "variant");
    const auto scope =
        said(lang, text_at(entry, "scope"),
             {{"in", {"no assunto", "in scope"}}, {"out", {"fora do assunto", "out of scope"}}});
    return who + " " + profile.substr(profile.rfind('@') + 1) + (variant.empty() ? "" : " " + variant) +
           (scope.empty() ? "" : ", " + scope);
}

std::string show_view(const json& answer, language lang) {
    table history;
    for (const auto& one : list_at(answer, "history")) {
        history.push_back(
            {time_of(one, "at_ms", lang), speaker_text(one, lang), text_at(one, "text", longest_text)});
        for (const auto& more : {sources_text(one, lang), tools_text(one, lang), not_heard_text(one, lang)})
            if (!more.empty()) history.push_back({"", "", more});
    }
    table inbox;
    for (const auto& one : list_at(answer, "inbox")) {
        inbox.push_back({time_of(one, "at_ms", lang), words_of_heard(one, lang)});
    }
    table sends;
    for (const auto& one : list_at(answer, "sends")) {
        const auto state = said(lang, text_at(one, "state"),
                                {{"planned", {"planejado", "planned"}},
                                 {"sending", {"enviando", "sending"}},
                                 {"ambiguous", {"não se sabe", "not known"}},
                                 {"missing", {"não chegou", "did not arrive"}},
                                 {"rejected", {"recusado", "refused"}},
                                 {"delivered", {"entregue", "delivered"}}});
        sends.push_back({count_of(one, "id"), state, words_of_send(one, lang, longest_text)});
    }
    return summary_of(answer, lang) + section(in(lang, {"Anotações", "Notes"}), notes_table(answer, lang)) +
           section(in(lang, {"História", "History"}), history) +
           section(in(lang, {"Sem resposta", "Unanswered"}), inbox) +
           section(in(lang, {"Envios", "Sends"}), sends);
}

std::string totals_text(const json& invariants) {
    std::string out;
    for (const auto& [name, count] : invariants.value("violations", json::object()).items()) {
        if (count.is_number() && count != 0) out += " " + name + "=" + json_text(count);
    }
    return out;
}

std::string invariants_text(const json& invariants, language lang) {
    if (number_at(invariants, "passes") == 0) return in(lang, {"ainda não verificados", "not checked yet"});
    std::string passes =
        " (" + counted(number_at(invariants, "passes"), lang, {"rodada", "pass"}, {"rodadas", "passes"}) +
        ", " +
        counted(number_at(invariants, "conversations"), lang, {"conversa", "conversation"},
                {"conversas", "conversations"}) +
        ")";
    if (number_at(invariants, "violations_total") > 0)
        passes += in(lang, {"; desde o início:", "; since the start:"}) + totals_text(invariants);
    const auto& open = list_at(invariants, "open");
    if (open.empty()) return in(lang, {"em ordem", "in order"}) + passes;
    std::string out = in(lang, {"VIOLADOS", "VIOLATED"}) + passes;
    for (const auto& one : open) {
        out += "\n    " + text_at(one, "invariant") + " " + text_at(one, "conversation", 120) + ": " +
               text_at(one, "found", 200);
    }
    return out;
}

std::string status_view(const json& answer, language lang) {
    std::string pending = count_of(answer, "due");
    if (const auto overdue = number_at(answer, "overdue"); overdue > 0) {
        pending += " (" + counted(overdue, lang, {"atrasada", "overdue"}, {"atrasadas", "overdue"}) +
                   in(lang, {", a mais antiga ", ", the oldest due "}) +
                   due_text(-number_at(answer, "oldest_overdue_ms"), lang) + ")";
    }
    const json invariants = answer.value("invariants", json::object());
    return table_of(
        {{"Atende " + text_at(answer, "version"),
          in(lang, {"no ar há ", "up for "}) + duration_text(number_at(answer, "up_s") * 1'000)},
         {in(lang, {"Conversas pendentes", "Pending conversations"}), pending},
         {in(lang, {"Em andamento aqui", "Being answered here"}), count_of(answer, "running_turns")},
         {in(lang, {"Envios ambíguos", "Ambiguous sends"}), count_of(answer, "ambiguous")},
         {in(lang, {"Não chegaram", "Did not arrive"}), count_of(answer, "missing")},
         {in(lang, {"Mensagens separadas", "Messages set aside"}), count_of(answer, "dead")},
         {in(lang, {"Invariantes", "Invariants"}), invariants_text(invariants, lang)}});
}

std::string pause_view(const json& answer, language lang) {
    const auto sends = number_at(answer, "cancelled_sends");
    return in(lang, {"Bot em silêncio por ", "The bot is silent for "}) +
           duration_text(number_at(answer, "paused_for_ms")) + ": " + text_at(answer, "conversation", 300) +
           " (" +
           counted(sends, lang, {"envio cancelado", "send cancelled"},
                   {"envios cancelados", "sends cancelled"}) +
           ")\n";
}

std::string flush_view(const json& answer, language lang) {
    if (answer.value("running", false))
        return in(lang, {"Já está sendo respondida", "It is being answered already"});
    const auto due = number_at(answer, "due_in_ms");
    if (due <= 0) return in(lang, {"Será vista agora", "It is looked at now"});
    return in(lang, {"Há uma pausa, ou uma espera pedida pela Meta; será vista ",
                     "There is a pause, or a delay that Meta asked for; it is looked at "}) +
           due_text(due, lang);
}

std::string change_view(std::string_view what, const json& answer, language lang) {
    const std::string who = ": " + text_at(answer, "conversation", 300) + "\n";
    if (what == "pause") return pause_view(answer, lang);
    if (what == "resume") return in(lang, {"O bot volta a responder", "The bot answers again"}) + who;
    if (what == "flush") return flush_view(answer, lang) + who;
    if (what == "forget")
        return in(lang, {"A conversa foi esquecida", "The conversation is forgotten"}) + who;
    if (what == "ambiguous/drop")
        return in(lang, {"Envio ", "Send "}) + count_of(answer, "id") + in(lang, {" encerrado", " closed"}) +
               who;
    const auto messages = number_at(answer, "messages");
    if (what == "dead/retry")
        return counted(messages, lang, {"mensagem de volta à fila", "message back in the queue"},
                       {"mensagens de volta à fila", "messages back in the queue"}) +
               who;
    if (what == "dead/drop")
        return counted(messages, lang, {"mensagem descartada", "message dropped"},
                       {"mensagens descartadas", "messages dropped"}) +
               who;
    return {};
}

std::string replay_view(const json& answer, language lang) {
    std::string out = counted(number_at(answer, "webhooks"), lang, {"webhook lido", "webhook read"},
                              {"webhooks lidos", "webhooks read"}) +
                      ", " +
                      counted(number_at(answer, "handed_over"), lang, {"evento novo", "new event"},
                              {"eventos novos", "new events"}) +
                      ", " +
                      counted(number_at(answer, "duplicates"), lang, {"já conhecido", "known already"},
                              {"já conhecidos", "known already"}) +
                      ", " +
                      counted(number_at(answer, "unreadable"), lang, {"ilegível", "unreadable"},
                              {"ilegíveis", "unreadable"}) +
                      "\n";
    if (const auto why = text_at(answer, "cut_short", 300); !why.empty())
        out += in(lang, {"Interrompido em ", "Cut short at "}) + time_of(answer, "reached_at_ms", lang) +
               " (" + message_in(lang, why) +
               in(lang, {"); repita o mesmo comando para continuar\n",
                         "); give the same command again to go on\n"});
    return out;
}

} // namespace

std::string view_of(std::string_view what, const json& answer, language lang) {
    if (what == "status") return status_view(answer, lang);
    if (what == "conversations") return conversations_view(answer, lang);
    if (what == "show") return show_view(answer, lang);
    if (what == "locks") {
        return waiting_view(list_at(answer, "locks"), lang,
                            {"Ninguém está sendo respondido.\n", "Nobody is being answered.\n"},
                            {"ATÉ", "UNTIL"});
    }
    if (what == "buffers")
        return waiting_view(list_at(answer, "buffers"), lang, {"Nada aguarda.\n", "Nothing waits.\n"},
                            {"PREVISTA", "DUE"});
    if (what == "variants") return variants_view(answer, lang);
    if (what == "ambiguous") return ambiguous_view(answer, lang);
    if (what == "dead") return dead_view(answer, lang);
    if (what == "faq") return faq_view(answer, lang);
    if (what == "replay") return replay_view(answer, lang);
    return change_view(what, answer, lang);
}

} // namespace atende
