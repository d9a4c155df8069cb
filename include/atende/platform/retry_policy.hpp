// When a failed call of an OpenAI-style API is repeated: the numbers of OpenAI's official client.
// https://github.com/openai/openai-python/blob/main/src/openai/_base_client.py
#pragma once

#include <atende/platform/http_client.hpp>
#include <atende/platform/result.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace atende {

struct failed_attempt {
    std::optional<errc> no_answer; // set: the HTTP call itself failed, or its answer made no sense
    int status = 0;
    std::string error_code;     // error.code or error.type of the answer's body
    std::string retry_after_ms; // headers as received, empty if absent
    std::string retry_after;
    std::string x_should_retry;
};

failed_attempt attempt_refused(const http_answer& with);
failed_attempt attempt_unanswered(errc why);

// error.code of an answer's body, else error.type; whichever of them says that the account cannot pay. Empty
// if the body is something else.
std::string api_error_code(std::string_view body);

// How long to wait before the next attempt; nothing if there should be none. `retries_done` is 0 after the
// first attempt; `random` is in [0, 1).
std::optional<std::chrono::milliseconds> retry_wait(const failed_attempt& failed, int retries_done,
                                                    double random, std::chrono::system_clock::time_point now);

// The account cannot pay: no wait will help.
bool is_out_of_credit(const std::string& error_code);

} // namespace atende
