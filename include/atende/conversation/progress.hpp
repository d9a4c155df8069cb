// The stations of a message's road, as somebody who watches would name them. The simulator draws them, and
// turns/live_events.hpp tells them to whoever follows a conversation.
#pragma once

#include <atende/conversation/ids.hpp>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace atende {

enum class stage {
    received,
    waiting,
    begun,        // a worker has the turn; see progress::watched
    heard,        // detail: {"of":…, "words":…}, the message and what it says
    not_heard,    // detail: {"of":…, "why":…}
    thinking,     // detail: the model
    agent_switch, // detail: the agent who speaks from now on
    content,      // detail: a piece of the answer being written
    rewritten,    // detail: its first piece; what was written before is void
    knowledge,    // detail: {"sources":…}, what of the shop's knowledge is before the model, or is the answer
    tool_call,    // detail: {"name":…,"arguments":…}
    tool_result,  // detail: {"name":…,"result":…}
    sent,         // detail: the text of the message, `number` its id
    not_sent,     // detail: why
    paused,       // a person answers, the bot handed over, or a limit was reached
    complete,     // the turn is over: all its messages are out, or it needs none
    failed,       // detail: "again" if the turn is tried again
};

struct progress {
    conversation_id conversation;
    stage what = stage::received;
    std::int64_t at_ms = 0;  // Unix ms
    std::string detail{};    // may hold message text: never for the log
    std::int64_t number = 0; // of the message sent
    std::vector<message_id>
        answers{};        // when begun or complete: the customer's messages it is about, where known
    bool watched = false; // when begun: somebody follows this conversation, perhaps elsewhere
};

// Called on the event loop; must not block and must not throw. Empty where nobody watches.
using progress_sink = std::function<void(const progress&)>;

} // namespace atende
