// Which era of the protocol a server speaks. No I/O.
// https://modelcontextprotocol.io/specification/2026-07-28/basic/versioning
#pragma once

#include "agent/mcp/json_rpc.hpp"

#include <array>
#include <atende/platform/result.hpp>
#include <string>
#include <string_view>

namespace atende {

// Every request says its version in `_meta`; there is no handshake.
inline constexpr std::string_view modern_version = "2026-07-28";
// With an `initialize` handshake; newest first.
inline constexpr std::array<std::string_view, 4> legacy_versions{"2025-11-25", "2025-06-18", "2025-03-26",
                                                                 "2024-11-05"};

struct mcp_protocol {
    std::string version;
    bool modern = false;
};

// What the answer to server/discover, our first request, says. legacy: begin again with `initialize`; such
// servers answer it in any way they like, or not at all. An error: it is modern and we cannot agree.
enum class mcp_era { modern, legacy };
result<mcp_era> judge_probe(const rpc_answer& probe);

nlohmann::json initialize_params();
// errc::protocol for a version that we do not speak.
result<mcp_protocol> judge_initialize(const nlohmann::json& result);

// `params` with what every request of that protocol carries.
nlohmann::json with_meta(nlohmann::json params, const mcp_protocol& protocol);

} // namespace atende
