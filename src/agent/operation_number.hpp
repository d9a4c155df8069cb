// What services are told an operation by.
#pragma once

#include <string>
#include <string_view>

namespace atende {

// The same for the same operation, however often it is repeated. Says nothing of the customer whom the
// operation's own id names, which is nobody else's business.
std::string operation_number(std::string_view operation_id);

} // namespace atende
