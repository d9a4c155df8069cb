// What several views show of the API's JSON, in the same words.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <atende/platform/language.hpp>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace atende {

constexpr std::size_t longest_text = 2'000; // bytes of one message

// A name of the API as people say it; one we do not know is shown as it is.
std::string name_in(language lang, std::string name,
                    std::initializer_list<std::pair<std::string_view, bilingual>> known);

std::string state_text(const nlohmann::json& conversation, language lang);
std::string paused_text(const nlohmann::json& conversation, language lang); // until when, and who did it
std::string send_state_text(const nlohmann::json& send, language lang);
std::string due_of(const nlohmann::json& conversation, language lang);
std::string count_of(const nlohmann::json& from, const char* key);
std::string time_of(const nlohmann::json& from, const char* key, language lang);
std::string place_of(const nlohmann::json& source, language lang); // "knowledge/a.md:3-7"
// Why a voice note was not understood; empty if none was.
std::string not_heard_text(const nlohmann::json& message, language lang);

// With their line breaks: for the last column of a table.
std::string words_of_send(const nlohmann::json& send, language lang, std::size_t longest = 60);
std::string words_of_heard(const nlohmann::json& message, language lang);

} // namespace atende
