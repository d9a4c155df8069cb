#include "simulator/sandbox_graph.hpp"

#include "simulator/contact.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <atende/platform/crypto.hpp>
#include <atende/platform/json.hpp>
#include <initializer_list>
#include <optional>

namespace atende {

namespace {

using nlohmann::json;

constexpr std::size_t max_text_bytes = 1000;

std::unexpected<http_reply> refuse(int status, std::string_view type, int code, std::optional<int> subcode,
                                   std::string_view message) {
    json error{{"message", message}, {"type", type}, {"code", code}, {"fbtrace_id", random_token(12)}};
    if (subcode) error["error_subcode"] = *subcode;
    return std::unexpected(json_reply(status, json_text({{"error", std::move(error)}})));
}

std::unexpected<http_reply> invalid_parameter(const std::string& what) {
    return refuse(400, "OAuthException", 100, std::nullopt, "(#100) " + what);
}

bool is_json(std::string_view content_type) {
    return content_type.substr(0, content_type.find_first_of("; ")) == "application/json";
}

// The first key of `object` Meta would not know; empty if it knows them all. Keys are not echoed further than
// this.
std::string unknown_key(const json& object, std::initializer_list<std::string_view> known) {
    for (const auto& [key, value] : object.items())
        if (std::ranges::find(known, key) == known.end()) return key;
    return {};
}

std::optional<sender_action> parse_action(std::string_view name) {
    if (name == "typing_on") return sender_action::typing_on;
    if (name == "typing_off") return sender_action::typing_off;
    if (name == "mark_seen") return sender_action::mark_seen;
    return std::nullopt;
}

// Empty if it is something else.
std::string audio_url_in(const json& attachment) {
    if (!attachment.is_object() || !unknown_key(attachment, {"type", "payload"}).empty()) return {};
    const auto payload = attachment.find("payload");
    if (payload == attachment.end() || !payload->is_object() || !unknown_key(*payload, {"url"}).empty())
        return {};
    return text_member(attachment, "type") == "audio" ? text_member(*payload, "url") : std::string{};
}

std::expected<sandbox_send, http_reply> read_content(const json& body, sandbox_send send) {
    const bool has_message = body.contains("message");
    if (has_message && body.contains("sender_action"))
        return invalid_parameter("Only one of message and sender_action can be sent.");

    if (!has_message) {
        const auto action = parse_action(text_member(body, "sender_action"));
        if (!action)
            return invalid_parameter("Param sender_action must be one of typing_on, typing_off, mark_seen.");
        send.action = *action;
        return send;
    }

    const auto& message = body["message"];
    if (!message.is_object()) return invalid_parameter("Param message must be an object.");
    if (!unknown_key(message, {"text", "attachment"}).empty())
        return invalid_parameter("Param message has an unknown key.");
    if (message.contains("attachment")) {
        send.audio_url = audio_url_in(message["attachment"]);
        if (send.audio_url.empty() || message.contains("text"))
            return invalid_parameter("Param message[attachment] must be an audio with a url, and alone.");
        return send;
    }
    send.text = text_member(message, "text");
    if (send.text.empty() || send.text.size() > max_text_bytes)
        return invalid_parameter("Param message[text] must be a UTF-8 string of 1 to 1000 bytes.");
    return send;
}

} // namespace

std::expected<sandbox_send, http_reply> read_sandbox_send(const http_request& request,
                                                          std::string_view access_token) {
    constexpr std::string_view scheme = "Bearer ";
    const auto authorization = request.header("authorization");
    if (access_token.empty() || !authorization.starts_with(scheme) ||
        !equal_in_constant_time(authorization.substr(scheme.size()), access_token))
        return refuse(401, "OAuthException", 190, std::nullopt, "Invalid OAuth access token.");
    if (!is_json(request.header("content-type")))
        return invalid_parameter("Content-Type must be application/json.");

    const auto body = parsed_json(request.body);
    if (!body.is_object()) return invalid_parameter("The body must be a JSON object.");
    if (!unknown_key(body, {"recipient", "message", "sender_action"}).empty())
        return invalid_parameter("The body has an unknown key.");

    const auto recipient = body.find("recipient");
    if (recipient == body.end() || !recipient->is_object() || !unknown_key(*recipient, {"id"}).empty())
        return invalid_parameter("Param recipient must be an object with only an id.");
    auto id = text_member(*recipient, "id");
    if (!is_simulator_contact(id))
        return refuse(400, "IGApiException", 100, 2534014, "No matching Instagram user");
    return read_content(body, {.recipient = std::move(id), .text = {}, .action = sender_action::none});
}

http_reply sandbox_cannot_fetch() {
    return refuse(400, "OAuthException", 100, 2018008, "Failed to fetch the file from the url").error();
}

http_reply sandbox_accepted(std::string_view recipient, std::string_view message_id) {
    json body{{"recipient_id", recipient}};
    if (!message_id.empty()) body["message_id"] = message_id;
    return json_reply(200, json_text(body));
}

} // namespace atende
