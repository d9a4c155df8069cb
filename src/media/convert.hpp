// One conversion, from bytes to bytes. Touches nothing but memory.
#pragma once

#include <atende/voice/converted_audio.hpp>
#include <atende/voice/media_protocol.hpp>
#include <string>

namespace atende {

converted_audio convert_audio(const media_request& request, const std::string& file);

} // namespace atende
