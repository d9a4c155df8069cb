// The configuration: environment variables, and a .env file for those the environment does not set.
#pragma once

#include <atende/platform/address_list.hpp>
#include <atende/platform/http_server.hpp>
#include <atende/platform/http_url.hpp>
#include <atende/platform/language.hpp>
#include <atende/platform/log.hpp>
#include <atende/voice/converted_audio.hpp>
#include <chrono>
#include <expected>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace atende {

enum class app_environment { dev, staging, prod };

using environment_map = std::map<std::string, std::string, std::less<>>;

struct settings {
    app_environment environment = app_environment::dev;

    std::string openai_api_key;
    std::string openai_base_url;
    std::string agent_model; // empty: the profile's
    std::string agent_name;
    bool dry_run = false;
    std::filesystem::path profile_folder;
    std::size_t max_agent_input_characters = 0;
    host_list tool_allowed_hosts;
    environment_map tool_environment; // all variables that are set, but our own secrets
    std::filesystem::path rag_folder; // empty: the profile's knowledge/ alone
    bool rag_auto_reload = true;
    std::chrono::milliseconds rag_watch_interval{0};
    std::string embeddings_model; // empty: none
    std::string embeddings_base_url;
    std::string embeddings_api_key;

    std::string verify_token;
    std::string access_token;
    std::vector<std::string> app_secrets;
    std::string account_id;
    std::string graph_version;
    std::string graph_base_url;

    std::string web_chat_token;
    std::vector<std::string> web_chat_origins;
    int web_chat_sessions_a_minute = 0;
    address_list trusted_proxies;

    std::string nocodb_token;
    std::string nocodb_table_url;

    host_list media_allowed_hosts;
    std::string transcription_model;
    std::string audio_reply_model;
    std::string audio_reply_voice;
    bool audio_replies = false;
    audio_format audio_reply_format = audio_format::m4a;
    std::chrono::milliseconds audio_reply_kept{0};
    std::chrono::seconds media_kept{0}; // customers' voice notes as files; 0: they are not
    int media_max_mb = 0;
    int max_transcription_mb = 0;
    int max_transcription_seconds = 0;
    int max_contact_audio_minutes = 0;
    int max_audio_reply_characters = 0;

    // Unset: the profile's.
    std::optional<std::chrono::milliseconds> debounce;
    std::optional<std::chrono::milliseconds> debounce_max;

    std::chrono::milliseconds human_pause{0};
    std::chrono::milliseconds echo_hold{0};
    int redis_wait_replicas = 0;
    std::chrono::milliseconds lease{0};
    std::chrono::milliseconds audit_pass{0};
    std::chrono::milliseconds send_verdict{0};
    int max_answers_in_ten_minutes = 0;
    int max_answers_in_a_day = 0;
    int max_rapid_turns = 0;

    std::string host;
    std::uint16_t port = 0;
    std::string public_base_url;
    std::string redis_url; // empty: a private Redis
    std::filesystem::path data_folder;
    std::chrono::milliseconds spool_after{0};
    int spool_max_mb = 0;
    int journal_max_mb = 0;
    std::string admin_token;
    address_list admin_allow;
    bool simulator = false;
    spdlog::level::level_enum log_level = spdlog::level::info;
    log_format log_as = log_format::text;
    language lang = language::portuguese; // of the terminal

    // The offline model plays: asked for, or there is no key.
    [[nodiscard]] bool offline() const { return dry_run || openai_api_key.empty(); }
};

// One row of the table that everything about configuration is made from.
struct setting {
    std::string_view name;
    std::string_view group;
    std::string_view fallback; // the default, as it would be written; empty: none
    bool secret = false;
    std::string_view meaning;    // one sentence, English
    std::string_view meaning_pt; // the same in Portuguese
    // Takes a non-empty value; gives what follows "expected" if it is no good.
    std::optional<sentence> (*apply)(std::string_view value, settings& into) = nullptr;
    std::optional<bilingual> of_profile{}; // what holds without a value, where the profile has a say
};

std::span<const setting> all_settings();

environment_map process_environment();

struct configured_values {
    environment_map values;
    std::vector<sentence> problems;        // of what is not in `values`
    std::vector<std::string> in_file = {}; // names that .env gives
};
// KEY=value lines; # comments, `export`, single and double quotes, a byte order mark in front. A line that is
// none of these is a problem.
configured_values parse_env_file(std::string_view text);
// The environment over the file, but for its empty values. MODEL_NAME of the environment wins over
// AGENT_MODEL of the file, too.
environment_map merged(environment_map environment, environment_map file);

// Only what serves needs the folders; who asks a running server may be elsewhere.
enum class folder_check { skip, exist };

// That of TERMINAL_LANGUAGE; Portuguese if it is wrong. For those who do not need the rest to be right.
language language_of(const environment_map& values);

// Checks everything and reports every problem at once, those of `given` first, each naming its variable and
// what was expected, in `language_of` the values; after them the names in .env that may be misspelt.
std::expected<settings, std::vector<std::string>> load_settings(configured_values given,
                                                                folder_check folders = folder_check::skip);

// What the environment and the .env file of the current folder say together. The same for every command.
configured_values values_of_process();

// A line for each of the names that is no setting but nearly the name of one.
std::vector<sentence> misspelt_settings(std::span<const std::string> names);

// Of the server that this configuration starts, for programs of the same machine; without a last slash.
std::string server_url(const settings& configured, std::uint16_t port);

// "NAME=value" lines of what is in force, secrets masked.
std::string describe(const environment_map& values);

} // namespace atende
