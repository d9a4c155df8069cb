// `atende dm`: the simulator from a terminal.
#pragma once

#include <atende/platform/language.hpp>
#include <chrono>
#include <string>
#include <vector>

namespace atende {

struct dm_options {
    std::string url;                // of a running server
    std::string admin_token;        // empty: none
    std::string contact;            // the part behind "sim_"; empty: a new customer
    std::vector<std::string> texts; // sent one right after the other
    std::chrono::seconds timeout{60};
    language lang = language::portuguese;
};

// Sends as a simulated customer, waits and prints what was answered. Returns 0, or 1 if no answer came.
int send_dm(const dm_options& options);

} // namespace atende
