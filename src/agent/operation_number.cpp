#include "agent/operation_number.hpp"

#include <atende/platform/crypto.hpp>

namespace atende {

std::string operation_number(std::string_view operation_id) {
    const auto digest = sha256(operation_id);
    return to_hex({reinterpret_cast<const char*>(digest.data()), 16});
}

} // namespace atende
