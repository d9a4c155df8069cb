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

// `path`: below the API's version, with its query.
std::string graph_url(const instagram_settings& settings, std::string_view path);

http_call text_call(const instagram_settings& settings, const contact_id& to, std::string_view text);
// `audio`: the name of a file, see instagram_settings::audio_base_url.
http_call audio_call(const instagram_settings& settings, const contact_id& to, std::string_view audio);
http_call action_call(const instagram_settings& settings, const contact_id& to, std::string_view action);
http_call message_call(const instagram_settings& settings, const message_id& id);
// The latest messages with this contact, with what is needed to find `sent` among them.
http_call conversation_call(const instagram_settings& settings, const contact_id& with,
                            const send_intent& sent);

// Our messages with the text of `sent`, white space aside, or with some audio if it is one, in the answer to
// conversation_call(), newest first; those created at most `age` before the answer. An error unless it shows
// everything since then.
result<std::vector<message_id>> find_in_conversation(const http_answer& answer, const contact_id& with,
                                                     const send_intent& sent, std::chrono::milliseconds age);

result<customer_message> read_message_answer(const http_answer& answer, const message_id& id);

} // namespace atende
