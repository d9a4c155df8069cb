// A short name for content: the same for the same bytes.
#pragma once

#include <atende/platform/crypto.hpp>
#include <string>
#include <string_view>

namespace atende {

// 12 hexadecimal digits.
inline std::string content_version(std::string_view bytes) {
    return sha256_hex(bytes, 6);
}

} // namespace atende
