// How messages and history are written in Redis. Version-tolerant JSON: unknown fields are ignored, and kept
// where a script changes a record. What an older version would read wrongly needs a higher format: it is a
// conversation's field, and a worker leaves conversations of a newer format than its own to others.
#pragma once

#include <atende/conversation/event.hpp>
#include <atende/conversation/turn.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace atende {

// Without the field a conversation has format 1.
int message_format(); // of what encode_inbox_item() writes
inline constexpr int audio_send_format = 2;
int newest_format(); // that this version can read

// "<message id>\n{json}": the id in front lets a script find the message without decoding every one.
std::string encode_inbox_item(const event& what);
std::optional<heard_message> decode_inbox_item(std::string_view item);

// The text and attachments, as CONTENT takes them.
std::string encode_content(const customer_message& fetched);
// As HEARD takes it; empty if nothing came of listening.
std::string encode_heard(const attachment& heard);

std::string encode_history_entry(const history_entry& entry);
// Also takes an inbox item: a message that a person answered moves to the history as it is.
std::optional<history_entry> decode_history_entry(std::string_view item);

// A short text for the event stream: kind, ids, no content beyond what the platform sent.
std::string encode_recorded_event(const event& what);

} // namespace atende
