// How the value of a setting is read: nothing, or what was expected instead; then `into` may hold anything.
#pragma once

#include <atende/app/settings.hpp>
#include <charconv>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace atende {

using problem = std::optional<sentence>;

sentence number_between(std::string_view least, std::string_view most);

template <class Number>
problem read_number(std::string_view value, Number least, Number most, Number& into) {
    Number read{};
    const auto [end, failed] = std::from_chars(value.data(), value.data() + value.size(), read);
    if (failed != std::errc{} || end != value.data() + value.size() || read < least || read > most)
        return number_between(std::to_string(least), std::to_string(most));
    into = read;
    return std::nullopt;
}

problem read_flag(std::string_view value, bool& into);
problem read_seconds(std::string_view value, double least, double most, std::chrono::milliseconds& into);
problem read_url(std::string_view value, std::string& into);
problem read_redis_url(std::string_view value, std::string& into);
problem read_nocodb_url(std::string_view value, std::string& into);
problem read_secrets(std::string_view value, std::vector<std::string>& into); // commas between them
problem read_origins(std::string_view value, std::vector<std::string>& into); // commas between them
problem read_version(std::string_view value, std::string& into);
problem read_host(std::string_view value, std::string& into);
problem read_account(std::string_view value, std::string& into);
problem read_log_level(std::string_view value, spdlog::level::level_enum& into);
problem read_language(std::string_view value, language& into); // a wrong one leaves `into` as it is
problem read_environment(std::string_view value, app_environment& into);

// For one setting alone.
problem set_human_pause(std::string_view value, settings& into);
problem set_reply_format(std::string_view value, settings& into);
problem set_media_retention(std::string_view value, settings& into);
problem set_reply_minutes(std::string_view value, settings& into);
problem set_api_key(std::string_view value, settings& into);
problem set_access_token(std::string_view value, settings& into);
problem set_admin_token(std::string_view value, settings& into);
problem set_web_chat_token(std::string_view value, settings& into);
problem set_tool_allowed_hosts(std::string_view value, settings& into);
problem set_media_allowed_hosts(std::string_view value, settings& into);

} // namespace atende
