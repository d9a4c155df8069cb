// The `mcp:` list of a profile.
#pragma once

#include "agent/profile/yaml_reader.hpp"

#include <atende/agent/mcp_server_spec.hpp>
#include <filesystem>
#include <string>
#include <vector>

namespace atende {

// `servers` are the items of `mcp:` in `file`; the programs run in `folder`, the profile's.
std::vector<mcp_server_spec> read_mcp_servers(const std::vector<YAML::Node>& servers, const std::string& file,
                                              const std::filesystem::path& folder, problem_list& problems);

} // namespace atende
