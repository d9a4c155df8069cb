// The stations of a message's road, as somebody who watches would name them. The simulator draws them.
#pragma once

#include <atende/conversation/ids.hpp>
#include <cstdint>
#include <functional>
#include <string>

namespace atende {

enum class stage { received, waiting, thinking, knowledge, tool_call, tool_result, sent, not_sent, paused };

struct progress {
    conversation_id conversation;
    stage what = stage::received;
    std::int64_t at_ms = 0; // Unix ms
    std::string detail;     // may hold message text: only for simulated conversations, never for the log
};

// Called on the event loop; must not block and must not throw. Empty where nobody watches.
using progress_sink = std::function<void(const progress&)>;

} // namespace atende
