// What the model reads of a tool's answer. No I/O.
#pragma once

#include "agent/mcp/json_rpc.hpp"

#include <atende/platform/result.hpp>
#include <string>

namespace atende {

// "SUCESSO: …", or "ERRO: …" if the tool says isError, from the result of tools/call. At most 8,000 bytes,
// without control characters; what is not text is only named.
std::string told_result(const std::string& server, const nlohmann::json& result);

// "ERRO: …" for a call without a result. `has_effect`: whether it may have been done after all.
std::string told_refusal(const std::string& server, const rpc_error& error);
std::string told_failure(const std::string& server, const error& failure, bool has_effect);

} // namespace atende
