#include "app/command_line_language.hpp"

#include <CLI/CLI.hpp>

#include <array>
#include <charconv>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace atende {
namespace {

// Its columns are aligned by bytes: labels that stand in them are ASCII.
class portuguese_help : public CLI::Formatter {
public:
    portuguese_help() {
        for (const auto& [english, portuguese] : {std::pair{"Usage", "Uso"},
                                                  {"Positionals", "Argumentos"},
                                                  {"Options", "Opções"},
                                                  {"OPTIONS", "OPÇÕES"},
                                                  {"SUBCOMMAND", "COMANDO"},
                                                  {"SUBCOMMANDS", "COMANDOS"},
                                                  {"TEXT", "TEXTO"},
                                                  {"INT", "N"},
                                                  {"REQUIRED", "EXIGIDO"}})
            label(english, portuguese);
    }
    std::string make_group(std::string group, bool is_positional,
                           std::vector<const CLI::Option*> options) const override {
        return Formatter::make_group(get_label(group), is_positional, std::move(options));
    }
};

// The sentences of CLI11 2.1 that this program's commands can cause; names and values stay where they are.
std::string in_portuguese(std::string message) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 10> phrases{{
        {"A subcommand is required", "falta o comando"},
        {"There is no command ", "não há o comando "},
        {"The following argument was not expected:", "argumento inesperado:"},
        {"The following arguments were not expected:", "argumentos inesperados:"},
        {"Could not convert:", "valor inválido:"},
        {": 1 required TEXT missing", ": falta o valor"},
        {": 1 required INT missing", ": falta o valor"},
        {": At Most ", ": no máximo "},
        {" required but received ", ", mas recebeu "},
        {" is required", ": falta dizer"},
    }};
    for (const auto& [english, portuguese] : phrases) {
        if (const auto at = message.find(english); at != std::string::npos)
            message.replace(at, english.size(), portuguese);
    }
    return message;
}

// Without a command CLI11 misses it before it says what stands in its place.
std::string message_of(const CLI::App& program, const CLI::Error& error) {
    const auto unexpected = program.remaining();
    if (error.get_exit_code() != static_cast<int>(CLI::ExitCodes::RequiredError) || unexpected.empty())
        return error.what();
    const auto& first = unexpected.front();
    return (first.starts_with('-') ? "The following argument was not expected: " : "There is no command ") +
           first;
}

} // namespace

void speak(CLI::App& program, language lang) {
    program.set_help_flag("-h,--help", in(lang, {"mostra esta ajuda", "print this help"}));
    program.failure_message([lang](const CLI::App* app, const CLI::Error& error) {
        const std::string message = message_of(*app, error);
        return (lang == language::english ? message : in_portuguese(message)) +
               in(lang, {"\nMais com --help.\n", "\nRun with --help for more information.\n"});
    });
    if (lang == language::english) return; // as CLI11 is
    program.group("Comandos");             // of its commands
    program.formatter(std::make_shared<portuguese_help>());
}

CLI::Validator within(int least, int most, language lang) {
    const std::string from = std::to_string(least), to = std::to_string(most);
    auto check = [=](std::string& value) -> std::string {
        int number = 0;
        const auto [end, failed] = std::from_chars(value.data(), value.data() + value.size(), number);
        if (failed == std::errc{} && end == value.data() + value.size() && number >= least && number <= most)
            return {};
        return sentence("espera um número de " + from + " a " + to + "; recebeu \"" + value + "\"",
                        "expected a number from " + from + " to " + to + ", got \"" + value + "\"")
            .in(lang);
    };
    return {std::move(check), ""};
}

} // namespace atende
