#include "agent/tools/tool_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atende/agent/profile_starter.hpp>
#include <atende/platform/log.hpp>
#include <fstream>
#include <re2/re2.h>
#include <utility>

namespace atende {

namespace embedded {
extern const std::string_view starter_profile_yaml, starter_prompt_md, starter_regras_md, starter_script_yaml,
    starter_schedule_yaml, starter_primeira_conversa_yaml, starter_tool_yaml;
}

namespace {

namespace fs = std::filesystem;

std::unexpected<sentence> cannot_write(const fs::path& path) {
    return std::unexpected(sentence(fmt::format("não foi possível escrever {}", path.string()),
                                    fmt::format("cannot write {}", path.string())));
}

std::unexpected<sentence> is_there(const fs::path& path) {
    return std::unexpected(sentence(fmt::format("{} já existe", path.string()),
                                    fmt::format("{} is there already", path.string())));
}

// The first line tells an editor where the schema is, as seen from a folder of profiles/. From any other
// folder it would lead nowhere.
std::string_view without_lost_schema(std::string_view text, const fs::path& folder) {
    constexpr std::string_view line = "# yaml-language-server: $schema=";
    if (!text.starts_with(line)) return text;
    const auto end = text.find('\n');
    std::error_code failed;
    if (fs::exists(folder / text.substr(line.size(), end - line.size()), failed)) return text;
    return text.substr(end + 1);
}

bool write(const fs::path& path, std::string_view text) {
    std::error_code failed;
    fs::create_directories(path.parent_path(), failed);
    text = without_lost_schema(text, path.parent_path());
    std::ofstream file(path, std::ios::binary);
    file.write(text.data(), static_cast<std::streamsize>(text.size()));
    file.close();
    return !file.fail();
}

} // namespace

written_files write_new_profile(const fs::path& folder) {
    static const RE2 good("[a-z0-9][a-z0-9_-]{0,63}");
    if (const auto name = folder.filename().string(); !RE2::FullMatch(name, good) || name == "shared") {
        return std::unexpected(sentence(
            fmt::format("\"{}\": espera um nome de letras minúsculas sem acento, dígitos, - e _, que "
                        "não seja shared",
                        printable(name)),
            fmt::format("\"{}\": expected a name of plain lower-case letters, digits, - and _ other "
                        "than shared",
                        printable(name))));
    }
    std::error_code failed;
    if (fs::exists(folder, failed)) return is_there(folder);
    std::vector<fs::path> written;
    for (const auto& [name, text] :
         {std::pair{"profile.yaml", embedded::starter_profile_yaml},
          {"prompt.md", embedded::starter_prompt_md},
          {"parts/regras.md", embedded::starter_regras_md},
          {"script.yaml", embedded::starter_script_yaml},
          {"schedule.yaml", embedded::starter_schedule_yaml},
          {"evals/primeira-conversa.yaml", embedded::starter_primeira_conversa_yaml}}) {
        const auto path = folder / name;
        if (!write(path, text)) return cannot_write(path);
        written.push_back(path);
    }
    return written;
}

written_files write_new_tool(const fs::path& profile, std::string_view name) {
    static const RE2 good("[A-Za-z0-9_-]{1,64}");
    if (!RE2::FullMatch(re2::StringPiece(name.data(), name.size()), good)) {
        return std::unexpected(sentence(
            fmt::format("\"{}\": espera um nome de letras sem acento, dígitos, _ e -", printable(name)),
            fmt::format("\"{}\": expected a name of plain letters, digits, _ and -", printable(name))));
    }
    if (is_built_in_name(name)) {
        return std::unexpected(
            sentence(fmt::format("\"{}\": espera outro nome: esta ferramenta já vem pronta", name),
                     fmt::format("\"{}\": expected another name: this tool is built in", name)));
    }
    std::error_code failed;
    if (!fs::is_regular_file(profile / "profile.yaml", failed)) {
        return std::unexpected(sentence(
            fmt::format("{}: espera a pasta de um perfil, com profile.yaml", profile.string()),
            fmt::format("{}: expected the folder of a profile, with profile.yaml", profile.string())));
    }
    const auto path = profile / "tools" / (std::string(name) + ".yaml");
    if (fs::exists(path, failed)) return is_there(path);
    constexpr std::string_view blank = "NOME_DA_FERRAMENTA";
    std::string text(embedded::starter_tool_yaml);
    text.replace(text.find(blank), blank.size(), name);
    if (!write(path, text)) return cannot_write(path);
    return std::vector{path};
}

} // namespace atende
