// Sound out of a file, as mono samples.
#pragma once

#include <atende/voice/audio_container.hpp>
#include <atende/voice/converted_audio.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace atende {

struct read_sound {
    audio_verdict verdict = audio_verdict::damaged; // good, too_long, silent, damaged or unsupported
    std::vector<std::int16_t> samples;              // up to where reading stopped
    bool complete = false;                          // nothing was skipped, nothing promised is missing
};

// Reads the first sound track only, with the demuxer of `container` and a decoder of a short list; whatever
// else the file asks for (other files, addresses, other codecs) is refused. Stops at `most` samples:
// too_long. Packets that cannot be decoded are skipped; damaged if those are the most.
read_sound read_audio(const std::string& file, audio_container container, int sample_rate, std::size_t most);

} // namespace atende
