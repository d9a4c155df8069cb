// The chat on a shop's own site. What it is sent are its conversation's events; there is nothing outside to
// call.
#pragma once

#include <atende/channels/channel.hpp>
#include <functional>
#include <memory>

namespace atende {

// Puts a message among the conversation's events, once however often it is asked for, and names it.
using web_post = std::function<awaitable<result<message_id>>(conversation_id to, send_intent message)>;

// No outcome is ever unknown: where Redis gave no answer the message surely can be sent again.
std::unique_ptr<channel> make_web_channel(web_post post);

} // namespace atende
