#include "simulator/page_api.hpp"

#include "simulator/contact.hpp"
#include "simulator/meta_webhook.hpp"

#include <nlohmann/json.hpp>

#include <atende/platform/json.hpp>
#include <atende/platform/text.hpp>
#include <atende/platform/unix_time.hpp>
#include <charconv>
#include <expected>
#include <initializer_list>
#include <optional>

namespace atende {

namespace {

using nlohmann::json;

constexpr std::size_t max_text_characters = 1000; // what Instagram lets a person write
constexpr std::size_t max_message_id_bytes = 256;
constexpr int max_wait_seconds = 25;

enum class field { contact, text, message_id };

http_reply bad_request(std::string_view why) {
    return error_reply(400, why);
}

// The body with the `needed` fields, each checked; the error is the reply that names what is wrong.
std::expected<webhook_message, http_reply> read_message(const http_request& request,
                                                        std::initializer_list<field> needed) {
    const auto body = parsed_json(request.body);
    if (!body.is_object()) return std::unexpected(bad_request("the body must be a JSON object"));

    webhook_message message;
    message.at_ms = unix_ms_now();
    for (const auto name : needed) {
        if (name == field::contact) {
            message.contact = text_member(body, "contact");
            if (!is_simulator_contact(message.contact))
                return std::unexpected(bad_request("contact must be sim_ and 1 to 32 letters or digits"));
        } else if (name == field::text) {
            message.text = text_member(body, "text");
            if (trimmed(message.text).empty() || count_characters(message.text) > max_text_characters)
                return std::unexpected(bad_request("text must be a string of 1 to 1000 characters"));
        } else {
            message.message_id = text_member(body, "message_id");
            if (message.message_id.empty() || message.message_id.size() > max_message_id_bytes)
                return std::unexpected(bad_request("message_id must be the id of a message"));
        }
    }
    return message;
}

http_reply accepted(const webhook_message& message) {
    return json_reply(202, json_text({{"message_id", message.message_id}}));
}

// A new message by either side. Logged first, so that it precedes what it causes.
awaitable<http_reply> post_new(std::shared_ptr<simulator_state> state, webhook_message message,
                               std::string_view kind, std::string body, std::string audio = {}) {
    json fields{{"message_id", message.message_id}, {"text", message.text}};
    if (!audio.empty()) fields["audio"] = audio;
    state->log->append(message.contact, message.at_ms, kind, fields);
    const auto taken = co_await post_webhook(state, std::move(body));
    if (taken) co_return accepted(message);
    state->log->append(message.contact, unix_ms_now(), "failed",
                       {{"message_id", message.message_id}, {"reason", taken.error().detail}});
    co_return error_reply(502, taken.error().detail);
}

// A change of a message the customer sent and has not taken back.
awaitable<http_reply> post_change(std::shared_ptr<simulator_state> state, webhook_message message,
                                  std::string_view kind, json fields, std::string body) {
    const auto taken = co_await post_webhook(state, std::move(body));
    if (!taken) co_return error_reply(502, taken.error().detail);
    fields["message_id"] = message.message_id;
    state->log->append(message.contact, message.at_ms, kind, fields);
    co_return accepted(message);
}

std::optional<std::int64_t> number_in(const std::string& text, std::int64_t absent, std::int64_t max) {
    if (text.empty()) return absent;
    std::int64_t number = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (problem != std::errc{} || end != text.data() + text.size() || number < 0 || number > max)
        return std::nullopt;
    return number;
}

} // namespace

awaitable<http_reply> post_message(std::shared_ptr<simulator_state> state, http_request request) {
    auto message = read_message(request, {field::contact, field::text});
    if (!message) co_return message.error();
    message->message_id = new_meta_message_id();
    auto body = message_webhook(*message);
    co_return co_await post_new(std::move(state), *std::move(message), "message", std::move(body));
}

awaitable<http_reply> post_voice(std::shared_ptr<simulator_state> state, http_request request) {
    webhook_message message{.contact = request.query_value("contact"),
                            .message_id = new_meta_message_id(),
                            .at_ms = unix_ms_now()};
    if (!is_simulator_contact(message.contact))
        co_return bad_request("contact must be sim_ and 1 to 32 letters or digits");
    const std::string type(request.header("content-type"));
    if (!type.starts_with("audio/")) co_return error_reply(415, "the body must be audio");
    if (request.body.empty()) co_return bad_request("the recording is empty");
    const auto id = state->voices.add(message.message_id, type, std::move(request.body));
    const auto path = std::string(sandbox_media_path) + "/" + id;
    auto body = voice_webhook(message, state->self_url + path);
    co_return co_await post_new(std::move(state), std::move(message), "message", std::move(body), path);
}

awaitable<http_reply> post_human(std::shared_ptr<simulator_state> state, http_request request) {
    auto message = read_message(request, {field::contact, field::text});
    if (!message) co_return message.error();
    message->message_id = new_meta_message_id();
    auto body = echo_webhook(*message);
    co_return co_await post_new(std::move(state), *std::move(message), "human", std::move(body));
}

awaitable<http_reply> post_edit(std::shared_ptr<simulator_state> state, http_request request) {
    auto message = read_message(request, {field::contact, field::message_id, field::text});
    if (!message) co_return message.error();
    const auto logged = state->log->find_message(message->contact, message->message_id);
    if (!logged.known || logged.unsent) co_return error_reply(404, "no such message of this contact");
    const auto number = logged.edits + 1;
    auto body = edit_webhook(*message, number);
    json fields{{"text", message->text}, {"number", number}};
    co_return co_await post_change(std::move(state), *std::move(message), "edited", std::move(fields),
                                   std::move(body));
}

awaitable<http_reply> post_unsend(std::shared_ptr<simulator_state> state, http_request request) {
    auto message = read_message(request, {field::contact, field::message_id});
    if (!message) co_return message.error();
    const auto logged = state->log->find_message(message->contact, message->message_id);
    if (!logged.known || logged.unsent) co_return error_reply(404, "no such message of this contact");
    state->voices.remove(message->message_id);
    auto body = unsend_webhook(*message);
    co_return co_await post_change(std::move(state), *std::move(message), "unsent", json::object(),
                                   std::move(body));
}

awaitable<http_reply> get_events(std::shared_ptr<simulator_state> state, http_request request) {
    if (state->stopped)
        co_return error_reply(503,
                              "the server is stopping"); // or the page would ask at once, again and again
    const auto contact = request.query_value("contact");
    if (!is_simulator_contact(contact))
        co_return bad_request("contact must be sim_ and 1 to 32 letters or digits");
    const auto after = number_in(request.query_value("after"), 0, std::int64_t{1} << 53);
    if (!after) co_return bad_request("after must be a number given as next by an earlier answer");
    const auto wait = number_in(request.query_value("wait"), max_wait_seconds, max_wait_seconds);
    if (!wait) co_return bad_request("wait must be a number of seconds from 0 to 25");

    co_await state->log->wait(contact, *after, std::chrono::seconds(*wait));
    co_return json_reply(200, state->log->read(contact, *after));
}

awaitable<http_reply> get_state(std::shared_ptr<simulator_state> state, http_request) {
    const auto shop = state->settings.shop();
    const json body{{"profile", shop.profile},
                    {"profile_version", shop.profile_version},
                    {"profile_problems", shop.refused},
                    {"agent_name", shop.agent_name},
                    {"suggestions", shop.suggestions},
                    {"demo", shop.demo},
                    {"model", shop.model},
                    {"account", simulator_account},
                    {"version", ATENDE_VERSION}};
    co_return json_reply(200, json_text(body));
}

} // namespace atende
