// What the scripts of a turn have answered. An answer of another shape is a protocol error.
#pragma once

#include <atende/platform/redis_client.hpp>
#include <atende/turns/turn_store.hpp>
#include <chrono>
#include <string>
#include <vector>

namespace atende {

// Of CLAIM, which was called at `asked`, for the profile that serves.
result<claim_outcome> claim_outcome_of(const conversation_id& conversation, const redis_reply& reply,
                                       std::chrono::steady_clock::time_point asked,
                                       const std::string& profile);
// Of PLAN or DEFER; `sends`: what was to be sent, without ids.
result<plan_outcome> plan_outcome_of(const redis_reply& reply, std::vector<send_intent> sends);
// Of FINISH, or SEND-END with the last send.
not_due handed_back(const redis_reply& reply);

} // namespace atende
