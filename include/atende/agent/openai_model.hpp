// A model behind any server that speaks Chat Completions: OpenAI, Azure (v1), Groq, vLLM, Ollama.
// https://platform.openai.com/docs/api-reference/chat/create
#pragma once

#include <atende/agent/model.hpp>
#include <atende/platform/http_client.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace atende {

struct openai_settings {
    std::string base_url = "https://api.openai.com/v1";
    std::string api_key; // empty: no Authorization header
    std::string model;
    std::optional<double> temperature;
    int max_output_tokens = 600;
    std::chrono::milliseconds connect_timeout{3'000};
    std::chrono::milliseconds timeout{60'000};      // of one attempt; of a streamed one, until its first byte
    std::chrono::milliseconds idle_timeout{20'000}; // of a streamed one, between two arrivals
    std::size_t max_answer_bytes = 1 << 20;
    // How the wait before a retry passes.
    std::function<awaitable<void>(std::chrono::milliseconds)> pause = [](std::chrono::milliseconds time) {
        return sleep_for(time);
    };
};

// Retries as OpenAI's own client does (twice; see platform/retry_policy.hpp). A retried time-out may be
// billed twice: the API has no idempotency key. `http` must outlive the model. Safe to cancel.
std::shared_ptr<model> make_openai_model(http_client& http, openai_settings settings);

} // namespace atende
