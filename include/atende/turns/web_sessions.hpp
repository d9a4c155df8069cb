// The sessions of a shop's web chat: who writes is whoever knows the session's name, so names are unguessable
// and given out here alone. Its conversation is named by a hash of it, because conversations' names are in
// the log.
#pragma once

#include <atende/conversation/ids.hpp>
#include <atende/platform/redis_client.hpp>
#include <chrono>
#include <string>
#include <string_view>

namespace atende {

class web_sessions {
public:
    // `site`: letters, digits, '.' and '-'.
    web_sessions(redis_client& redis, account_id site, std::chrono::milliseconds kept_for);

    // The name of a new one; known everywhere from now on, until nobody has used it for `kept_for`.
    awaitable<result<std::string>> begin();
    // False: there is no such session (any more).
    awaitable<result<bool>> use(std::string session);

    [[nodiscard]] conversation_id conversation_of(std::string_view session) const;

private:
    redis_client& redis_;
    account_id site_;
    std::chrono::milliseconds kept_for_;
};

} // namespace atende
