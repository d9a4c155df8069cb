#include "simulator/meta_webhook.hpp"

#include <nlohmann/json.hpp>

#include <atende/simulator/simulator.hpp>

namespace atende {

namespace {

using json = nlohmann::ordered_json;

std::string in_meta_spelling(const json& body) {
    const auto ascii = body.dump(-1, ' ', true);
    std::string spelled;
    spelled.reserve(ascii.size() + 16);
    for (const char c : ascii) {
        if (c == '/') spelled += '\\';
        spelled += c;
    }
    return spelled;
}

std::string webhook(std::string_view sender, std::string_view recipient, std::int64_t at_ms,
                    std::string_view key, json content) {
    json event{{"sender", {{"id", sender}}}, {"recipient", {{"id", recipient}}}, {"timestamp", at_ms}};
    event[std::string(key)] = std::move(content);
    json entry{{"time", at_ms}, {"id", simulator_account}, {"messaging", json::array({std::move(event)})}};
    return in_meta_spelling(json{{"object", "instagram"}, {"entry", json::array({std::move(entry)})}});
}

} // namespace

std::string message_webhook(const webhook_message& message) {
    return webhook(message.contact, simulator_account, message.at_ms, "message",
                   {{"mid", message.message_id}, {"text", message.text}});
}

std::string voice_webhook(const webhook_message& message, std::string_view link) {
    const json voice{{"type", "audio"}, {"payload", {{"url", link}}}};
    return webhook(message.contact, simulator_account, message.at_ms, "message",
                   {{"mid", message.message_id}, {"attachments", json::array({voice})}});
}

std::string edit_webhook(const webhook_message& message, int number) {
    return webhook(message.contact, simulator_account, message.at_ms, "message_edit",
                   {{"mid", message.message_id}, {"text", message.text}, {"num_edit", number}});
}

std::string unsend_webhook(const webhook_message& message) {
    return webhook(message.contact, simulator_account, message.at_ms, "message",
                   {{"mid", message.message_id}, {"is_deleted", true}});
}

std::string echo_webhook(const webhook_message& message) {
    if (!message.audio_url.empty()) {
        json attachment{{"type", "audio"}, {"payload", {{"url", message.audio_url}}}};
        return webhook(simulator_account, message.contact, message.at_ms, "message",
                       {{"mid", message.message_id},
                        {"is_echo", true},
                        {"attachments", json::array({std::move(attachment)})}});
    }
    return webhook(simulator_account, message.contact, message.at_ms, "message",
                   {{"mid", message.message_id}, {"text", message.text}, {"is_echo", true}});
}

std::string new_meta_message_id() {
    return "aWdfZAG1faXRlbToxOklHTWVzc2FnZAUlEOj" + random_token(72) + "ZDZD";
}

std::string webhook_signature(hmac_sha256& key, std::string_view body) {
    const auto digest = key.sign(body);
    return "sha256=" + to_hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

} // namespace atende
