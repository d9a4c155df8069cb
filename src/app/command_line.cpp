#include "app/dm.hpp"
#include "app/health.hpp"
#include "app/operator_commands.hpp"
#include "app/server.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <atende/app/command_line.hpp>
#include <atende/app/settings.hpp>
#include <atende/conversation/ids.hpp>
#include <atende/platform/log.hpp>
#include <cstdio>
#include <functional>
#include <string>

namespace atende {
namespace {

int report(const std::vector<std::string>& problems) {
    std::string message = "atende: the configuration is wrong:\n";
    for (const auto& problem : problems) message += "  " + problem + "\n";
    message += "See .env.example; `atende config` shows what is in force.\n";
    std::fputs(message.c_str(), stderr);
    return 2;
}

int with_settings(folder_check folders, const std::function<int(const settings&)>& command) {
    const auto loaded = load_settings(values_of_process(), folders);
    return loaded ? command(*loaded) : report(loaded.error());
}

int print_configuration() {
    std::fputs(describe(values_of_process().values).c_str(), stdout);
    return with_settings(folder_check::exist, [](const settings&) { return 0; });
}

// Takes the name with its "sim_", too, as the page and the log show it. Gives what is wrong, or nothing.
std::string read_contact(std::string& contact) {
    const auto is_letter_or_digit = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    };
    if (contact.starts_with(simulated_prefix)) contact.erase(0, simulated_prefix.size());
    if (!contact.empty() && contact.size() <= 32 && std::ranges::all_of(contact, is_letter_or_digit))
        return {};
    return "expected 1 to 32 letters and digits, got \"" + printable(contact) + "\"";
}

int check_health() {
    return with_settings(folder_check::skip,
                         [](const settings& s) { return is_healthy(server_url(s, s.port)) ? 0 : 1; });
}

int dm(dm_options options) {
    return with_settings(folder_check::skip, [&options](const settings& s) {
        if (options.url.empty()) options.url = server_url(s, s.port);
        options.admin_token = s.admin_token;
        return send_dm(options);
    });
}

int operate(operator_call call) {
    return with_settings(folder_check::skip, [&call](const settings& s) {
        if (call.url.empty()) call.url = server_url(s, s.port);
        call.admin_token = s.admin_token;
        return call_operator_api(call);
    });
}

} // namespace

int run_command_line(int argc, char** argv) {
    CLI::App program(
        "Atende: answers a shop's direct messages. Configured by environment variables and .env; see "
        "`atende config`.");
    program.name("atende");
    program.require_subcommand(1);
    program.set_version_flag("--version", ATENDE_VERSION);

    auto* serve_command = program.add_subcommand("serve", "run the server until SIGTERM");
    auto* config_command =
        program.add_subcommand("config", "show the configuration in force, secrets masked");
    auto* health_command =
        program.add_subcommand("health", "exit 0 if the server of this configuration is alive");
    auto* dm_command =
        program.add_subcommand("dm", "write to the agent as a simulated customer and print its answer");
    dm_options talk;
    int timeout = 60;
    dm_command->add_option("text", talk.texts, "what the customer writes; several are sent as a burst")
        ->required();
    dm_command
        ->add_option("--contact", talk.contact,
                     "up to 32 letters and digits; the same contact goes on with its conversation")
        ->transform(CLI::Validator(read_contact, ""));
    dm_command->add_option("--url", talk.url, "of the running server (default: from HOST and PORT)");
    dm_command->add_option("--timeout", timeout, "seconds to wait for an answer")
        ->check(CLI::Range(1, 3'600));
    const operator_commands operations(program);
    try {
        program.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        const int code = program.exit(e);
        return code == 0 ? 0 : 2;
    }
    if (serve_command->parsed()) return with_settings(folder_check::exist, serve);
    if (config_command->parsed()) return print_configuration();
    if (health_command->parsed()) return check_health();
    if (operations.parsed()) return operate(operations.call());
    talk.timeout = std::chrono::seconds(timeout);
    return dm(std::move(talk));
}

} // namespace atende
