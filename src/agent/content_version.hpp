// A short name for content: the same for the same bytes.
#pragma once

#include <atende/platform/crypto.hpp>
#include <string>
#include <string_view>

namespace atende {

// 12 hexadecimal digits.
inline std::string content_version(std::string_view bytes) {
    const auto digest = sha256(bytes);
    return to_hex({reinterpret_cast<const char*>(digest.data()), 6});
}

} // namespace atende
