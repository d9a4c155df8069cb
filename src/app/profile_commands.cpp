#include "app/profile_commands.hpp"

#include "app/told_knowledge.hpp"
#include "app/tool_set.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <system_error>

#include <atende/agent/profile.hpp>
#include <atende/agent/profile_starter.hpp>
#include <atende/platform/log.hpp>
#include <cstdio>
#include <optional>

namespace atende {

namespace fs = std::filesystem;

struct profile_commands::state {
    language lang = language::portuguese;
    CLI::App *check = nullptr, *new_profile = nullptr, *new_tool = nullptr;
    std::string name, profile;

    int run_check(const fs::path& folder, const settings& configured) const;
    int report(const written_files& outcome, const fs::path& profile_folder) const;
};

namespace {

int complain(const std::string& problem) {
    std::fprintf(stderr, "atende: %s\n", problem.c_str());
    return 2;
}

void print(const std::vector<profile_problem>& problems, const fs::path& folder, language lang) {
    for (auto problem : problems) {
        problem.file =
            (folder / problem.file).lexically_normal().string(); // an editor or terminal can open it
        std::fprintf(stderr, "%s\n", printable(text_of(problem, lang), 2'000).c_str());
    }
}

} // namespace

int profile_commands::state::run_check(const fs::path& folder, const settings& configured) const {
    const auto reading = read_for_command(folder, profile_use::check, lang);
    if (!reading) return 2;
    auto problems = reading->problems;
    if (reading->read) {
        problems = tool_address_problems(*reading->read, configured);
        print(problems, folder, lang);
    }
    if (!problems.empty()) {
        const auto count = problems.size();
        std::fputs(sentence(fmt::format("{}: {} problema{}\n", folder.string(), count, count == 1 ? "" : "s"),
                            fmt::format("{}: {} problem{}\n", folder.string(), count, count == 1 ? "" : "s"))
                       .in(lang)
                       .c_str(),
                   stderr);
        return 1;
    }
    auto serving = configured;
    serving.profile_folder = folder;
    const auto known = knowledge_told(serving, *reading);
    print(known.problems, {}, lang);
    if (!known.problems.empty()) return 1;
    const auto label = reading->read->label(known.version);
    const auto s = reading->files == 1 ? "" : "s";
    std::puts(sentence(fmt::format("{}: em ordem ({} arquivo{})", label, reading->files, s),
                       fmt::format("{}: all right ({} file{})", label, reading->files, s))
                  .in(lang)
                  .c_str());
    return 0;
}

int profile_commands::state::report(const written_files& outcome, const fs::path& profile_folder) const {
    if (!outcome) return complain(outcome.error().in(lang));
    for (const auto& path : *outcome) std::puts(path.c_str());
    std::puts(
        (in(lang, {"Confira com: atende check ", "Check with: atende check "}) + profile_folder.string())
            .c_str());
    return 0;
}

profile_commands::profile_commands(CLI::App& program, language lang) : state_(std::make_unique<state>()) {
    auto& s = *state_;
    s.lang = lang;
    const auto which = in(lang, {"a pasta, ou o nome dela em profiles/ (padrão: PROFILE_DIR)",
                                 "its folder, or its name in profiles/ (default: PROFILE_DIR)"});
    s.check = program.add_subcommand("check",
                                     in(lang, {"mostra todos os erros de um perfil; sai com 1 se há algum",
                                               "show every mistake of a profile; exit 1 if there is one"}));
    s.check->add_option("profile", s.profile, which);
    s.new_profile = program.add_subcommand(
        "new-profile",
        in(lang, {"cria um perfil comentado em profiles/", "write a commented profile into profiles/"}));
    s.new_profile->add_option("name", s.name, in(lang, {"o nome da pasta", "the name of its folder"}))
        ->required();
    s.new_tool = program.add_subcommand("new-tool", in(lang, {"cria uma ferramenta comentada num perfil",
                                                              "write a commented tool into a profile"}));
    s.new_tool->add_option("name", s.name, in(lang, {"o nome da ferramenta", "the tool's name"}))->required();
    s.new_tool->add_option("--profile", s.profile, which);
}

profile_commands::~profile_commands() = default;

bool profile_commands::parsed() const {
    return state_->check->parsed() || state_->new_profile->parsed() || state_->new_tool->parsed();
}

int profile_commands::run(const settings& configured) const {
    const auto& s = *state_;
    const auto folder = s.profile.empty() ? configured.profile_folder : profile_named(s.profile);
    if (s.check->parsed()) return s.run_check(folder, configured);
    if (s.new_tool->parsed()) return s.report(write_new_tool(folder, s.name), folder);
    const auto made = s.name.contains('/') ? fs::path(s.name) : fs::path("profiles") / s.name;
    return s.report(write_new_profile(made), made);
}

std::optional<profile_reading> read_for_command(const fs::path& folder, profile_use use, language lang) {
    std::error_code failed;
    if (!fs::is_directory(folder, failed)) {
        complain(folder.string() +
                 in(lang, {": espera a pasta de um perfil", ": expected the folder of a profile"}));
        return std::nullopt;
    }
    auto reading = read_profile(folder, use);
    print(reading.problems, folder, lang);
    return reading;
}

fs::path profile_named(const std::string& name) {
    std::error_code failed;
    if (name.contains('/') || fs::is_regular_file(fs::path(name) / "profile.yaml", failed)) return name;
    return fs::path("profiles") / name;
}

} // namespace atende
