// A tool as an MCP server describes it, checked for what a model's API takes. No I/O.
#pragma once

#include <nlohmann/json.hpp>

#include <atende/platform/result.hpp>
#include <string>

namespace atende {

struct mcp_tool_definition {
    std::string name; // as the server calls it
    std::string description;
    nlohmann::json parameters; // as the server wrote them
    bool read_only = false;    // it says so itself: only worth something once it is pinned
    std::string pin;           // SHA-256, in hex, of all that, whatever the order and spacing of its JSON
};

// errc::protocol if it is no tool at all.
result<mcp_tool_definition> read_tool_definition(const nlohmann::json& tool);

// Empty, or why the model cannot be given this tool.
std::string offering_problem(const mcp_tool_definition& definition);

// The parameters in the form that model APIs accept, with `properties`, and `items` in every array; without
// patterns.
nlohmann::json parameters_for_model(const mcp_tool_definition& definition);

// server__tool within [A-Za-z0-9_-]{1,64}; a name that had to be changed ends in a hash of the original.
std::string offered_name(const std::string& server, const std::string& tool);

} // namespace atende
