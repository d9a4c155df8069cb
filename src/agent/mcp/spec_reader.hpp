// The `mcp:` list of a profile.
#pragma once

#include "agent/profile/yaml_reader.hpp"

#include <atende/agent/mcp_server_spec.hpp>
#include <filesystem>
#include <string>
#include <vector>

namespace atende {

// `servers` are the items of `mcp:` in `file`; the programs run in `folder`, the profile's. For
// profile_use::pin a tool's pin may be missing or wrong.
std::vector<mcp_server_spec> read_mcp_servers(const std::vector<YAML::Node>& servers, const std::string& file,
                                              const std::filesystem::path& folder, profile_use use,
                                              problem_list& problems);

} // namespace atende
