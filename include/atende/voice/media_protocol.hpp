// What the server and atende-media say to each other over two pipes: a request, its file; an answer, its
// file. Both are of one build and one machine, so the structs are written as they lie in memory.
#pragma once

#include <atende/voice/audio_container.hpp>
#include <atende/voice/converted_audio.hpp>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace atende {

// They differ, so that a program that only says back what it hears is not understood.
inline constexpr std::uint32_t media_request_mark = 0x3151'6d74;
inline constexpr std::uint32_t media_answer_mark = 0x3141'6d74;
inline constexpr std::size_t media_file_limit = std::size_t(64) << 20; // whatever limits a caller asks for

// How atende-media ends when its sandbox cannot be set up; what was refused is on its standard error.
inline constexpr int media_exit_no_sandbox = 77;

struct media_request {
    std::uint32_t mark = media_request_mark;
    audio_container container = audio_container::unknown;
    audio_format format = audio_format::speech_wav;
    std::uint16_t reserved = 0;
    std::uint32_t file_bytes = 0;
    std::uint32_t limit_bytes = 0;
    std::uint32_t limit_ms = 0;
};

struct media_answer {
    std::uint32_t mark = media_answer_mark;
    audio_verdict verdict = audio_verdict::damaged;
    std::uint8_t complete = 0;
    std::uint8_t retiring = 0; // it takes no more requests
    std::uint8_t reserved = 0;
    std::uint32_t file_bytes = 0;
    std::uint32_t length_ms = 0;
};

static_assert(std::has_unique_object_representations_v<media_request>);
static_assert(std::has_unique_object_representations_v<media_answer>);

} // namespace atende
