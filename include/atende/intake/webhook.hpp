// The door: POST /webhook. Verifies, parses, has every event made durable, then says 200; anything less is an
// error the platform answers with a redelivery.
#pragma once

#include <atende/channels/webhook_signature.hpp>
#include <atende/intake/event_desk.hpp>
#include <atende/intake/intake.hpp>
#include <atende/platform/http_server.hpp>
#include <memory>
#include <string>
#include <vector>

namespace atende {

struct webhook_settings {
    std::string verify_token;             // empty: every handshake is refused
    std::vector<std::string> app_secrets; // empty: every webhook is refused
};

class webhook {
public:
    webhook(webhook_settings settings, event_desk& desk, intake& taker);
    ~webhook();

    // GET and POST /webhook.
    void add_routes(http_server& server);

    // The platform's handshake: 200 with the challenge, 403 if the token is not ours, 400 if the challenge is
    // not one.
    awaitable<http_reply> verify(http_request request);
    // 200 only when every event is in Redis, or the whole webhook on our disk. 403 signature, 400 not a
    // webhook, 503 neither could be had (nothing is lost: the platform repeats, and what was stored already
    // is recognised).
    awaitable<http_reply> receive(http_request request);

private:
    struct log_limits;

    void refuse_signature(const std::string& peer);

    webhook_settings settings_;
    event_desk& desk_;
    intake& taker_;
    signature_verifier signatures_;
    std::unique_ptr<log_limits> limits_;
};

} // namespace atende
