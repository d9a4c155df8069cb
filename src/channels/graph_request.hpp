// The Graph API's requests, and the answer to the one that reads: no I/O.
#pragma once

#include <atende/channels/instagram_channel.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace atende {

// False if the message would cross between the simulator and the real platform.
bool may_reach(const instagram_settings& settings, const conversation_id& to);
std::string crossing_reason(const instagram_settings& settings);

http_call text_call(const instagram_settings& settings, const contact_id& to, std::string_view text);
http_call action_call(const instagram_settings& settings, const contact_id& to, std::string_view action);
http_call message_call(const instagram_settings& settings, const message_id& id);
// The latest messages with this contact.
http_call conversation_call(const instagram_settings& settings, const contact_id& with);

// Our messages with this text, white space aside, in the answer to conversation_call(), newest first; those
// created at most `age` before the answer. An error unless it shows everything since then.
result<std::vector<message_id>> find_in_conversation(const http_answer& answer, const contact_id& with,
                                                     std::string_view text, std::chrono::milliseconds age);

result<customer_message> read_message_answer(const http_answer& answer, const message_id& id);

} // namespace atende
