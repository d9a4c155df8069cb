#include "agent/operation_number.hpp"

#include <atende/platform/crypto.hpp>

namespace atende {

std::string operation_number(std::string_view operation_id) {
    return sha256_hex(operation_id, 16);
}

} // namespace atende
