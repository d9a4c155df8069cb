// The webhooks Meta would send, byte for byte in its style: keys in its order, everything outside ASCII as
// \uXXXX and every slash as \/, which is what its signature covers.
// https://developers.facebook.com/docs/graph-api/webhooks/getting-started
#pragma once

#include <atende/platform/crypto.hpp>
#include <cstdint>
#include <string>
#include <string_view>

namespace atende {

// Who wrote to whom and when. `at_ms` is both the event's and the delivery's time, Unix ms.
struct webhook_message {
    std::string contact;
    std::string message_id;
    std::string text; // valid UTF-8
    std::int64_t at_ms = 0;
    std::string audio_url{}; // of an echo: sent instead of a text
};

std::string message_webhook(const webhook_message& message);
// `number` counts the edits of that message, from 1.
// A voice note: `link` is where the file is.
std::string voice_webhook(const webhook_message& message, std::string_view link);
std::string edit_webhook(const webhook_message& message, int number);
// The text is not used: Meta does not repeat it.
std::string unsend_webhook(const webhook_message& message);
// A message that left the shop's account, by the API or by a person in the app: Meta shows no difference.
std::string echo_webhook(const webhook_message& message);

// A new id in the shape of Meta's: opaque, long, unique.
std::string new_meta_message_id();

// The X-Hub-Signature-256 value of `body`.
std::string webhook_signature(hmac_sha256& key, std::string_view body);

} // namespace atende
