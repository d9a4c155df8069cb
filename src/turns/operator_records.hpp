// What the operator's store reads, from Redis's replies to structs. Odd data become empty fields, never
// errors.
#pragma once

#include "turns/keys.hpp"

#include <atende/turns/operator_store.hpp>
#include <optional>
#include <span>

namespace atende {

std::int64_t number(const redis_reply& reply); // of text or integer; 0 when neither
std::int64_t redis_time_ms(const redis_reply& time);

// The commands whose `summary_replies` replies summary_of() reads.
std::vector<redis_command> summary_commands(const conversation_keys& keys);
inline constexpr std::size_t summary_replies = 4;
conversation_summary summary_of(const conversation_id& id, std::span<const redis_reply> replies,
                                std::int64_t now_ms);

std::vector<stored_send> sends_of(const redis_reply& outbox);         // of HGETALL, in send order
void fill(stored_send& send, const redis_reply& fields);              // state, text, attempt, begun, looks
std::optional<ambiguous_send> parse_send_name(std::string_view name); // "<conversation>#<send id>"
std::optional<dead_letter> parse_dead_letter(std::string_view field, std::string_view value);
void add_dead_letters(std::vector<dead_letter>& to, const redis_reply& fields); // field, value, …

} // namespace atende
