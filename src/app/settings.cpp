#include <boost/asio/ip/address.hpp>
#include <unistd.h>

#include <algorithm>
#include <atende/app/settings.hpp>
#include <atende/platform/text.hpp>
#include <cerrno>
#include <fstream>
#include <iterator>

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
    if (row.fallback.empty()) return std::nullopt;
    return std::string(row.fallback);
}

// What is given but wrong was already reported.
void require(std::vector<std::string>& problems, const environment_map& values, std::string_view name,
             std::string_view why) {
    if (!given(values, name)) problems.push_back(std::string(name) + " is missing: " + std::string(why));
}

void check_together(const settings& s, const environment_map& values, std::vector<std::string>& problems) {
    if (s.environment == app_environment::prod) {
        require(problems, values, "INSTAGRAM_APP_SECRET", "APP_ENV=prod must verify webhooks");
        require(problems, values, "INSTAGRAM_VERIFY_TOKEN", "APP_ENV=prod must pass Meta's handshake");
        require(problems, values, "INSTAGRAM_ACCESS_TOKEN", "APP_ENV=prod must be able to answer");
        require(problems, values, "OPENAI_API_KEY", "APP_ENV=prod needs a real model");
        if (s.dry_run) problems.emplace_back("AI_DRY_RUN must be false: APP_ENV=prod needs a real model");
    }
    if (s.simulator && s.environment == app_environment::prod) {
        require(problems, values, "ADMIN_TOKEN", "ENABLE_SIMULATOR=true with APP_ENV=prod needs it");
    }
    if (given(values, "NOCODB_TABLE_URL")) {
        require(problems, values, "NOCODB_API_TOKEN", "NOCODB_TABLE_URL is set");
    } else if (given(values, "NOCODB_API_TOKEN")) {
        require(problems, values, "NOCODB_TABLE_URL", "NOCODB_API_TOKEN is set");
    }
    if (s.debounce && *s.debounce > s.debounce_max && given(values, "DEBOUNCE_MAX_SECONDS")) {
        problems.emplace_back("DEBOUNCE_MAX_SECONDS must not be less than DEBOUNCE_SECONDS");
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

void check_folders(const settings& s, std::vector<std::string>& problems) {
    std::error_code failed;
    if (!std::filesystem::is_regular_file(s.profile_folder / "profile.yaml", failed)) {
        problems.push_back("PROFILE_DIR: expected a folder with profile.yaml, got \"" +
                           s.profile_folder.string() + "\"");
    }
    if (!is_usable(s.data_folder)) {
        problems.push_back("DATA_DIR: expected a folder that can be written to, or made, got \"" +
                           s.data_folder.string() + "\"");
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
            out.problems.push_back(".env line " + std::to_string(number) +
                                   ": expected NAME=value, quotes closed");
            continue;
        }
        out.values.insert_or_assign(std::string(name), *std::move(value));
    }
    return out;
}

environment_map merged(environment_map environment, environment_map file) {
    if (given(environment, "MODEL_NAME")) file.erase("AGENT_MODEL");
    environment.merge(file); // keeps what the environment says
    return environment;
}

std::expected<settings, std::vector<std::string>> load_settings(configured_values from,
                                                                folder_check folders) {
    const environment_map& values = from.values;
    std::vector<std::string>& problems = from.problems;
    settings loaded;
    for (const setting& row : all_settings()) {
        const auto value = value_of(values, row);
        if (!value) continue;
        if (const auto expected = row.apply(*value, loaded)) {
            const std::string got = row.secret ? "" : ", got \"" + shown(row, *value) + "\"";
            problems.push_back(std::string(row.name) + ": expected " + *expected + got);
        }
    }
    if (!given(values, "ENABLE_SIMULATOR")) {
        loaded.simulator = loaded.environment != app_environment::prod;
    }
    check_together(loaded, values, problems);
    if (folders == folder_check::exist) check_folders(loaded, problems);
    if (loaded.debounce) loaded.debounce_max = std::max(loaded.debounce_max, *loaded.debounce);
    if (!problems.empty()) return std::unexpected(std::move(problems));
    return loaded;
}

configured_values values_of_process() {
    std::error_code failed;
    const auto status = std::filesystem::status(".env", failed);
    if (status.type() == std::filesystem::file_type::not_found) return {process_environment(), {}};
    std::ifstream file(".env");
    const bool is_folder = std::filesystem::is_directory(status);
    if (!file || is_folder) {
        const std::string reason = is_folder ? "it is a folder" : std::generic_category().message(errno);
        return {process_environment(), {".env: expected a file that can be read: " + reason}};
    }
    configured_values out = parse_env_file(std::string{std::istreambuf_iterator<char>(file), {}});
    out.values = merged(process_environment(), std::move(out.values));
    return out;
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
        out += '\n';
    }
    return out;
}

} // namespace atende
