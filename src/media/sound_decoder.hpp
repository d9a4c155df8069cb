// Packets of a sound track as mono samples of one rate.
#pragma once

#include "media/av.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace atende {

class sound_decoder {
public:
    virtual ~sound_decoder() = default;
    // Appends to `samples`. False: the packet was broken; the next may be whole.
    virtual bool decode(const AVPacket& packet, std::vector<std::int16_t>& samples) = 0;
    // What is still held back, after the last packet.
    virtual bool finish(std::vector<std::int16_t>& samples) = 0;
};

// Null: not a codec we read.
std::unique_ptr<sound_decoder> make_sound_decoder(const AVStream& track, int sample_rate);

} // namespace atende
