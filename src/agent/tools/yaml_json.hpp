// YAML as JSON: for the parts of a tool's file that are JSON themselves.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <yaml-cpp/yaml.h>

namespace atende {

// Plain scalars that JSON would read as numbers, booleans or null are that; everything else, and what is in
// quotes, is text. Null for what is not defined. Of a document that read_yaml() has found to end.
nlohmann::json json_of(const YAML::Node& node);

} // namespace atende
