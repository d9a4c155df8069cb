// A platform as delivery sees it. Nothing outside channels/ knows the platform's dialect.
#pragma once

#include <atende/conversation/reply.hpp>
#include <atende/platform/async.hpp>
#include <atende/platform/result.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace atende {

class channel {
public:
    virtual ~channel() = default;

    // Longest text of one message, in bytes of UTF-8.
    [[nodiscard]] virtual std::size_t max_text_bytes() const = 0;

    // Sends once; see send_status for what each outcome promises. Never throws. Cancelling may leave the
    // outcome ambiguous.
    virtual awaitable<send_outcome> send(const conversation_id& to, const send_intent& intent) = 0;

    // Looks among the latest messages of the conversation for one of ours with this text, not older than
    // `since_ms` (Unix ms). None: it is not there (yet). Never throws.
    virtual awaitable<result<std::optional<message_id>>>
    find_sent(const conversation_id& to, const std::string& text, std::int64_t since_ms) = 0;

    // Presence is best effort: a failure is logged at debug and never delays an answer.
    virtual awaitable<void> mark_seen(const conversation_id& to) = 0;
    virtual awaitable<void> show_typing(const conversation_id& to) = 0;
};

} // namespace atende
