// MCP by streamable HTTP: a POST a message, answered with JSON or a stream of events.
// https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http, and 2025-11-25.
#pragma once

#include "agent/mcp/transport.hpp"

#include <atende/platform/http_client.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace atende {

// An answer is read when its stream has ended, so what a server asks or tells meanwhile comes too late to be
// answered; of notifications only those arrive that precede an answer. `headers` are sent with everything.
// `http` and `tasks` must outlive it. Redirects are not followed.
std::shared_ptr<mcp_transport> make_http_transport(std::string server, task_group& tasks, http_client& http,
                                                   std::string url,
                                                   std::vector<std::pair<std::string, std::string>> headers,
                                                   notification_sink notified);

} // namespace atende
