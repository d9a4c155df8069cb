#include "turns/keys.hpp"
#include "turns/script_reply.hpp"

#include <atende/platform/crypto.hpp>
#include <atende/turns/web_sessions.hpp>

namespace atende {

web_sessions::web_sessions(redis_client& redis, account_id site, std::chrono::milliseconds kept_for)
    : redis_(redis),
      site_(std::move(site)),
      kept_for_(kept_for) {}

awaitable<result<std::string>> web_sessions::begin() {
    std::string session = random_token();
    const conversation_keys keys(conversation_of(session));
    const auto stored = co_await redis_.command({"SET", keys.session(), "1", "PX", text(kept_for_)});
    if (!stored) co_return std::unexpected(stored.error());
    co_return session;
}

awaitable<result<bool>> web_sessions::use(std::string session) {
    const conversation_keys keys(conversation_of(session));
    const auto known = co_await redis_.command({"PEXPIRE", keys.session(), text(kept_for_)});
    if (!known) co_return std::unexpected(known.error());
    co_return known->integer == 1;
}

conversation_id web_sessions::conversation_of(std::string_view session) const {
    return {.platform = platform_kind::web,
            .account = site_,
            .contact = contact_id(sha256_base64url(session, 16))};
}

} // namespace atende
