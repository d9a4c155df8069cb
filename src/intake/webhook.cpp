#include <algorithm>
#include <atende/intake/webhook.hpp>
#include <atende/platform/broken_variant.hpp>
#include <atende/platform/crypto.hpp>
#include <atende/platform/log.hpp>

namespace atende {
namespace {

constexpr std::size_t most_body_bytes = 4 << 20;

bool is_challenge(std::string_view text) {
    const auto harmless = [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
               c == '-';
    };
    return !text.empty() && text.size() <= 256 && std::ranges::all_of(text, harmless);
}

std::int64_t unix_ms() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

std::string_view kind_of(const event& what) {
    struct namer {
        std::string_view operator()(const customer_message& m) const {
            return m.content_withheld ? "message without content" : "message";
        }
        std::string_view operator()(const postback&) const { return "postback"; }
        std::string_view operator()(const message_edit&) const { return "edit"; }
        std::string_view operator()(const message_unsent&) const { return "unsend"; }
        std::string_view operator()(const echo&) const { return "echo"; }
        std::string_view operator()(const reaction&) const { return "reaction"; }
        std::string_view operator()(const read_receipt&) const { return "read"; }
        std::string_view operator()(const referral_opened&) const { return "referral"; }
        std::string_view operator()(const opt_in&) const { return "opt-in"; }
        std::string_view operator()(const thread_control&) const { return "thread control"; }
        std::string_view operator()(const policy_enforcement&) const { return "policy enforcement"; }
        std::string_view operator()(const comment&) const { return "comment"; }
        std::string_view operator()(const comment_mention&) const { return "mention"; }
        std::string_view operator()(const dashboard_test&) const { return "dashboard test"; }
        std::string_view operator()(const unknown_event&) const { return "unknown event"; }
    };
    return std::visit(namer{}, what.body);
}

void warn_about(const event& what) {
    if (std::holds_alternative<dashboard_test>(what.body)) {
        spdlog::info("[RECV] the dashboard's test webhook arrived: the webhook works");
    } else if (const auto* policy = std::get_if<policy_enforcement>(&what.body)) {
        spdlog::critical("[RECV] Meta took action against the account: {} ({})", printable(policy->action),
                         printable(policy->reason));
    } else if (const auto* unknown = std::get_if<unknown_event>(&what.body)) {
        spdlog::warn("[RECV] {} an event this version does not know: {}", what.conversation.text(),
                     printable(unknown->description));
    } else if (const auto* message = std::get_if<customer_message>(&what.body);
               message && message->content_withheld) {
        spdlog::warn(
            "[RECV] {} a message arrived without its content: the app is in development mode or the field "
            "'messages' is not subscribed in Meta's dashboard",
            what.conversation.text());
    }
}

} // namespace

webhook::webhook(webhook_settings settings, turn_store& store, gathered_sink gathered, progress_sink watch)
    : settings_(std::move(settings)),
      store_(store),
      gathered_(std::move(gathered)),
      watch_(std::move(watch)),
      signatures_(settings_.app_secrets) {}

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
        spdlog::warn("[RECV] webhook handshake refused: hub.verify_token is not INSTAGRAM_VERIFY_TOKEN");
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
    auto events = parser_.parse(request.body);
    if (!events) {
        spdlog::warn("[RECV] not a webhook: {}", printable(events.error().detail));
        co_return error_reply(400, events.error().detail);
    }
    if (events->empty()) co_return text_reply(200, "EVENT_RECEIVED");
    std::vector<gathered_event> given;
    given.reserve(events->size());
    for (auto& what : *events) {
        if (const auto* own = std::get_if<echo>(&what.body); own != nullptr && broken("answer_echo")) {
            what.body = customer_message{.id = own->id, .text = own->text};
        }
        const auto quiet = quiet_window(what, settings_.quiet);
        given.push_back({.what = std::move(what), .quiet = quiet});
    }
    const auto receipts = co_await store_.hand_over(given);
    if (!receipts) {
        if (broken("ack_before_append")) co_return text_reply(200, "EVENT_RECEIVED");
        spdlog::error("[RECV] {} events not stored, answered 503 so that Meta repeats them: {}", given.size(),
                      printable(receipts.error().detail));
        co_return error_reply(503, "storage is unavailable, try again");
    }
    for (std::size_t i = 0; i < given.size(); ++i) note(given[i].what, (*receipts)[i]);
    co_return text_reply(200, "EVENT_RECEIVED");
}

void webhook::note(const event& what, const event_receipt& receipt) {
    using fate = event_receipt::fate;
    const std::string who = what.conversation.text();
    switch (receipt.what) {
    case fate::duplicate: spdlog::info("[RECV] {} {} again, ignored", who, kind_of(what)); return;
    case fate::gathered:
        spdlog::info("[RECV] {} {}, due in {} ms", who, kind_of(what), receipt.due_in.count());
        tell(what.conversation, stage::received, "");
        tell(what.conversation, stage::waiting, std::to_string(receipt.due_in.count()));
        gathered_(what.conversation, receipt.due_in);
        break;
    case fate::own_echo: spdlog::info("[OUTGOING] {} our own message came back", who); break;
    case fate::held:
        spdlog::info("[OUTGOING] {} an echo that is not known as ours; a person's in {} ms", who,
                     receipt.due_in.count());
        gathered_(what.conversation, receipt.due_in);
        break;
    case fate::resumed:
        spdlog::info("[OUTGOING] {} a person told the bot to answer again", who);
        gathered_(what.conversation, receipt.due_in);
        break;
    case fate::taken_over:
        spdlog::info("[OUTGOING] {} a person wrote from the shop's account", who);
        spdlog::info("[BLOCK] {} the bot is silent for {} min; {} planned messages dropped", who,
                     std::chrono::ceil<std::chrono::minutes>(receipt.due_in).count(),
                     receipt.cancelled_sends);
        tell(what.conversation, stage::paused, "");
        break;
    case fate::amended:
    case fate::recorded: spdlog::info("[RECV] {} {}", who, kind_of(what)); break;
    }
    warn_about(what);
}

// A stranger can cause these at will: one line every few seconds is enough.
void webhook::refuse_signature(const std::string& peer) {
    const auto now = std::chrono::steady_clock::now();
    ++silent_refusals_;
    if (now < next_refusal_log_) return;
    next_refusal_log_ = now + std::chrono::seconds(5);
    spdlog::warn("[BLOCK] {} webhook(s) refused, last from {}: the signature matches no secret of "
                 "INSTAGRAM_APP_SECRET "
                 "(an Instagram-login app signs with the Instagram app secret, a Facebook-login app with the "
                 "Facebook app secret)",
                 silent_refusals_, peer);
    silent_refusals_ = 0;
}

void webhook::tell(const conversation_id& conversation, stage what, std::string detail) const {
    if (watch_)
        watch_({.conversation = conversation, .what = what, .at_ms = unix_ms(), .detail = std::move(detail)});
}

} // namespace atende
