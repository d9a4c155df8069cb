#include <unistd.h>

#include <algorithm>
#include <atende/app/settings.hpp>
#include <atende/platform/text.hpp>
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

void require(std::vector<std::string>& problems, bool present, std::string_view name, std::string_view why) {
    if (!present) problems.push_back(std::string(name) + " is missing: " + std::string(why));
}

void check_together(const settings& s, const environment_map& values, std::vector<std::string>& problems) {
    if (s.environment == app_environment::prod) {
        require(problems, !s.app_secrets.empty(), "INSTAGRAM_APP_SECRET",
                "APP_ENV=prod must verify webhooks");
        require(problems, !s.verify_token.empty(), "INSTAGRAM_VERIFY_TOKEN",
                "APP_ENV=prod must pass Meta's handshake");
        require(problems, !s.access_token.empty(), "INSTAGRAM_ACCESS_TOKEN",
                "APP_ENV=prod must be able to answer");
        require(problems, !s.openai_api_key.empty(), "OPENAI_API_KEY", "APP_ENV=prod needs a real model");
        if (s.dry_run) problems.emplace_back("AI_DRY_RUN must be false: APP_ENV=prod needs a real model");
    }
    if (s.simulator && s.environment == app_environment::prod) {
        require(problems, !s.admin_token.empty(), "ADMIN_TOKEN",
                "ENABLE_SIMULATOR=true with APP_ENV=prod needs it");
    }
    if (s.nocodb_table_url.empty() != s.nocodb_token.empty()) {
        const bool no_token = s.nocodb_token.empty();
        require(problems, false, no_token ? "NOCODB_API_TOKEN" : "NOCODB_TABLE_URL",
                no_token ? "NOCODB_TABLE_URL is set" : "NOCODB_API_TOKEN is set");
    }
    if (s.debounce && *s.debounce > s.debounce_max && given(values, "DEBOUNCE_MAX_SECONDS")) {
        problems.emplace_back("DEBOUNCE_MAX_SECONDS must not be less than DEBOUNCE_SECONDS");
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

std::expected<environment_map, std::vector<std::string>> parse_env_file(std::string_view text) {
    environment_map values;
    std::vector<std::string> problems;
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
            problems.push_back(".env line " + std::to_string(number) +
                               ": expected NAME=value, quotes closed");
            continue;
        }
        values.insert_or_assign(std::string(name), *std::move(value));
    }
    if (!problems.empty()) return std::unexpected(std::move(problems));
    return values;
}

std::expected<settings, std::vector<std::string>> load_settings(const environment_map& values) {
    settings loaded;
    std::vector<std::string> problems;
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
    if (loaded.debounce) loaded.debounce_max = std::max(loaded.debounce_max, *loaded.debounce);
    if (!problems.empty()) return std::unexpected(std::move(problems));
    return loaded;
}

namespace {

std::expected<environment_map, std::vector<std::string>> values_of_process() {
    environment_map values = process_environment();
    std::ifstream file(".env");
    if (!file) return values;
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    auto from_file = parse_env_file(text);
    if (!from_file) return std::unexpected(std::move(from_file.error()));
    values.merge(*from_file); // keeps what the environment says
    return values;
}

} // namespace

std::expected<settings, std::vector<std::string>> load_settings_of_process() {
    const auto values = values_of_process();
    if (!values) return std::unexpected(values.error());
    return load_settings(*values);
}

std::expected<std::string, std::vector<std::string>> describe_settings_of_process() {
    const auto values = values_of_process();
    if (!values) return std::unexpected(values.error());
    return describe(*values);
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
