#include "intake/log_limit.hpp"

#include <algorithm>
#include <atende/intake/webhook.hpp>
#include <atende/platform/crypto.hpp>
#include <atende/platform/log.hpp>

namespace atende {
namespace {

constexpr std::size_t most_body_bytes = 1 << 20; // up to 1,000 events

bool is_challenge(std::string_view text) {
    const auto harmless = [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
               c == '-';
    };
    return !text.empty() && text.size() <= 256 && std::ranges::all_of(text, harmless);
}

} // namespace

struct webhook::log_limits {
    // A stranger can cause these at will.
    log_limit signature{std::chrono::seconds(5)};
    log_limit handshake{std::chrono::seconds(5)};
};

webhook::webhook(webhook_settings settings, event_desk& desk, intake& taker)
    : settings_(std::move(settings)),
      desk_(desk),
      taker_(taker),
      signatures_(settings_.app_secrets),
      limits_(std::make_unique<log_limits>()) {}

webhook::~webhook() = default;

void webhook::add_routes(http_server& server) {
    auto handshake = [this](http_request request) { return verify(std::move(request)); };
    auto delivery = [this](http_request request) { return receive(std::move(request)); };
    server.add({.method = "GET", .path = "/webhook", .handle = std::move(handshake)});
    server.add({.method = "POST",
                .path = "/webhook",
                .handle = std::move(delivery),
                .max_body_bytes = most_body_bytes,
                .required_content_type = "application/json"});
}

awaitable<http_reply> webhook::verify(http_request request) {
    const std::string token = request.query_value("hub.verify_token");
    const bool ours =
        !settings_.verify_token.empty() && equal_in_constant_time(token, settings_.verify_token);
    if (!ours || request.query_value("hub.mode") != "subscribe") {
        if (const int times = limits_->handshake.happened())
            spdlog::warn("[RECV] {} webhook handshake(s) refused: hub.verify_token is not "
                         "INSTAGRAM_VERIFY_TOKEN",
                         times);
        co_return error_reply(403, "hub.verify_token does not match");
    }
    const std::string challenge = request.query_value("hub.challenge");
    if (!is_challenge(challenge))
        co_return error_reply(400, "hub.challenge must be letters, digits, _ and -");
    spdlog::info("[RECV] webhook handshake accepted");
    co_return text_reply(200, challenge);
}

awaitable<http_reply> webhook::receive(http_request request) {
    if (!signatures_.verify(request.header("x-hub-signature-256"), request.body)) {
        refuse_signature(request.peer);
        co_return error_reply(403, "X-Hub-Signature-256 matches no configured app secret");
    }
    auto events = desk_.read(request.body);
    if (!events) {
        spdlog::warn("[RECV] not a webhook: {}", printable(events.error().detail));
        co_return error_reply(400, events.error().detail);
    }
    if (events->empty()) co_return text_reply(200, "EVENT_RECEIVED");
    const auto fate = co_await taker_.take(*std::move(events), std::move(request.body));
    if (fate == intake::fate::refused) co_return error_reply(503, "storage is unavailable, try again");
    co_return text_reply(200, "EVENT_RECEIVED");
}

void webhook::refuse_signature(const std::string& peer) {
    const int times = limits_->signature.happened();
    if (times == 0) return;
    spdlog::warn("[BLOCK] {} webhook(s) refused, last from {}: the signature matches no secret of "
                 "INSTAGRAM_APP_SECRET "
                 "(an Instagram-login app signs with the Instagram app secret, a Facebook-login app with the "
                 "Facebook app secret)",
                 times, peer);
}

} // namespace atende
