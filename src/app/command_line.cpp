#include "app/command_line_language.hpp"
#include "app/dm.hpp"
#include "app/doctor.hpp"
#include "app/health.hpp"
#include "app/mcp_command.hpp"
#include "app/operator_commands.hpp"
#include "app/profile_commands.hpp"
#include "app/server.hpp"
#include "app/tool_set.hpp"

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

int report(const std::vector<std::string>& problems, language lang) {
    std::string message =
        in(lang, {"atende: a configuração está errada:\n", "atende: the configuration is wrong:\n"});
    for (const auto& problem : problems) message += "  " + problem + "\n";
    message += in(lang, {"Veja .env.example; `atende config` mostra o que está em vigor.\n",
                         "See .env.example; `atende config` shows what is in force.\n"});
    std::fputs(message.c_str(), stderr);
    return 2;
}

// `profile`: instead of the configured one, unless it is empty.
int with_settings(folder_check folders, const std::function<int(const settings&)>& command,
                  const std::string& profile = {}) {
    auto from = values_of_process();
    if (!profile.empty()) from.values.insert_or_assign("PROFILE_DIR", profile_named(profile).string());
    const language lang = language_of(from.values);
    const auto loaded = load_settings(std::move(from), folders);
    return loaded ? command(*loaded) : report(loaded.error(), lang);
}

int print_configuration() {
    auto from = values_of_process();
    std::fputs(describe(from.values).c_str(), stdout);
    return with_settings(folder_check::exist, [&from](const settings& s) {
        if (const auto shop = read_profile(s.profile_folder, profile_use::check); shop.read)
            std::erase_if(from.in_file, [&](const auto& name) { return uses_variable(*shop.read, name); });
        for (const auto& warning : misspelt_settings(from.in_file))
            std::fprintf(stderr, "%s\n", warning.in(s.lang).c_str());
        return 0;
    });
}

// Takes the name with its "sim_", too, as the page and the log show it. Gives what is wrong, or nothing.
std::string read_contact(std::string& contact, language lang) {
    const auto is_letter_or_digit = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    };
    if (contact.starts_with(simulated_prefix)) contact.erase(0, simulated_prefix.size());
    if (!contact.empty() && contact.size() <= 32 && std::ranges::all_of(contact, is_letter_or_digit))
        return {};
    return in(lang, {"espera de 1 a 32 letras e dígitos; recebeu \"",
                     "expected 1 to 32 letters and digits, got \""}) +
           printable(contact) + "\"";
}

int check_health() {
    return with_settings(folder_check::skip,
                         [](const settings& s) { return is_healthy(server_url(s, s.port)) ? 0 : 1; });
}

// Of the running server: the one that was said, or that of this configuration.
std::string url_of_server(std::string said, const settings& s) {
    while (said.ends_with('/')) said.pop_back();
    return said.empty() ? server_url(s, s.port) : said;
}

int dm(dm_options options) {
    return with_settings(folder_check::skip, [&options](const settings& s) {
        options.url = url_of_server(std::move(options.url), s);
        options.admin_token = s.admin_token;
        return send_dm(options);
    });
}

int list_mcp(const std::string& folder) {
    return with_settings(folder_check::skip, [&](const settings& s) {
        if (s.log_level <= spdlog::level::debug)
            start_log(s.log_level, s.log_as);
        else
            start_log(spdlog::level::off, s.log_as); // what it prints is to be pasted
        return list_mcp_tools(folder.empty() ? s.profile_folder : profile_named(folder), s);
    });
}

int operate(operator_call call) {
    return with_settings(folder_check::skip, [&call](const settings& s) {
        call.url = url_of_server(std::move(call.url), s);
        call.admin_token = s.admin_token;
        return call_operator_api(call);
    });
}

// `talk` and `timeout` are filled when the program parses.
void add_options(CLI::App& dm_command, dm_options& talk, int& timeout) {
    const language lang = talk.lang;
    dm_command
        .add_option("text", talk.texts,
                    in(lang, {"o que o cliente escreve; vários vão em sequência",
                              "what the customer writes; several are sent as a burst"}))
        ->required();
    dm_command
        .add_option("--contact", talk.contact,
                    in(lang, {"até 32 letras e dígitos; o mesmo contato continua a sua conversa",
                              "up to 32 letters and digits; the same contact goes on with its conversation"}))
        ->transform(CLI::Validator([lang](std::string& contact) { return read_contact(contact, lang); }, ""));
    dm_command.add_option("--url", talk.url,
                          in(lang, {"do servidor em execução (padrão: o de HOST e PORT)",
                                    "of the running server (default: from HOST and PORT)"}));
    dm_command
        .add_option("--timeout", timeout,
                    in(lang, {"segundos de espera por uma resposta, de 1 a 3600 (padrão: 60)",
                              "seconds to wait for an answer, 1 to 3600 (default: 60)"}))
        ->check(within(1, 3'600, lang));
}

} // namespace

int run_command_line(int argc, char** argv) {
    const language lang = language_of(values_of_process().values);
    CLI::App program(in(
        lang, {"Atende: responde os directs de uma loja. Configurado por variáveis de ambiente e .env; veja "
               "`atende config`.",
               "Atende: answers a shop's direct messages. Configured by environment variables and .env; see "
               "`atende config`."}));
    program.name("atende");
    speak(program, lang);
    program.require_subcommand(1);
    program.set_version_flag("--version", ATENDE_VERSION, in(lang, {"mostra a versão", "print the version"}));

    const auto add = [&](const char* name, bilingual help) {
        return program.add_subcommand(name, in(lang, help));
    };
    auto* serve_command = add("serve", {"inicia o servidor, até um SIGTERM", "run the server until SIGTERM"});
    std::string profile;
    serve_command->add_option(
        "--profile", profile,
        in(lang, {"a pasta do perfil, ou o nome dela em profiles/ (padrão: PROFILE_DIR)",
                  "the profile's folder, or its name in profiles/ (default: PROFILE_DIR)"}));
    auto* config_command = add("config", {"mostra a configuração em vigor, com os segredos mascarados",
                                          "show the configuration in force, secrets masked"});
    auto* health_command = add("health", {"sai com 0 se o servidor desta configuração está no ar",
                                          "exit 0 if the server of this configuration is alive"});
    auto* doctor_command =
        add("doctor", {"testa o que esta configuração precisa e diz o que falta; sai com 1 se "
                       "falta algo",
                       "try what this configuration needs and say what is missing; exit 1 if "
                       "anything is"});
    auto* dm_command = add("dm", {"escreve ao agente como um cliente simulado e imprime a resposta",
                                  "write to the agent as a simulated customer and print its answer"});
    dm_options talk{.lang = lang};
    int timeout = 60;
    add_options(*dm_command, talk, timeout);
    auto* mcp_command = add("mcp", {"os servidores MCP de um perfil", "the MCP servers of a profile"});
    mcp_command->require_subcommand(1);
    auto* mcp_list_command = mcp_command->add_subcommand(
        "list", in(lang, {"lista as ferramentas deles, com o que fixar em `tools:`",
                          "list their tools, with what to pin in `tools:`"}));
    std::string mcp_profile;
    mcp_list_command->add_option(
        "profile", mcp_profile,
        in(lang, {"a pasta do perfil, ou o nome dela em profiles/ (padrão: PROFILE_DIR)",
                  "the profile's folder, or its name in profiles/ (default: PROFILE_DIR)"}));
    const profile_commands profiles(program, lang);
    const operator_commands operations(program, lang);
    try {
        program.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        const int code = program.exit(e);
        return code == 0 ? 0 : 2;
    }
    if (serve_command->parsed()) return with_settings(folder_check::exist, serve, profile);
    if (profiles.parsed()) {
        return with_settings(folder_check::skip, [&profiles](const settings& s) { return profiles.run(s); });
    }
    if (config_command->parsed()) return print_configuration();
    if (health_command->parsed()) return check_health();
    if (doctor_command->parsed()) {
        return with_settings(folder_check::exist, [](const settings& s) {
            start_log(spdlog::level::off, s.log_as); // it says what fails itself
            return examine(s);
        });
    }
    if (mcp_list_command->parsed()) return list_mcp(mcp_profile);
    if (operations.parsed()) return operate(operations.call());
    talk.timeout = std::chrono::seconds(timeout);
    return dm(std::move(talk));
}

} // namespace atende
