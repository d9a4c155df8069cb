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

struct recorded_call {
    tool_call call;
    std::string operation;  // its id; empty: it was refused
    bool is_lookup = false; // of a tool without effect
    recorded_result result;
};

struct recorded_round {
    std::string content;
    std::string operation; // what the ids of the operations begin with; empty in older journals
    std::vector<recorded_call> calls;
    bool is_older = false; // of a version that stored no call's id, and nothing between two effects
};

// The same call under one id twice is one call.
std::vector<tool_call> without_doubles(std::vector<tool_call> calls);

// All but the results.
std::string encode_asked(const recorded_round& round);
// Takes the place of what was stored of this round before.
std::string encode_results(const std::vector<tool_step>& steps);

// Tolerates what it does not know: such an entry, and what follows it, is left out.
std::vector<recorded_round> decode_journal(const std::vector<std::string>& entries);

} // namespace atende
