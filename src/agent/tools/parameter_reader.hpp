// The `parameters` of a tool's file: a JSON schema, of the part that language models understand.
#pragma once

#include "agent/profile/yaml_reader.hpp"

#include <nlohmann/json_fwd.hpp>

namespace atende {

// The schema with additionalProperties: false wherever that was left out. `path` is that of the keys in
// problems.
nlohmann::json read_parameters(const YAML::Node& node, const std::string& file, problem_list& problems);

} // namespace atende
