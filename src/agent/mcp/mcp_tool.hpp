// A tool of an MCP server, as the agent knows tools.
#pragma once

#include "agent/mcp/connection.hpp"

#include <atende/agent/tool.hpp>
#include <memory>

namespace atende {

std::shared_ptr<tool> make_mcp_tool(std::shared_ptr<mcp_connection> server, const offered_tool& offered);

} // namespace atende
