#include "media/loudness.hpp"

#include <algorithm>
#include <cmath>
#include <ebur128.h>
#include <memory>
#include <new>
#include <optional>

namespace atende {
namespace {

constexpr double target_lufs = -16;
constexpr double highest_dbtp = -1.5;

double from_decibels(double decibels) {
    return std::pow(10, decibels / 20);
}

struct meter_closer {
    void operator()(ebur128_state* meter) const { ebur128_destroy(&meter); }
};

double gain_for(const std::vector<std::int16_t>& samples, int sample_rate) {
    const std::unique_ptr<ebur128_state, meter_closer> meter(
        ebur128_init(1, static_cast<unsigned long>(sample_rate), EBUR128_MODE_I | EBUR128_MODE_TRUE_PEAK));
    if (!meter) throw std::bad_alloc();
    ebur128_set_channel(meter.get(), 0, EBUR128_DUAL_MONO);
    ebur128_add_frames_short(meter.get(), samples.data(), samples.size());
    double loudness = 0;
    double peak = 0;
    if (ebur128_loudness_global(meter.get(), &loudness) != EBUR128_SUCCESS || !std::isfinite(loudness))
        return 1;
    if (ebur128_true_peak(meter.get(), 0, &peak) != EBUR128_SUCCESS || peak <= 0) return 1;
    return std::min(from_decibels(target_lufs - loudness), from_decibels(highest_dbtp) / peak);
}

} // namespace

void normalise_loudness(std::vector<std::int16_t>& samples, int sample_rate) {
    const double gain = gain_for(samples, sample_rate);
    for (auto& sample : samples)
        sample = static_cast<std::int16_t>(std::clamp(std::lround(sample * gain), -32'768L, 32'767L));
}

} // namespace atende
