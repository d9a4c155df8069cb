// Sending through Meta's Graph API.
// https://developers.facebook.com/documentation/business-messaging/instagram-messaging/send-messages
#pragma once

#include <atende/channels/channel.hpp>
#include <atende/conversation/event.hpp>
#include <atende/platform/http_client.hpp>
#include <atende/platform/result.hpp>
#include <cstddef>
#include <memory>
#include <string>

namespace atende {

// Of one message, in bytes of UTF-8.
inline constexpr std::size_t instagram_longest_text = 1'000;

struct instagram_settings {
    std::string base_url;    // https://graph.instagram.com, or https://graph.facebook.com with Facebook login
    std::string api_version; // v25.0
    std::string access_token; // travels in a header, never in a URL
    std::string account;      // whose messages these are; "me", the token's owner, when empty
    // Below it the platform fetches the files of send_intent::audio; empty: it can fetch none, and none is
    // sent. https, unless it is the sandbox's.
    std::string audio_base_url{};
    // True: base_url is the simulator's sandbox. Such a channel writes to simulated contacts only, and any
    // other channel to real ones only; whatever else it is asked to send is rejected without a call.
    bool simulated = false;
};

// `http` must outlive the channel. Messages are put on the wire at most once.
std::unique_ptr<channel> make_instagram_channel(http_client& http, instagram_settings settings);

// Reads a message that was announced without its content. Safe to repeat. Errors: those of http_client;
// rejected if Graph does not hand it out, unavailable if it may do so later; protocol if it answers something
// else.
awaitable<result<customer_message>> fetch_instagram_message(http_client& http, instagram_settings settings,
                                                            conversation_id conversation, message_id id);

} // namespace atende
