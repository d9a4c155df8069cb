// The Graph API's requests, and the answer to the one that reads: no I/O.
#pragma once

#include <atende/channels/instagram_channel.hpp>
#include <string>
#include <string_view>

namespace atende {

// False if the message would cross between the simulator and the real platform.
bool may_reach(const instagram_settings& settings, const conversation_id& to);
std::string crossing_reason(const instagram_settings& settings);

http_call text_call(const instagram_settings& settings, const contact_id& to, std::string_view text);
http_call action_call(const instagram_settings& settings, const contact_id& to, std::string_view action);
http_call message_call(const instagram_settings& settings, const message_id& id);

result<customer_message> read_message_answer(const http_answer& answer, const message_id& id);

} // namespace atende
