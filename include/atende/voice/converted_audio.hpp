// What becomes of an audio file that is converted.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace atende {

enum class audio_format : std::uint8_t {
    speech_wav, // for transcription: mono, 16 kHz, 16 bit, as loud as it came
    wav,        // mono, 24 kHz, 16 bit, loudness-normalised
    m4a,        // AAC, mono, 44.1 kHz, loudness-normalised, index in front: what Instagram takes
    voice_note, // Opus in Ogg, mono, 16 kHz, loudness-normalised: what WhatsApp shows as a voice note
};

std::string_view content_type_of(audio_format format);

enum class audio_verdict : std::uint8_t {
    good,
    too_long,    // plays longer than audio_limits::length
    too_big,     // the file, or what would become of it, is larger than audio_limits::bytes
    silent,      // no sound track, shorter than 0.1 s, or never louder than -50 dBFS
    damaged,     // of a kind we read, but broken
    unsupported, // of no kind we read
};

std::string_view name_of(audio_verdict verdict); // for logs: "too long"

struct audio_limits {
    std::size_t bytes = std::size_t(25) << 20; // of the file, and of the result
    std::chrono::milliseconds length = std::chrono::minutes(10);
};

struct converted_audio {
    audio_verdict verdict = audio_verdict::damaged;
    std::string bytes; // empty unless good
    std::chrono::milliseconds length{0};
    bool complete = false; // false: parts of it could not be read and are missing
};

} // namespace atende
