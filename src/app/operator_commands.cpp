#include "app/operator_commands.hpp"

#include "app/command_line_language.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <atende/platform/json.hpp>
#include <atende/platform/text.hpp>
#include <vector>

namespace atende {

struct operator_commands::state {
    explicit state(language spoken) : lang(spoken) {}

    language lang;
    struct command {
        CLI::App* app = nullptr;
        std::string what;
        bool changes = false;
    };
    std::vector<command> commands;
    std::string url, contact, message, from, until, after;
    int minutes = 0, limit = 0;
    std::int64_t send = 0;
    bool json = false, all = false;

    CLI::App* add(CLI::App& to, const std::string& name, const std::string& what, bool changes,
                  bilingual help) {
        CLI::App* const app = to.add_subcommand(name, in(lang, help));
        app->add_option("--url", url,
                        in(lang, {"do servidor em execução (padrão: o de HOST e PORT)",
                                  "of the running server (default: from HOST and PORT)"}));
        app->add_flag("--json", json, in(lang, {"imprime a resposta em JSON", "print the answer as JSON"}));
        commands.push_back({app, what, changes});
        return app;
    }
    CLI::App* add_with_contact(CLI::App& to, const std::string& name, const std::string& what, bool changes,
                               bilingual help) {
        CLI::App* const app = add(to, name, what, changes, help);
        app->add_option("contact", contact,
                        in(lang, {"o id do contato, ig:<conta>:<contato> ou web:<site>:<contato>",
                                  "the contact's id, ig:<account>:<contact> or web:<site>:<contact>"}))
            ->required();
        return app;
    }
    CLI::App* add_list(CLI::App& to, const std::string& name, const std::string& what, bilingual help,
                       bilingual many = {"no máximo quantos, até 1000 (100)",
                                         "at most so many, up to 1000 (100)"}) {
        CLI::App* const app = add(to, name, what, false, help);
        app->add_option("--limit", limit, in(lang, many))->check(within(1, 1'000, lang));
        return app;
    }
    void add_for_conversations(CLI::App& program);
    void add_for_failures(CLI::App& program);
    [[nodiscard]] const command* parsed() const;
    [[nodiscard]] std::string query() const;
    [[nodiscard]] std::string body(const std::string& what) const;
};

void operator_commands::state::add_for_conversations(CLI::App& program) {
    add(program, "status", "status", false,
        {"o que aguarda, o que falhou, se a fila está em ordem",
         "what waits, what failed, whether the queue is in order"});
    add_list(program, "conversations", "conversations",
             {"todas as conversas, e quem responde", "every conversation, and who answers it"},
             {"mais ou menos quantas por vez, até 1000 (100)", "about so many at a time, up to 1000 (100)"})
        ->add_option("--after", after,
                     in(lang, {"continua a lista: o `next` da resposta anterior",
                               "read on: the `next` of an earlier answer"}));
    add_with_contact(program, "show", "show", false,
                     {"uma conversa inteira, com os textos", "one conversation whole, with its texts"});
    add_with_contact(program, "pause", "pause", true,
                     {"põe o bot em silêncio para um contato", "silence the bot for a contact"})
        ->add_option("--minutes", minutes,
                     in(lang, {"por quanto tempo, até 43200 (HUMAN_PAUSE_MINUTES)",
                               "for so long, up to 43200 (HUMAN_PAUSE_MINUTES)"}))
        ->check(within(1, 43'200, lang));
    add_with_contact(
        program, "resume", "resume", true,
        {"deixa o bot responder de novo a este contato", "let the bot answer this contact again"});
    add(program, "faq", "faq", false,
        {"as respostas fixas, e quantas vezes cada uma foi dada",
         "the fixed answers, and how often each was given"});
    add_list(program, "locks", "locks",
             {"conversas sendo respondidas agora", "conversations being answered now"});
    add_list(program, "buffers", "buffers",
             {"conversas com mensagens que aguardam", "conversations with messages that wait"});
    add(program, "variants", "variants", false,
        {"o que cada variante do prompt rendeu: conversas e leads",
         "what each variant of the prompt came to: conversations and leads"});
    add_with_contact(program, "flush", "flush", true,
                     {"responde agora, sem esperar o silêncio do cliente",
                      "answer now instead of after the quiet window"});
    add_with_contact(program, "forget", "forget", true,
                     {"apaga tudo o que se guarda da conversa com um contato",
                      "erase everything that is kept of the conversation with a contact"});
}

void operator_commands::state::add_for_failures(CLI::App& program) {
    // Without a subcommand: the list.
    CLI::App* const ambiguous = add_list(program, "ambiguous", "ambiguous",
                                         {"envios que não chegaram, ou de que não se sabe",
                                          "sends that did not arrive, or of which nobody knows"});
    add_list(*ambiguous, "list", "ambiguous", {"o mesmo", "the same"});
    add_with_contact(*ambiguous, "drop", "ambiguous/drop", true,
                     {"encerra um, depois de olhar o chat", "close one after looking at the chat"})
        ->add_option("send", send, in(lang, {"o número do envio", "the number of the send"}))
        ->required();
    CLI::App* const dead =
        add_list(program, "dead", "dead",
                 {"mensagens separadas após falhas repetidas", "messages set aside after repeated failures"});
    add_list(*dead, "list", "dead", {"o mesmo", "the same"});
    add_with_contact(*dead, "show", "dead", false,
                     {"as de um contato, com os textos", "those of one contact, with their texts"})
        ->add_option("message", message, in(lang, {"só esta", "only this one"}));
    for (const std::string name : {"retry", "drop"}) {
        CLI::App* const change =
            add_with_contact(*dead, name, "dead/" + name, true,
                             name == "retry" ? bilingual{"de volta à conversa, respondida agora",
                                                         "back into the conversation, answered now"}
                                             : bilingual{"desiste dela", "give it up"});
        change->add_option("message", message, in(lang, {"só esta", "only this one"}));
        change->add_flag("--all", all, in(lang, {"todas deste contato", "every one of this contact"}));
    }
    CLI::App* const replay =
        add(program, "replay", "replay", true,
            {"entrega de novo os webhooks do diário", "hand journalled webhooks over again"});
    replay
        ->add_option(
            "--from", from,
            in(lang, {"início, em UTC: 2026-11-21T10:00:00Z", "start, in UTC: 2026-11-21T10:00:00Z"}))
        ->required();
    replay
        ->add_option("--until", until,
                     in(lang, {"fim, em UTC: 2026-11-21T11:00:00Z", "end, in UTC: 2026-11-21T11:00:00Z"}))
        ->required();
}

// The innermost one: a list's own entry comes before those of its subcommands.
const operator_commands::state::command* operator_commands::state::parsed() const {
    const command* found = nullptr;
    for (const auto& one : commands) {
        if (one.app->parsed()) found = &one;
    }
    return found;
}

std::string operator_commands::state::query() const {
    std::string out;
    const auto add_value = [&out](std::string_view name, const std::string& value) {
        if (value.empty()) return;
        if (!out.empty()) out += '&';
        out.append(name).append("=").append(percent_encoded(value));
    };
    add_value("contact", contact);
    add_value("message", message);
    add_value("after", after);
    if (limit > 0) add_value("limit", std::to_string(limit));
    return out;
}

std::string operator_commands::state::body(const std::string& what) const {
    if (what == "replay") return json_text({{"from", from}, {"until", until}});
    nlohmann::json body{{"contact", contact}};
    if (minutes > 0) body["minutes"] = minutes;
    if (what == "ambiguous/drop") body["id"] = send;
    if (!message.empty()) body["message"] = message;
    if (all) body["all"] = true;
    return json_text(body);
}

operator_commands::operator_commands(CLI::App& program, language lang)
    : state_(std::make_unique<state>(lang)) {
    state_->add_for_conversations(program);
    state_->add_for_failures(program);
}

operator_commands::~operator_commands() = default;

bool operator_commands::parsed() const {
    return state_->parsed() != nullptr;
}

operator_call operator_commands::call() const {
    const auto& command = *state_->parsed();
    operator_call call{.url = state_->url,
                       .admin_token = {},
                       .what = command.what,
                       .query = {},
                       .body = {},
                       .json = state_->json,
                       .lang = state_->lang};
    if (command.changes) {
        call.body = state_->body(command.what);
    } else {
        call.query = state_->query();
    }
    return call;
}

} // namespace atende
