// Says texts: an OpenAI-compatible server speaks, atende-media makes it as loud as others and packs it, the
// shelf publishes it. https://platform.openai.com/docs/api-reference/audio/createSpeech
#pragma once

#include <atende/platform/async.hpp>
#include <atende/platform/http_client.hpp>
#include <atende/platform/result.hpp>
#include <atende/voice/audio_shelf.hpp>
#include <atende/voice/media_pool.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <random>
#include <string>

namespace atende {

inline constexpr std::size_t longest_speech = 4'096; // characters: the API takes no more

struct speech_settings {
    std::string base_url = "https://api.openai.com/v1";
    std::string api_key; // empty: no Authorization header
    std::string model;
    std::string voice;
    audio_format format = audio_format::m4a;
    std::chrono::milliseconds connect_timeout{3'000};
    std::chrono::milliseconds timeout{15'000};  // of one attempt
    std::chrono::milliseconds deadline{25'000}; // of all: a customer waits
    std::size_t max_answer_bytes = std::size_t(25) << 20;
    // How the wait before a retry passes.
    std::function<awaitable<void>(std::chrono::milliseconds)> pause = [](std::chrono::milliseconds time) {
        return sleep_for(time);
    };
};

class speech {
public:
    // All three must outlive it.
    speech(http_client& http, media_pool& media, audio_shelf& shelf, speech_settings settings);

    // The name on the shelf of a file that says `text`, of at most longest_speech characters. What was said
    // lately, by any process, is not paid for again. Retries as platform/retry_policy.hpp, within the
    // deadline. Errors: those of http_client, media_pool and redis_client; rejected, if the server refused or
    // what it said is not to be used. Safe to cancel and to repeat.
    awaitable<result<std::string>> say(std::string text);

private:
    awaitable<result<std::string>> spoken(std::string text);
    [[nodiscard]] http_call call_for(const std::string& text, std::chrono::milliseconds timeout) const;

    http_client& http_;
    media_pool& media_;
    audio_shelf& shelf_;
    speech_settings settings_;
    std::minstd_rand random_;
};

} // namespace atende
