#include "media/convert.hpp"

#include "media/audio_reader.hpp"
#include "media/audio_writer.hpp"
#include "media/loudness.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace atende {
namespace {

constexpr int quietest_peak = 104;      // -50 dBFS; a whisper is ten times as loud
constexpr std::uint64_t least_ms = 100; // the shortest that transcription takes

bool is_silent(const std::vector<std::int16_t>& samples) {
    return std::ranges::none_of(samples, [](int sample) { return std::abs(sample) > quietest_peak; });
}

} // namespace

converted_audio convert_audio(const media_request& request, const std::string& file) {
    const int rate = sample_rate_of(request.format);
    const std::uint64_t most = std::uint64_t{request.limit_ms} * static_cast<unsigned>(rate) / 1'000;
    read_sound sound = read_audio(file, request.container, rate, most);
    const std::uint64_t length = sound.samples.size() * std::uint64_t{1'000} / static_cast<unsigned>(rate);
    converted_audio made{
        .verdict = sound.verdict, .length = std::chrono::milliseconds(length), .complete = sound.complete};
    if (sound.verdict != audio_verdict::good) return made;
    if (length < least_ms || is_silent(sound.samples)) {
        made.verdict = audio_verdict::silent;
        return made;
    }
    if (request.format != audio_format::speech_wav) normalise_loudness(sound.samples, rate);
    if (auto written = write_audio(sound.samples, request.format, request.limit_bytes)) {
        made.bytes = *std::move(written);
    } else {
        made.verdict = audio_verdict::too_big;
    }
    return made;
}

} // namespace atende
