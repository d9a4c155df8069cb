// `atende mcp list`: what the MCP servers of a profile offer, ready to be read and pinned.
#pragma once

#include <atende/app/settings.hpp>
#include <filesystem>

namespace atende {

// Connects to each server of the profile in `folder` and prints its tools as the YAML of their pins. Returns
// 0; 1 if a server could not be asked; 2 if the profile is wrong.
int list_mcp_tools(const std::filesystem::path& folder, const settings& configured);

} // namespace atende
