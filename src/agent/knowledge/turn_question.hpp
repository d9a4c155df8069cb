// What to look for in the shop's knowledge, of a turn.
#pragma once

#include <atende/conversation/turn.hpp>
#include <string>
#include <vector>

namespace atende {

// The customer's own words, without our notes about pictures and the like, and the ad they came from. At most
// 4,000 bytes: OpenAI's embedding models refuse more than 8,192 tokens.
std::string question_of(const turn& turn);

// What was said last: "e em 12 vezes?" is about that.
std::string last_exchange(const std::vector<history_entry>& history);

// For progress::detail: {"sources": [{"file", "first_line", "last_line"}]}.
std::string sources_json(const std::vector<knowledge_source>& sources);

} // namespace atende
