// Meta's Send API as the simulator plays it: as strict as the real one, so that a request it takes would be
// taken there too.
// https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/messaging-api
#pragma once

#include <atende/platform/http_server.hpp>
#include <expected>
#include <string>
#include <string_view>

namespace atende {

enum class sender_action { none, typing_on, typing_off, mark_seen };

// A text, an audio or an action.
struct sandbox_send {
    std::string recipient;
    std::string text;
    std::string audio_url{};
    sender_action action = sender_action::none;
};

// The error is the reply Meta would give: its status and error envelope.
std::expected<sandbox_send, http_reply> read_sandbox_send(const http_request& request,
                                                          std::string_view access_token);

// The reply that Meta gives where it cannot get the file of an attachment, or not as what it is said to be.
http_reply sandbox_cannot_fetch();

// What an accepted send is answered. `message_id` is empty for actions.
http_reply sandbox_accepted(std::string_view recipient, std::string_view message_id);

} // namespace atende
