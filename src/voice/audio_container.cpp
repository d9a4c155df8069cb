#include <atende/voice/audio_container.hpp>
#include <string_view>

namespace atende {
namespace {

using namespace std::string_view_literals;

bool has(std::string_view file, std::size_t at, std::string_view bytes) {
    return file.size() >= at && file.substr(at).starts_with(bytes);
}

unsigned byte(std::string_view file, std::size_t at) {
    return static_cast<unsigned char>(file[at]);
}

// An MPEG audio frame or an ADTS one: eleven or twelve set bits, then the layer, which ADTS has as 00.
audio_container sniff_sync_word(std::string_view file) {
    if (file.size() < 4 || byte(file, 0) != 0xff || (byte(file, 1) & 0xe0) != 0xe0)
        return audio_container::unknown;
    const unsigned layer = byte(file, 1) & 0x06;
    if (layer == 0) return (byte(file, 1) & 0xf0) == 0xf0 ? audio_container::aac : audio_container::unknown;
    const bool has_bit_rate = (byte(file, 2) & 0xf0) != 0xf0;
    const bool has_sample_rate = (byte(file, 2) & 0x0c) != 0x0c;
    return layer == 0x02 && has_bit_rate && has_sample_rate ? audio_container::mp3 : audio_container::unknown;
}

} // namespace

audio_container sniff_audio(std::string_view file) {
    if (has(file, 0, "OggS"sv)) return audio_container::ogg;
    if (has(file, 4, "ftyp"sv)) return audio_container::mp4;
    if (has(file, 0, "RIFF"sv) && has(file, 8, "WAVE"sv)) return audio_container::wav;
    if (has(file, 0, "#!AMR"sv)) return audio_container::amr;
    if (has(file, 0, "\x1a\x45\xdf\xa3"sv)) return audio_container::webm;
    if (has(file, 0, "ID3"sv)) return audio_container::mp3;
    return sniff_sync_word(file);
}

} // namespace atende
