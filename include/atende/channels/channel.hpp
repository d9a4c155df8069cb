// A platform as delivery sees it. Nothing outside channels/ knows the platform's dialect.
#pragma once

#include <atende/conversation/reply.hpp>
#include <atende/platform/async.hpp>
#include <atende/platform/result.hpp>
#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace atende {

class channel {
public:
    virtual ~channel() = default;

    // Longest text of one message, in bytes of UTF-8.
    [[nodiscard]] virtual std::size_t max_text_bytes() const = 0;

    // Whether send_intent::audio can be sent.
    [[nodiscard]] virtual bool takes_audio() const { return false; }

    // Sends once; see send_status for what each outcome promises. Never throws. Cancelling may leave the
    // outcome ambiguous.
    virtual awaitable<send_outcome> send(const conversation_id& to, const send_intent& intent) = 0;

    // Our messages with this text, or with some audio if it is one, that the platform shows in the
    // conversation since then, newest first. None: it shows everything since then, and there is no such
    // message (yet). An error: that cannot be said. Never throws.
    virtual awaitable<result<std::vector<message_id>>>
    find_sent(const conversation_id& to, const send_intent& sent,
              std::chrono::steady_clock::time_point since) = 0;

    // Presence is best effort: a failure is logged at debug and never delays an answer.
    virtual awaitable<void> mark_seen(const conversation_id& to) = 0;
    virtual awaitable<void> show_typing(const conversation_id& to) = 0;
};

} // namespace atende
