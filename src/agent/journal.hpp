// The steps of a turn as they are stored: what the model asked for before it is done, what came of it
// afterwards.
#pragma once

#include <atende/agent/model.hpp>
#include <atende/conversation/turn.hpp>
#include <string>
#include <vector>

namespace atende {

struct recorded_result {
    std::string text;   // empty: nobody knows what came of it
    std::string source; // tool_step::source
};

struct recorded_round {
    std::string content;
    std::vector<tool_call> calls;
    std::string operation;               // what the ids of the operations begin with; empty in older journals
    std::vector<std::string> operations; // each call's id; "": it was refused. None at all in older journals
    std::vector<recorded_result> results; // of each call; those at the end may be missing
};

// All but the results.
std::string encode_asked(const recorded_round& round);
// Takes the place of what was stored of this round before.
std::string encode_results(const std::vector<tool_step>& steps);

// Tolerates what it does not know: such an entry, and what follows it, is left out.
std::vector<recorded_round> decode_journal(const std::vector<std::string>& entries);

} // namespace atende
