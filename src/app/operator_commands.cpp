#include "app/operator_commands.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <vector>

namespace atende {
namespace {

std::string encoded(std::string_view text) {
    constexpr std::string_view hex = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (std::isalnum(byte) != 0 || c == '-' || c == '_' || c == '.' || c == ':') {
            out += c;
        } else {
            out += '%';
            out += hex[byte >> 4U];
            out += hex[byte & 15U];
        }
    }
    return out;
}

} // namespace

struct operator_commands::state {
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
                  const std::string& help) {
        CLI::App* const app = to.add_subcommand(name, help);
        app->add_option("--url", url, "of the running server (default: from HOST and PORT)");
        app->add_flag("--json", json, "print the answer as JSON");
        commands.push_back({app, what, changes});
        return app;
    }
    CLI::App* add_with_contact(CLI::App& to, const std::string& name, const std::string& what, bool changes,
                               const std::string& help) {
        CLI::App* const app = add(to, name, what, changes, help);
        app->add_option("contact", contact, "the contact's id, or ig:<account>:<contact>")->required();
        return app;
    }
    CLI::App* add_list(CLI::App& to, const std::string& name, const std::string& what,
                       const std::string& help) {
        CLI::App* const app = add(to, name, what, false, help);
        app->add_option("--limit", limit, "at most so many (100)")->check(CLI::Range(1, 1'000));
        return app;
    }
    void add_all(CLI::App& program);
    [[nodiscard]] const command* parsed() const;
    [[nodiscard]] std::string query() const;
    [[nodiscard]] std::string body(const std::string& what) const;
};

void operator_commands::state::add_all(CLI::App& program) {
    add(program, "status", "status", false, "what waits, what failed, whether all invariants hold");
    add_list(program, "conversations", "conversations", "every conversation, and who answers it")
        ->add_option("--after", after, "read on: the `next` of an earlier answer");
    add_with_contact(program, "show", "show", false, "one conversation whole, with its texts");
    add_with_contact(program, "pause", "pause", true, "silence the bot for a contact")
        ->add_option("--minutes", minutes, "for so long (HUMAN_PAUSE_MINUTES)")
        ->check(CLI::Range(1, 43'200));
    add_with_contact(program, "resume", "resume", true, "let the bot answer this contact again");
    add_list(program, "locks", "locks", "conversations being answered now");
    add_list(program, "buffers", "buffers", "conversations with messages that wait");
    add_with_contact(program, "flush", "flush", true, "answer now instead of after the quiet window");

    // Without a subcommand: the list.
    CLI::App* const ambiguous = add_list(program, "ambiguous", "ambiguous", "sends of unknown outcome");
    add_list(*ambiguous, "list", "ambiguous", "the same");
    add_with_contact(*ambiguous, "drop", "ambiguous/drop", true, "close one after looking at the chat")
        ->add_option("send", send, "the number of the send")
        ->required();
    CLI::App* const dead = add_list(program, "dead", "dead", "messages set aside after repeated failures");
    add_list(*dead, "list", "dead", "the same");
    add_with_contact(*dead, "show", "dead", false, "those of one contact, with their texts")
        ->add_option("message", message, "only this one");
    for (const std::string name : {"retry", "drop"}) {
        CLI::App* const change =
            add_with_contact(*dead, name, "dead/" + name, true,
                             name == "retry" ? "back into the conversation, answered now" : "give it up");
        change->add_option("message", message, "only this one");
        change->add_flag("--all", all, "every one of this contact");
    }
    CLI::App* const replay = add(program, "replay", "replay", true, "hand journalled webhooks over again");
    replay->add_option("--from", from, "2026-11-21T10:00:00Z")->required();
    replay->add_option("--until", until, "2026-11-21T11:00:00Z")->required();
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
        out.append(name).append("=").append(encoded(value));
    };
    add_value("contact", contact);
    add_value("message", message);
    add_value("after", after);
    if (limit > 0) add_value("limit", std::to_string(limit));
    return out;
}

std::string operator_commands::state::body(const std::string& what) const {
    if (what == "replay") return nlohmann::json{{"from", from}, {"until", until}}.dump();
    nlohmann::json body{{"contact", contact}};
    if (minutes > 0) body["minutes"] = minutes;
    if (what == "ambiguous/drop") body["id"] = send;
    if (!message.empty()) body["message"] = message;
    if (all) body["all"] = true;
    return body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

operator_commands::operator_commands(CLI::App& program) : state_(std::make_unique<state>()) {
    state_->add_all(program);
}

operator_commands::~operator_commands() = default;

bool operator_commands::parsed() const {
    return state_->parsed() != nullptr;
}

operator_call operator_commands::call() const {
    const auto& command = *state_->parsed();
    operator_call call{.url = state_->url, .admin_token = {}, .what = command.what, .query = {}, .body = {}};
    if (command.changes) {
        call.body = state_->body(command.what);
    } else {
        call.query = state_->query();
    }
    call.json = state_->json;
    return call;
}

} // namespace atende
