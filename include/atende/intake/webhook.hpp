// The door: POST /webhook. Verifies, parses, makes every event durable, then says 200; anything less is an
// error the platform answers with a redelivery.
#pragma once

#include <atende/channels/instagram_webhook.hpp>
#include <atende/channels/webhook_signature.hpp>
#include <atende/conversation/progress.hpp>
#include <atende/intake/quiet_window.hpp>
#include <atende/platform/http_server.hpp>
#include <atende/turns/turn_store.hpp>
#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace atende {

struct webhook_settings {
    std::string verify_token;             // empty: every handshake is refused
    std::vector<std::string> app_secrets; // empty: every webhook is refused
    quiet_settings quiet;
};

class webhook {
public:
    // `gathered` is told when a conversation is due.
    using gathered_sink = std::function<void(const conversation_id&, std::chrono::milliseconds)>;

    webhook(webhook_settings settings, turn_store& store, gathered_sink gathered, progress_sink watch);

    // GET and POST /webhook.
    void add_routes(http_server& server);

    // The platform's handshake: 200 with the challenge, 403 if the token is not ours, 400 if the challenge is
    // not one.
    awaitable<http_reply> verify(http_request request);
    // 200 only when every event is in Redis. 403 signature, 400 not a webhook, 503 Redis is away (nothing is
    // lost: the platform repeats, and what was stored already is recognised).
    awaitable<http_reply> receive(http_request request);

private:
    void note(const event& what, const event_receipt& receipt);
    void refuse_signature(const std::string& peer);
    void tell(const conversation_id& conversation, stage what, std::string detail) const;

    webhook_settings settings_;
    turn_store& store_;
    gathered_sink gathered_;
    progress_sink watch_;
    signature_verifier signatures_;
    instagram_parser parser_;
    std::chrono::steady_clock::time_point next_refusal_log_;
    int silent_refusals_ = 0;
};

} // namespace atende
