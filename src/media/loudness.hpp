// How loud speech is, and as loud as it should be.
#pragma once

#include <cstdint>
#include <vector>

namespace atende {

// -16 LUFS (EBU R128, mono played on both sides), or less where the true peak would exceed -1.5 dBTP: what
// podcasts and phones expect. One gain for all of it, so nothing is compressed. Too short to measure (0.4 s):
// as it is.
void normalise_loudness(std::vector<std::int16_t>& samples, int sample_rate);

} // namespace atende
