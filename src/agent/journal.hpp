// The steps of a turn as they are stored: what the model asked for before it is done, what came of it
// afterwards.
#pragma once

#include <atende/agent/model.hpp>
#include <atende/conversation/turn.hpp>
#include <optional>
#include <string>
#include <vector>

namespace atende {

// `operation`: what the ids of the operations begin with.
std::string encode_asked(const model_answer& answer, const std::string& operation);
std::string encode_results(const std::vector<tool_step>& steps);

struct recorded_result {
    std::string text;
    std::string source; // tool_step::source
};

struct recorded_round {
    std::string content;
    std::vector<tool_call> calls;
    std::string operation; // empty in older journals
    // In the order of the calls. None: it was interrupted.
    std::optional<std::vector<recorded_result>> results;
};

// Tolerates what it does not know: such an entry, and what follows it, is left out.
std::vector<recorded_round> decode_journal(const std::vector<std::string>& entries);

} // namespace atende
