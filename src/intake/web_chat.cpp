#include "intake/rate_limit.hpp"
#include "intake/web_message.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <atende/intake/web_chat.hpp>
#include <atende/platform/client_address.hpp>
#include <atende/platform/crypto.hpp>
#include <atende/platform/json.hpp>
#include <atende/platform/log.hpp>
#include <atende/platform/text.hpp>
#include <atende/platform/unix_time.hpp>
#include <atende/turns/live_stream.hpp>

namespace atende {
namespace {

constexpr std::string_view path = "/api/agent/chat/stream";
constexpr std::size_t most_body_bytes = 64 << 10;

std::string_view host_of(std::string_view origin) {
    const std::size_t scheme = origin.find("://");
    if (scheme != std::string_view::npos) origin.remove_prefix(scheme + 3);
    const std::size_t port = origin.rfind(':');
    const bool has_port = port != std::string_view::npos && port >= origin.rfind(']') + 1;
    return has_port ? origin.substr(0, port) : origin;
}

http_reply too_often(std::string_view what) {
    auto reply = error_reply(429, what);
    reply.headers.emplace_back("Retry-After", "60");
    return reply;
}

http_reply not_stored() {
    auto reply = error_reply(503, "the message was not stored; send it again");
    reply.headers.emplace_back("Retry-After", "2");
    return reply;
}

event event_of(const conversation_id& from, const message_id& id, std::string text) {
    return {.conversation = from,
            .occurred_at_ms = unix_ms_now(),
            .idempotency_key = "web message " + id.value,
            .body = customer_message{.id = id, .text = std::move(text)}};
}

// Tells the page its session before anything else.
live_event greeting(const std::string& session, const message_id& message) {
    const nlohmann::json data{
        {"type", "status"},      {"stage", "received"},         {"content", "Mensagem recebida."},
        {"session_id", session}, {"message_id", message.value}, {"at", unix_ms_now()}};
    return {.id = {}, .type = "status", .data = json_text(data)};
}

} // namespace

struct web_chat::limits {
    rate_limit sessions;
    rate_limit messages;
};

account_id web_site_of(const std::vector<std::string>& origins) {
    std::string site(origins.empty() ? std::string_view("site") : host_of(origins.front()));
    for (char& c : site) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
        if (!plain) c = '-';
    }
    return account_id(std::move(site));
}

web_chat::web_chat(web_chat_settings settings, web_sessions& sessions, event_desk& desk, live_events& events)
    : settings_(std::move(settings)),
      sessions_(sessions),
      desk_(desk),
      events_(events),
      limits_(std::make_unique<limits>(rate_limit(settings_.sessions_a_minute),
                                       rate_limit(settings_.messages_a_minute))) {}

web_chat::~web_chat() = default;

void web_chat::add_routes(http_server& server) {
    if (settings_.token.empty()) return;
    const auto add = [&](std::string method, action act) {
        auto handle = [this, act](http_request request) { return guarded(std::move(request), act); };
        server.add({.method = method,
                    .path = std::string(path),
                    .handle = std::move(handle),
                    .max_body_bytes = most_body_bytes,
                    .required_content_type = method == "POST" ? "application/json" : ""});
    };
    add("POST", &web_chat::post);
    add("GET", &web_chat::resume);
    add("OPTIONS", &web_chat::preflight);
}

// Browsers say where a page comes from, except to the very server it came from. Who is no browser knows the
// token.
bool web_chat::is_our_page(const http_request& request) const {
    const std::string_view origin = request.header("origin");
    const std::string_view site = request.header("sec-fetch-site");
    if (origin.empty()) return site.empty() || site == "same-origin";
    return std::ranges::find(settings_.origins, lower_case(origin)) != settings_.origins.end();
}

awaitable<http_reply> web_chat::guarded(http_request request, action act) {
    if (!is_our_page(request))
        co_return error_reply(403, "WEB_CHAT_ORIGINS does not name this page's origin");
    const std::string origin(request.header("origin"));
    const bool has_token =
        equal_in_constant_time(request.header("authorization"), "Bearer " + settings_.token);
    http_reply reply;
    if (has_token || request.method == "OPTIONS") { // a preflight carries no headers of the page's
        reply = co_await (this->*act)(std::move(request));
    } else {
        reply = error_reply(401, "send the header Authorization: Bearer <WEB_CHAT_TOKEN>");
        reply.headers.emplace_back("WWW-Authenticate", "Bearer");
    }
    if (!origin.empty()) reply.headers.emplace_back("Access-Control-Allow-Origin", origin);
    reply.headers.emplace_back("Vary", "Origin");
    co_return reply;
}

awaitable<http_reply> web_chat::preflight(http_request) {
    auto reply = text_reply(200, "");
    reply.headers = {
        {"Access-Control-Allow-Methods", "GET, POST"},
        {"Access-Control-Allow-Headers", "Authorization, Content-Type, Last-Event-ID, X-Session-Id"},
        {"Access-Control-Max-Age", "600"}};
    co_return reply;
}

awaitable<result<bool>> web_chat::may_use(std::string session) {
    if (!is_web_name(session)) co_return false;
    co_return co_await sessions_.use(std::move(session));
}

awaitable<http_reply> web_chat::post(http_request request) {
    const auto now = std::chrono::steady_clock::now();
    auto said = read_web_message(request.body, settings_.most_characters);
    if (!said) co_return std::move(said.error());
    if (said->session.empty()) {
        const auto visitor = network_of(client_of(request, settings_.trusted_proxies));
        if (!limits_->sessions.allows(visitor, now)) co_return too_often("too many new sessions");
        auto begun = co_await sessions_.begin();
        if (!begun) co_return not_stored();
        said->session = *std::move(begun);
    } else {
        const auto known = co_await may_use(said->session);
        if (!known) co_return not_stored();
        if (!*known) co_return error_reply(404, "session_id: no such session; begin a new one without it");
    }
    if (!limits_->messages.allows(said->session, now)) co_return too_often("too many messages");

    const auto from = sessions_.conversation_of(said->session);
    const message_id id(from.contact.value + ":" + (said->id.empty() ? random_token() : said->id));
    auto follower = co_await events_.follow(from, {}, live_reader::customer);
    if (!follower) co_return no_stream_reply(follower.error());
    std::vector<gathered_event> given;
    given.push_back({.what = event_of(from, id, std::move(said->text)), .quiet = settings_.quiet});
    const auto receipts = co_await desk_.hand_over(given);
    if (!receipts) co_return not_stored();
    if (receipts->front().what == event_receipt::fate::duplicate)
        co_return error_reply(409, "this message_id was taken before; follow its answer with GET");
    co_return stream_reply(*std::move(follower), {.is_public = true,
                                                  .first = greeting(said->session, id),
                                                  .until = id,
                                                  .longest = settings_.longest_stream});
}

awaitable<http_reply> web_chat::resume(http_request request) {
    std::string session(request.header("x-session-id"));
    const auto known = co_await may_use(session);
    if (!known) co_return no_stream_reply(known.error());
    if (!*known) co_return error_reply(404, "X-Session-Id: no such session; begin a new one with POST");
    auto follower = co_await events_.follow(sessions_.conversation_of(session), last_event_id_of(request),
                                            live_reader::customer);
    if (!follower) co_return no_stream_reply(follower.error());
    co_return stream_reply(*std::move(follower), {.is_public = true, .longest = settings_.longest_stream});
}

} // namespace atende
