#include <atende/voice/converted_audio.hpp>

namespace atende {

std::string_view content_type_of(audio_format format) {
    switch (format) {
    case audio_format::speech_wav:
    case audio_format::wav: return "audio/wav";
    case audio_format::m4a: return "audio/mp4";
    case audio_format::voice_note: return "audio/ogg; codecs=opus"; // as WhatsApp wants it spelled
    }
    return "application/octet-stream";
}

std::string_view name_of(audio_verdict verdict) {
    switch (verdict) {
    case audio_verdict::good: return "good";
    case audio_verdict::too_long: return "too long";
    case audio_verdict::too_big: return "too big";
    case audio_verdict::silent: return "silent";
    case audio_verdict::damaged: return "damaged";
    case audio_verdict::unsupported: return "unsupported";
    }
    return "unknown";
}

} // namespace atende
