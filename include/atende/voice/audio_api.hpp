// OpenAI's audio endpoints, and servers that are like them: one request, repeated as OpenAI's own client
// does. https://platform.openai.com/docs/api-reference/audio
#pragma once

#include <atende/platform/async.hpp>
#include <atende/platform/http_client.hpp>
#include <atende/platform/result.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <string>

namespace atende {

struct audio_api_settings {
    std::string base_url = "https://api.openai.com/v1";
    std::string api_key; // empty: no Authorization header
    std::chrono::milliseconds connect_timeout{3'000};
    std::chrono::milliseconds timeout{30'000};  // of one attempt
    std::chrono::milliseconds deadline{90'000}; // of all of them
    // How the wait before a retry passes.
    std::function<awaitable<void>(std::chrono::milliseconds)> pause = [](std::chrono::milliseconds time) {
        return sleep_for(time);
    };
};

struct audio_api_request {
    std::string path; // "/audio/transcriptions"
    std::string content_type;
    std::string body;
    std::string accept = "application/json";
    std::size_t max_answer_bytes = 1 << 20;
    std::string about; // for the log: a conversation, no text
};

// The answer of a request that was answered 200. Errors: unavailable, timed_out, interrupted, in spite of
// trying again (twice, within the deadline; platform/retry_policy.hpp); invalid_input, it cannot make sense
// of what it was sent; rejected, it refuses for another reason: bad key, unknown model, no credit; too_large.
// Safe to cancel. A repeated request may be billed twice.
awaitable<result<http_answer>> ask_audio_api(http_client& http, audio_api_settings settings,
                                             audio_api_request request);

} // namespace atende
