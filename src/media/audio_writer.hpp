// Mono samples as a file.
#pragma once

#include <atende/voice/converted_audio.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace atende {

int sample_rate_of(audio_format format);

// `samples` are of that rate. nullopt: the file would be larger than `most` bytes. The same samples give the
// same file.
std::optional<std::string> write_audio(std::span<const std::int16_t> samples, audio_format format,
                                       std::size_t most);

} // namespace atende
