// `atende status`, `atende pause` and the others: one call to a running server's /admin/api, printed.
#pragma once

#include <atende/platform/language.hpp>
#include <string>

namespace atende {

struct operator_call {
    std::string url; // of a running server
    std::string admin_token;
    std::string what;  // path behind /admin/api/
    std::string query; // of a GET, encoded, without '?'
    std::string body;  // JSON; with one it is a POST
    bool json = false; // print the answer as it came
    language lang = language::portuguese;
};

// Prints the answer on standard output, or on standard error what went wrong and what to do. Returns the
// exit code: 0 or 1. Runs its own event loop.
int call_operator_api(const operator_call& call);

} // namespace atende
