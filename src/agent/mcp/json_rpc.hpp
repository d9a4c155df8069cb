// JSON-RPC 2.0 messages as MCP uses them. No I/O.
#pragma once

#include <nlohmann/json.hpp>

#include <atende/platform/result.hpp>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace atende {

// An answer for a customer's chat never needs more.
inline constexpr std::size_t max_rpc_bytes = 1 << 20;

struct rpc_error {
    int code = 0;
    std::string message; // a stranger's words: only through printable() into a log
    nlohmann::json data;
};
using rpc_answer = std::expected<nlohmann::json, rpc_error>;

struct rpc_response {
    std::optional<std::int64_t> id; // absent: it answers something that could not be read
    rpc_answer answer;
};
struct rpc_request {
    nlohmann::json id;
    std::string method;
};
struct rpc_notification {
    std::string method;
};
using rpc_message = std::variant<rpc_response, rpc_request, rpc_notification>;

// errc::protocol for what is none, or is nested deeper than 64. An id that cannot be one of ours counts as
// absent.
result<rpc_message> parse_rpc(std::string_view text);

// Each is one line, without its end.
std::string rpc_request_text(std::int64_t id, const std::string& method, const nlohmann::json& params);
std::string rpc_notification_text(const std::string& method, const nlohmann::json& params);
// What a server asks of us: only a ping is granted.
std::string rpc_reply_text(const rpc_request& to);

} // namespace atende
