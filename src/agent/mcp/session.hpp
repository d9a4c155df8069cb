// What is said to one MCP server, in the era of the protocol that it speaks.
#pragma once

#include "agent/mcp/header_parameters.hpp"
#include "agent/mcp/transport.hpp"

#include <atende/platform/result.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace atende {

struct tool_request {
    std::string name;
    nlohmann::json arguments;
    std::string operation_id; // given along, for servers that know an operation again
    std::chrono::milliseconds timeout{20'000};
};

class mcp_session {
public:
    mcp_session(std::shared_ptr<mcp_transport> transport, mcp_protocol protocol)
        : transport_(std::move(transport)),
          protocol_(std::move(protocol)) {}

    [[nodiscard]] const mcp_protocol& protocol() const { return protocol_; }
    [[nodiscard]] mcp_transport& transport() const { return *transport_; }

    // The tools as the server wrote them, from every page. All of them within `timeout`.
    awaitable<result<std::vector<nlohmann::json>>> list_tools(std::chrono::milliseconds timeout);
    // The result of tools/call, or the error with which the server refused it.
    awaitable<result<rpc_answer>> call(tool_request request, std::vector<header_parameter> mirrored);

private:
    std::shared_ptr<mcp_transport> transport_;
    mcp_protocol protocol_;
};

// Finds out the era and shakes hands where that is the custom. What was made in vain has been closed again.
awaitable<result<std::shared_ptr<mcp_session>>> open_session(transport_factory make_transport);

} // namespace atende
