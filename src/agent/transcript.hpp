// A conversation in the words of Chat Completions, which insists: an assistant message with tool calls is
// followed at once by one tool message for each of them.
// https://platform.openai.com/docs/guides/function-calling
#pragma once

#include <atende/agent/model.hpp>
#include <atende/conversation/turn.hpp>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace atende {

// A message that is nothing but words.
inline chat_message words(chat_role role, std::string content) {
    return {.role = role, .content = std::move(content), .tool_calls = {}, .tool_call_id = {}};
}

// The last `max_turns` turns (a turn begins where the customer speaks) after the one of number `through`.
// Steps a crash left without a result get one, ids that are missing or repeated are replaced, so that
// whatever is stored can be sent.
std::vector<chat_message> history_messages(const std::vector<history_entry>& history, int max_turns,
                                           std::int64_t through = 0);

// One round of tool calls: the assistant's message, then every result. `steps` have ids unique among
// `messages`.
void append_round(std::vector<chat_message>& messages, std::string content, std::span<const tool_step> steps);

} // namespace atende
