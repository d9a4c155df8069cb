// Who may call /admin/api.
#pragma once

#include <atende/platform/token_gate.hpp>
#include <optional>

namespace atende {

// Open: where there is no token the address decides, under a name that no foreign web site can point here.
enum class without_token { closed, open };

// The answer to a request that is refused: only the bearer of the gate's token comes in, never a browser.
std::optional<http_reply> admin_refusal(token_gate& gate, const http_request& request,
                                        token_gate::time_point now,
                                        without_token rule = without_token::closed);

} // namespace atende
