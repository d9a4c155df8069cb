// How messages get to one MCP server and back.
#pragma once

#include "agent/mcp/json_rpc.hpp"
#include "agent/mcp/protocol.hpp"

#include <atende/platform/async.hpp>
#include <atende/platform/http_client.hpp>
#include <atende/platform/result.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace atende {

struct rpc_call {
    std::string method;
    nlohmann::json params = nlohmann::json::object();
    std::chrono::milliseconds timeout{10'000};
    std::vector<std::pair<std::string, std::string>> headers; // for HTTP alone
};

// Called from the event loop with the method of each notification that the server sends, and with an empty
// one when the transport is lost.
using notification_sink = std::function<void(const std::string& method)>;

class mcp_transport {
public:
    virtual ~mcp_transport() = default;

    // Any number at once. Errors:
    //   unavailable   it surely was not done
    //   timed_out, interrupted, cancelled, too_large, protocol   nobody knows
    //   rejected      we are not let in
    // After a time-out, or when the awaiting coroutine is cancelled, the server is told to stop.
    virtual awaitable<result<rpc_answer>> request(rpc_call call) = 0;
    virtual awaitable<void> notify(std::string method, nlohmann::json params) = 0;
    // Asks for notifications, where they can come by themselves.
    virtual void listen(const nlohmann::json& params) = 0;
    // What was agreed with the server.
    virtual void speak(const mcp_protocol& protocol) = 0;

    // False: lost for good, nothing can be asked any more.
    [[nodiscard]] virtual bool is_open() const = 0;
    // No request is waited for any longer.
    virtual void hang_up() = 0;
    // Hangs up, and lets go of the server; seconds at most.
    virtual awaitable<void> close() = 0;
};

using transport_factory = std::function<result<std::shared_ptr<mcp_transport>>()>;

} // namespace atende
