// Speech to text. https://platform.openai.com/docs/api-reference/audio/createTranscription
#pragma once

#include <atende/voice/audio_api.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace atende {

// What helps to understand: of the shop, not of the file.
struct speech_hints {
    std::string language = "pt";         // ISO 639-1
    std::vector<std::string> vocabulary; // names and model codes, as they are to be spelled
};

struct audio_file {
    std::string name; // with the ending that says what it is: that is what servers go by
    std::string content_type;
    std::string bytes;
};

inline constexpr std::size_t largest_transcribed_file = std::size_t(25) << 20; // the API's own limit

// The file's name and type if the API reads files like this one as they are; an empty name otherwise: then it
// needs to become WAV. `bytes` is left empty.
audio_file as_uploaded(std::string_view file);

class transcriber {
public:
    // `http` outlives it.
    transcriber(http_client& http, audio_api_settings api, std::string model);

    // The words, trimmed; empty if nobody speaks. Errors as ask_audio_api, and protocol for an answer that
    // makes no sense. `about` is for the log.
    awaitable<result<std::string>> transcribe(audio_file file, speech_hints hints, std::string about);

private:
    http_client& http_;
    audio_api_settings api_;
    std::string model_;
};

} // namespace atende
