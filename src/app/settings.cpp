#include "agent/profile/spelling.hpp"
#include "app/setting_readers.hpp"

#include <boost/asio/ip/address.hpp>
#include <unistd.h>

#include <algorithm>
#include <atende/platform/text.hpp>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <ranges>

namespace atende {
namespace {

bool is_name(std::string_view text) {
    const auto fits = [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    };
    return !text.empty() && std::ranges::all_of(text, fits);
}

// What stands behind the `=`, white space in front included: a # after white space begins a comment.
std::optional<std::string> unquoted(std::string_view written) {
    const std::string_view value = trimmed(written);
    if (value.starts_with('"') || value.starts_with('\'')) {
        const std::size_t end = value.find(value.front(), 1);
        if (end == std::string_view::npos) return std::nullopt;
        const std::string_view behind = trimmed(value.substr(end + 1));
        if (!behind.empty() && !behind.starts_with('#')) return std::nullopt;
        return std::string(value.substr(1, end - 1));
    }
    const std::size_t comment = std::min(written.find(" #"), written.find("\t#"));
    return std::string(trimmed(written.substr(0, comment)));
}

// An empty value is none.
std::optional<std::string> given(const environment_map& values, std::string_view name) {
    const auto found = values.find(name);
    if (found == values.end() || trimmed(found->second).empty()) return std::nullopt;
    return std::string(trimmed(found->second));
}

// The value in force, or nothing when neither a value nor a default exists.
std::optional<std::string> value_of(const environment_map& values, const setting& row) {
    if (auto value = given(values, row.name)) return value;
    if (row.name == "AGENT_MODEL") {
        if (auto value = given(values, "MODEL_NAME")) return value;
    }
    if (row.name == "ENABLE_SIMULATOR") return given(values, "APP_ENV") == "prod" ? "false" : "true";
    if (row.fallback.empty()) return std::nullopt;
    return std::string(row.fallback);
}

sentence expected(const std::string& name, const sentence& what) {
    return {name + ": espera " + what.portuguese, name + ": expected " + what.english};
}

sentence expected(const std::string& name, const sentence& what, const std::string& got) {
    const sentence start = expected(name, what);
    return {start.portuguese + "; recebeu \"" + got + "\"", start.english + ", got \"" + got + "\""};
}

// What is given but wrong was already reported.
void require(std::vector<sentence>& problems, const environment_map& values, const std::string& name,
             const sentence& why) {
    if (given(values, name)) return;
    problems.emplace_back("falta " + name + ": " + why.portuguese, name + " is missing: " + why.english);
}

void check_together(const settings& s, const environment_map& values, std::vector<sentence>& problems) {
    if (s.environment == app_environment::prod) {
        require(problems, values, "INSTAGRAM_APP_SECRET",
                bilingual{"APP_ENV=prod tem de verificar os webhooks", "APP_ENV=prod must verify webhooks"});
        require(problems, values, "INSTAGRAM_VERIFY_TOKEN",
                bilingual{"APP_ENV=prod tem de passar pela verificação da Meta",
                          "APP_ENV=prod must pass Meta's handshake"});
        require(problems, values, "INSTAGRAM_ACCESS_TOKEN",
                bilingual{"APP_ENV=prod tem de poder responder", "APP_ENV=prod must be able to answer"});
        require(problems, values, "OPENAI_API_KEY",
                bilingual{"APP_ENV=prod precisa de um modelo de verdade", "APP_ENV=prod needs a real model"});
        if (s.dry_run) {
            problems.emplace_back(
                bilingual{"AI_DRY_RUN tem de ser false: APP_ENV=prod precisa de um modelo de verdade",
                          "AI_DRY_RUN must be false: APP_ENV=prod needs a real model"});
        }
    }
    if (s.simulator && s.environment == app_environment::prod) {
        require(problems, values, "ADMIN_TOKEN",
                bilingual{"ENABLE_SIMULATOR=true com APP_ENV=prod exige um",
                          "ENABLE_SIMULATOR=true with APP_ENV=prod needs it"});
    }
    if (given(values, "NOCODB_TABLE_URL")) {
        require(problems, values, "NOCODB_API_TOKEN",
                bilingual{"há um NOCODB_TABLE_URL", "NOCODB_TABLE_URL is set"});
    } else if (given(values, "NOCODB_API_TOKEN")) {
        require(problems, values, "NOCODB_TABLE_URL",
                bilingual{"há um NOCODB_API_TOKEN", "NOCODB_API_TOKEN is set"});
    }
    if (s.redis_wait_replicas > 0) {
        require(problems, values, "REDIS_URL",
                bilingual{"REDIS_WAIT_REPLICAS espera réplicas, e o Redis próprio não tem nenhuma",
                          "REDIS_WAIT_REPLICAS waits for replicas, and the private Redis has none"});
    }
    if (given(values, "WEB_CHAT_TOKEN")) {
        require(problems, values, "WEB_CHAT_ORIGINS",
                bilingual{"há um WEB_CHAT_TOKEN", "WEB_CHAT_TOKEN is set"});
    } else if (given(values, "WEB_CHAT_ORIGINS")) {
        require(problems, values, "WEB_CHAT_TOKEN",
                bilingual{"há um WEB_CHAT_ORIGINS", "WEB_CHAT_ORIGINS is set"});
    }
    if (s.debounce && s.debounce_max && *s.debounce > *s.debounce_max) {
        problems.emplace_back(bilingual{"DEBOUNCE_MAX_SECONDS não pode ser menor que DEBOUNCE_SECONDS",
                                        "DEBOUNCE_MAX_SECONDS must not be less than DEBOUNCE_SECONDS"});
    }
}

// Whether the folder can be written to, or made.
bool is_usable(std::filesystem::path folder) {
    std::error_code failed;
    folder = std::filesystem::absolute(folder, failed);
    while (!std::filesystem::exists(folder, failed) && folder.has_relative_path())
        folder = folder.parent_path();
    return std::filesystem::is_directory(folder, failed) && ::access(folder.c_str(), W_OK | X_OK) == 0;
}

void check_folders(const settings& s, std::vector<sentence>& problems) {
    std::error_code failed;
    if (!std::filesystem::is_regular_file(s.profile_folder / "profile.yaml", failed)) {
        problems.push_back(expected("PROFILE_DIR",
                                    bilingual{"uma pasta com profile.yaml", "a folder with profile.yaml"},
                                    s.profile_folder.string()));
    }
    if (!s.rag_folder.empty() && !std::filesystem::is_directory(s.rag_folder, failed)) {
        problems.push_back(expected("RAG_DIR", bilingual{"uma pasta que exista", "a folder that exists"},
                                    s.rag_folder.string()));
    }
    if (!is_usable(s.data_folder)) {
        problems.push_back(expected("DATA_DIR",
                                    bilingual{"uma pasta em que se possa escrever, ou que se possa criar",
                                              "a folder that can be written to, or made"},
                                    s.data_folder.string()));
    }
}

std::string masked(std::string_view secret) {
    if (secret.size() < 12) return "****";
    return "****" + std::string(secret.substr(secret.size() - 4));
}

// A value as it may be printed: secrets masked, and so is a password inside a URL.
std::string shown(const setting& row, std::string_view value) {
    if (row.secret) return masked(value);
    const std::size_t scheme = value.find("://");
    const std::size_t at = value.rfind('@');
    if (scheme == std::string_view::npos || at == std::string_view::npos || at < scheme)
        return std::string(value);
    return std::string(value.substr(0, scheme + 3)) + "****" + std::string(value.substr(at));
}

} // namespace

environment_map process_environment() {
    environment_map values;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view line(*entry);
        const std::size_t equals = line.find('=');
        if (equals != std::string_view::npos) values.emplace(line.substr(0, equals), line.substr(equals + 1));
    }
    return values;
}

configured_values parse_env_file(std::string_view text) {
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    configured_values out;
    int number = 0;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        std::string_view line = trimmed(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        ++number;
        if (line.empty() || line.starts_with('#')) continue;
        if (line.starts_with("export ")) line = trimmed(line.substr(7));
        const std::size_t equals = line.find('=');
        const std::string_view name = trimmed(line.substr(0, equals));
        auto value = equals == std::string_view::npos ? std::nullopt : unquoted(line.substr(equals + 1));
        if (!value || !is_name(name)) {
            const std::string line_number = std::to_string(number);
            out.problems.emplace_back(".env, linha " + line_number +
                                          ": espera NOME=valor, com aspas fechadas",
                                      ".env line " + line_number + ": expected NAME=value, quotes closed");
            continue;
        }
        out.values.insert_or_assign(std::string(name), *std::move(value));
    }
    return out;
}

environment_map merged(environment_map environment, environment_map file) {
    if (given(environment, "MODEL_NAME")) file.erase("AGENT_MODEL");
    std::erase_if(environment, [](const auto& one) { return trimmed(one.second).empty(); });
    environment.merge(file); // keeps what the environment says
    return environment;
}

language language_of(const environment_map& values) {
    language lang = language::portuguese;
    if (const auto value = given(values, "TERMINAL_LANGUAGE")) read_language(*value, lang);
    return lang;
}

std::expected<settings, std::vector<std::string>> load_settings(configured_values from,
                                                                folder_check folders) {
    const environment_map& values = from.values;
    std::vector<sentence>& problems = from.problems;
    settings loaded;
    for (const setting& row : all_settings()) {
        const auto value = value_of(values, row);
        if (!value) continue;
        if (const auto wanted = row.apply(*value, loaded)) {
            const std::string name(row.name);
            problems.push_back(row.secret ? expected(name, *wanted)
                                          : expected(name, *wanted, shown(row, *value)));
        }
    }
    for (const auto& [name, value] : values) {
        const auto is_own_secret = [&name](const setting& row) { return row.secret && row.name == name; };
        if (given(values, name) && std::ranges::none_of(all_settings(), is_own_secret))
            loaded.tool_environment.emplace(name, *given(values, name));
    }
    check_together(loaded, values, problems);
    if (folders == folder_check::exist) check_folders(loaded, problems);
    if (problems.empty()) return loaded;
    std::ranges::move(misspelt_settings(from.in_file), std::back_inserter(problems)); // it may be why
    std::vector<std::string> texts;
    for (const sentence& one : problems) texts.push_back(one.in(loaded.lang));
    return std::unexpected(std::move(texts));
}

configured_values values_of_process() {
    std::error_code failed;
    const auto status = std::filesystem::status(".env", failed);
    if (status.type() == std::filesystem::file_type::not_found) return {process_environment(), {}};
    std::ifstream file(".env");
    const bool is_folder = std::filesystem::is_directory(status);
    if (!file || is_folder) {
        const std::string system = std::generic_category().message(errno);
        const sentence reason =
            is_folder ? sentence(bilingual{"é uma pasta", "it is a folder"}) : sentence(system, system);
        const sentence problem("um arquivo que possa ser lido: " + reason.portuguese,
                               "a file that can be read: " + reason.english);
        return {process_environment(), {expected(".env", problem)}};
    }
    configured_values out = parse_env_file(std::string{std::istreambuf_iterator<char>(file), {}});
    std::ranges::copy(std::views::keys(out.values), std::back_inserter(out.in_file));
    out.values = merged(process_environment(), std::move(out.values));
    return out;
}

std::vector<sentence> misspelt_settings(std::span<const std::string> names) {
    constexpr std::size_t most_mistakes = 2; // more of them is a name of the shop's own
    std::vector<std::string> known;
    for (const setting& row : all_settings()) known.emplace_back(row.name);
    std::vector<sentence> warnings;
    for (const auto& name : names) {
        const auto meant = nearest_name(name, known);
        if (meant.empty() || meant == name || edit_distance(name, meant) > most_mistakes) continue;
        warnings.emplace_back(".env: " + name + " não é uma configuração (quis dizer " + meant + "?)",
                              ".env: " + name + " is not a setting (did you mean " + meant + "?)");
    }
    return warnings;
}

std::string server_url(const settings& configured, std::uint16_t port) {
    boost::system::error_code name;
    const auto address = asio::ip::make_address(configured.host, name);
    std::string host = configured.host;
    if (!name && address.is_unspecified()) host = address.is_v4() ? "127.0.0.1" : "::1";
    if (host.contains(':')) host = "[" + host + "]";
    return "http://" + host + ":" + std::to_string(port);
}

std::string describe(const environment_map& values) {
    std::string out;
    for (const setting& row : all_settings()) {
        const auto value = value_of(values, row);
        out.append(row.name).append("=");
        if (value) out += shown(row, *value);
        if (row.of_profile && !value) out += " # " + in(language_of(values), *row.of_profile);
        out += '\n';
    }
    return out;
}

} // namespace atende
