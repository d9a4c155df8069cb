// Reads a profile's tools/*.yaml.
#pragma once

#include "agent/profile/profile_files.hpp"
#include "agent/profile/yaml_reader.hpp"

#include <atende/agent/declared_tools.hpp>

namespace atende {

// In the order of the files' names; none if there is no such folder. What has problems must not be used.
// Names of tools that are C++ are problems, and so is what tool_set_check.hpp tells of all together.
declared_tools read_tools(const profile_files& files, problem_list& problems);

// Whether a tool in C++ has this name, and no file may take it.
bool is_built_in_name(std::string_view name);

} // namespace atende
