// A conversation that a profile's agent must get right, as evals/*.yaml tells it.
#pragma once

#include <string>
#include <vector>

namespace atende {

// What must be true of the answer to one turn. Words are compared in lower case and without accents.
struct eval_expectation {
    std::vector<std::string> mentions; // all of them
    std::vector<std::string> avoids;   // none of them
    std::vector<std::string> matches;  // RE2 patterns on the answer as written: all of them
    std::vector<std::string> calls;    // tools called in this turn, at least these
    std::vector<std::string> never_calls;
};

struct eval_turn {
    std::vector<std::string> says; // by the customer, in one go
    eval_expectation expect;       // may be empty
};

struct eval_conversation {
    std::string name; // unique within its file
    std::vector<eval_turn> turns;
};

struct eval {
    std::string file; // below the profile's folder
    std::string about;
    std::vector<eval_conversation> conversations;
};

} // namespace atende
