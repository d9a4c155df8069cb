// Reads a profile's tools/*.yaml.
#pragma once

#include "agent/yaml_reader.hpp"

#include <atende/agent/declared_tools.hpp>
#include <filesystem>

namespace atende {

// In the order of the files' names; nothing if there is no such folder. What has problems must not be used.
// Names of tools that are C++ are problems, and so are two tools of one name.
declared_tools read_tools(const std::filesystem::path& folder, problem_list& problems);

} // namespace atende
