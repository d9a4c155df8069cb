// What leaves: a send intent is planned once, atomically with the turn that decided it, and then sent at most
// once.
#pragma once

#include <atende/conversation/ids.hpp>
#include <chrono>
#include <cstdint>
#include <string>

namespace atende {

struct send_intent {
    std::int64_t id = 0; // unique within its conversation, increasing in send order
    std::string text;    // fits the channel's limit; of an audio: what it says, however long
    int attempt = 0;     // sends that surely did not happen before this one
    std::string audio{}; // name of a published file (voice/audio_shelf.hpp) that is sent, and no text
};

enum class send_status {
    delivered, // the platform accepted it and named it
    rejected,  // the platform refused for good
    retry,     // surely not sent, and trying again later may succeed
    ambiguous, // may or may not have been sent: never repeated by itself
};

struct send_outcome {
    send_status status = send_status::ambiguous;
    message_id id;      // when delivered
    std::string reason; // for the log and the operator; no message text, no secret
    std::chrono::milliseconds retry_in{
        0};                       // when status is retry: the least wait; 0 = the caller's own backoff
    bool account_blocked = false; // no send of this account can succeed until a person acts (dead token)
};

} // namespace atende
