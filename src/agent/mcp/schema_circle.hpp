// A schema that leads back to itself without getting any further into the value: valijson's compiler would
// follow it until the stack ends.
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace atende {

// Recursion through `properties` or `items` is none.
bool has_endless_reference(const nlohmann::json& schema);

} // namespace atende
