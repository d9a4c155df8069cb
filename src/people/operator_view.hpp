// The JSON of /admin/api as text for a terminal. What customers wrote is escaped: it may hold anything a
// terminal obeys. Fields that are missing are shown empty; nothing here throws for odd data.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <atende/platform/language.hpp>
#include <string>
#include <string_view>

namespace atende {

// `what` is the API's path: "status", "conversations", "dead/retry", …
std::string view_of(std::string_view what, const nlohmann::json& answer, language lang);
// Of an answer with another status than 200: what happened, and what to do.
std::string problem_of(int status, const nlohmann::json& answer, language lang);

} // namespace atende
