// What a file is, by its first bytes: never by its name, nor by what whoever sent it says.
#pragma once

#include <cstdint>
#include <string_view>

namespace atende {

// What customers' phones and browsers send. `mp4` is also m4a, 3gp and QuickTime; `webm` is also Matroska.
enum class audio_container : std::uint8_t { unknown, mp4, ogg, mp3, aac, wav, amr, webm };

// unknown: none of them, so nobody should try to read it. Playlists (HLS, concat…) are unknown.
audio_container sniff_audio(std::string_view file);

} // namespace atende
