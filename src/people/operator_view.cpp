#include "people/operator_view.hpp"

#include "people/operator_fields.hpp"
#include "people/operator_format.hpp"
#include "people/operator_json.hpp"
#include "people/operator_show.hpp"
#include "people/operator_words.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <atende/platform/json.hpp>
#include <initializer_list>

namespace atende {
namespace {

using nlohmann::json;

std::vector<std::string> heading(language lang, std::initializer_list<bilingual> columns) {
    std::vector<std::string> out;
    for (const bilingual& column : columns) out.push_back(in(lang, column));
    return out;
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

std::string outcome_of(const json& send, language lang) {
    const auto reason = text_at(send, "reason");
    return send_state_text(send, lang) + (reason.empty() ? "" : ": " + reason);
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
        const json& rate = json_member(one, "lead_rate");
        rows.push_back({text_at(one, "profile"), text_at(one, "variant"), count_of(one, "turns"),
                        count_of(one, "conversations"), count_of(one, "leads"),
                        fmt::format("{:.1f} %", rate.is_number() ? 100 * rate.get<double>() : 0.0)});
    }
    return table_of(rows);
}

std::string dead_view(const json& answer, language lang) {
    const auto& list = list_at(answer, "dead");
    if (list.empty()) return in(lang, {"Nenhuma mensagem separada.\n", "No message is set aside.\n"});
    table rows{heading(lang, {{"CONVERSA", "CONVERSATION"},
                              {"SEPARADA EM", "SET ASIDE AT"},
                              {"TENTATIVAS", "ATTEMPTS"},
                              {"MOTIVO", "REASON"},
                              {"MENSAGEM", "MESSAGE"}})};
    table texts;
    for (const auto& one : list) {
        rows.push_back({text_at(one, "conversation", 120), time_of(one, "set_aside_at_ms", lang),
                        count_of(one, "attempts"), message_in(lang, text_at(one, "reason")),
                        text_at(one, "message", 300)});
        const auto& heard = json_member(one, "heard");
        if (heard.is_null()) continue;
        texts.push_back({"", time_of(heard, "at_ms", lang), words_of_heard(heard, lang)});
        if (auto more = not_heard_text(heard, lang); !more.empty())
            texts.push_back({"", "", std::move(more)});
    }
    return table_of(rows) + table_of(texts) +
           in(lang, {"De novo: atende dead retry <conversa>. Desistir: atende dead drop <conversa>.\n",
                     "Try again: atende dead retry <conversation>. Give up: atende dead drop "
                     "<conversation>.\n"});
}

std::string faq_view(const json& answer, language lang) {
    const auto& list = list_at(answer, "faq");
    if (list.empty()) return in(lang, {"Nenhuma resposta fixa (faq).\n", "No fixed answers (faq).\n"});
    table rows{heading(lang, {{"VEZES", "HITS"}, {"PERGUNTA", "QUESTION"}, {"ONDE", "WHERE"}})};
    for (const auto& one : list)
        rows.push_back({count_of(one, "hits"), text_at(one, "question", 300), place_of(one, lang)});
    return table_of(rows);
}

std::string totals_text(const json& invariants) {
    std::string out;
    for (const auto& [name, count] : json_member(invariants, "violations").items()) {
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
    return table_of(
        {{"Atende " + text_at(answer, "version"),
          in(lang, {"no ar há ", "up for "}) + duration_text(number_at(answer, "up_s") * 1'000)},
         {in(lang, {"Conversas pendentes", "Pending conversations"}), pending},
         {in(lang, {"Em andamento aqui", "Being answered here"}), count_of(answer, "running_turns")},
         {in(lang, {"Envios ambíguos", "Ambiguous sends"}), count_of(answer, "ambiguous")},
         {in(lang, {"Não chegaram", "Did not arrive"}), count_of(answer, "missing")},
         {in(lang, {"Mensagens separadas", "Messages set aside"}), count_of(answer, "dead")},
         {in(lang, {"Invariantes", "Invariants"}),
          invariants_text(json_member(answer, "invariants"), lang)}});
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
    if (flag_at(answer, "running"))
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
