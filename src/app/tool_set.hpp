// The agent's tools, in the one place that knows all of them. docs/tools.md: how to add one.
#pragma once

#include <atende/agent/built_in_tools.hpp>
#include <atende/agent/declared_tools.hpp>
#include <atende/agent/leads/lead_store.hpp>
#include <atende/agent/mcp_client.hpp>
#include <atende/agent/profile.hpp>
#include <atende/agent/tool_cache.hpp>
#include <atende/app/settings.hpp>
#include <memory>
#include <vector>

namespace atende {

// The references outlive the tools.
struct tool_parts {
    const settings& configured;
    http_client& http;
    tool_cache& cache;
    std::shared_ptr<lead_store> leads; // the tools keep it
    history_reader history;
};

// Those in C++ and those of the profile's tools/.
std::vector<std::shared_ptr<tool>> make_tools(const profile& shop, const tool_parts& parts);

// What MCP servers may be given: nothing of Atende's own secrets.
mcp_surroundings mcp_surroundings_of(const settings& configured);

// Addresses of the profile's tools and MCP servers that a server of this environment with a model would
// refuse.
std::vector<profile_problem> tool_address_problems(const profile& shop, const settings& configured);

// Whether a tool or an MCP server of the profile is given this variable.
bool uses_variable(const profile& shop, const std::string& name);

// Why the profile's tools cannot be used in this environment; a line each. Offline nothing is asked.
std::vector<sentence> tool_problems(const profile& shop, const settings& configured);

} // namespace atende
