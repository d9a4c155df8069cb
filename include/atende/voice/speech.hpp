// Says texts: an OpenAI-compatible server speaks, atende-media makes it as loud as others and packs it, the
// shelf publishes it. https://platform.openai.com/docs/api-reference/audio/createSpeech
#pragma once

#include <atende/platform/async.hpp>
#include <atende/platform/http_client.hpp>
#include <atende/platform/result.hpp>
#include <atende/voice/audio_api.hpp>
#include <atende/voice/audio_shelf.hpp>
#include <atende/voice/media_pool.hpp>
#include <cstddef>
#include <string>

namespace atende {

inline constexpr std::size_t longest_speech = 4'096; // characters: the API takes no more

struct speech_settings {
    // A customer waits.
    audio_api_settings api{.timeout = std::chrono::seconds(15), .deadline = std::chrono::seconds(25)};
    std::string model;
    std::string voice;
    audio_format format = audio_format::m4a;
    std::size_t max_answer_bytes = std::size_t(25) << 20;
};

class speech {
public:
    // All three must outlive it.
    speech(http_client& http, media_pool& media, audio_shelf& shelf, speech_settings settings);

    // The name on the shelf of a file that says `text`, of at most longest_speech characters. What was said
    // lately, by any process, is not paid for again. Errors: those of
    // ask_audio_api, media_pool and redis_client; rejected or protocol, if what it said is not to be used.
    // Safe to cancel and to repeat.
    awaitable<result<std::string>> say(std::string text);

private:
    awaitable<result<std::string>> spoken(std::string text);

    http_client& http_;
    media_pool& media_;
    audio_shelf& shelf_;
    speech_settings settings_;
};

} // namespace atende
