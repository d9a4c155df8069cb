// Whether two recordings are of the same words.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <numeric>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace atende::test {

inline std::vector<std::int16_t> samples_of(const std::string& wav) {
    constexpr std::size_t header = 44;
    if (wav.size() < header || wav.compare(0, 4, "RIFF") != 0 || wav.compare(36, 4, "data") != 0)
        throw std::runtime_error("not a plain WAV file");
    std::vector<std::int16_t> samples((wav.size() - header) / 2);
    std::memcpy(samples.data(), wav.data() + header, samples.size() * 2);
    return samples;
}

// Loudness of each 50 ms at 16 kHz.
inline std::vector<double> envelope_of(const std::string& wav) {
    constexpr std::size_t step = 800;
    const auto samples = samples_of(wav);
    std::vector<double> loudness;
    for (std::size_t at = 0; at + step <= samples.size(); at += step) {
        double sum = 0;
        for (std::size_t i = at; i < at + step; ++i) sum += double{1} * samples[i] * samples[i];
        loudness.push_back(std::sqrt(sum / step));
    }
    return loudness;
}

inline double correlation(std::span<const double> a, std::span<const double> b) {
    const auto mean = [](std::span<const double> values) {
        return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
    };
    const double mean_a = mean(a);
    const double mean_b = mean(b);
    double together = 0;
    double of_a = 0;
    double of_b = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        together += (a[i] - mean_a) * (b[i] - mean_b);
        of_a += (a[i] - mean_a) * (a[i] - mean_a);
        of_b += (b[i] - mean_b) * (b[i] - mean_b);
    }
    return together / std::sqrt(of_a * of_b);
}

// 1: rises and falls alike; 0: nothing in common. Both are WAV files of 16 kHz. One may begin up to 0.1 s
// later than the other: some encoders put a little silence in front.
inline double likeness(const std::string& one, const std::string& other) {
    const auto a = envelope_of(one);
    const auto b = envelope_of(other);
    double best = 0;
    for (const auto& [skip_a, skip_b] : {std::pair{0U, 0U}, {1U, 0U}, {2U, 0U}, {0U, 1U}, {0U, 2U}}) {
        const std::size_t count = std::min(a.size() - skip_a, b.size() - skip_b);
        best = std::max(
            best, correlation(std::span(a).subspan(skip_a, count), std::span(b).subspan(skip_b, count)));
    }
    return best;
}

} // namespace atende::test
