// Who may call /admin/api.
#pragma once

#include <atende/platform/token_gate.hpp>
#include <optional>

namespace atende {

// The answer to a request that is refused: only the bearer of the gate's token comes in, never a browser.
std::optional<http_reply> admin_refusal(token_gate& gate, const http_request& request,
                                        token_gate::time_point now);

} // namespace atende
