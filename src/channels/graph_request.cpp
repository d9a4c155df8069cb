#include "channels/graph_request.hpp"

#include "channels/graph_error.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <atende/platform/json.hpp>
#include <atende/platform/text.hpp>
#include <atende/platform/unix_time.hpp>
#include <ctime>
#include <utility>

namespace atende {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

constexpr std::size_t messages_shown = 20;              // Graph tells nothing of older ones
constexpr std::chrono::milliseconds graph_rounding{2s}; // its times are whole seconds

http_call start_call(const instagram_settings& settings, std::string method, std::string_view path) {
    http_call call;
    call.method = std::move(method);
    call.url = graph_url(settings, path);
    call.headers.emplace_back("Authorization", "Bearer " + settings.access_token);
    call.max_answer_bytes = 1 << 20;
    return call;
}

http_call post_json(const instagram_settings& settings, const json& body) {
    const std::string_view account = settings.account.empty() ? "me" : std::string_view(settings.account);
    http_call call = start_call(settings, "POST", fmt::format("{}/messages", account));
    call.headers.emplace_back("Content-Type", "application/json");
    call.body = json_text(body);
    return call;
}

http_call message_post(const instagram_settings& settings, const contact_id& to, json message) {
    http_call call =
        post_json(settings, {{"recipient", {{"id", to.value}}}, {"message", std::move(message)}});
    call.connect_timeout = 3s;
    call.timeout = 15s;
    call.repeatable = false;
    return call;
}

// Unix ms; 0 if the text is something else.
std::int64_t parsed_time_ms(const std::string& text, const char* format) {
    std::tm parts{};
    if (strptime(text.c_str(), format, &parts) == nullptr) return 0;
    const auto offset = parts.tm_gmtoff; // timegm() resets it
    return (static_cast<std::int64_t>(timegm(&parts)) - offset) * 1'000;
}

// "2026-11-21T10:00:00+0000"
std::int64_t created_ms(const json& message) {
    return parsed_time_ms(text_member(message, "created_time"), "%Y-%m-%dT%H:%M:%S%z");
}

// When Graph gave the answer, by its own clock: ours may be wrong.
std::int64_t answered_ms(const http_answer& answer) {
    const std::string date(answer.header("date")); // "Sat, 21 Nov 2026 10:00:00 GMT"
    if (const auto at = parsed_time_ms(date, "%a, %d %b %Y %H:%M:%S")) return at;
    return unix_ms_now();
}

// Graph names an audio in more than one way; a picture is none in any.
bool holds_an_audio(const json& message) {
    const auto list = "/attachments/data"_json_pointer;
    if (!text_member(message, "message").empty()) return false;
    if (!message.contains(list) || !message.at(list).is_array() || message.at(list).size() != 1) return false;
    const json& only = message.at(list).front();
    return only.is_object() && !only.contains("image_data") &&
           !text_member(only, "mime_type").starts_with("image/");
}

attachment read_fetched_attachment(const json& source) {
    attachment out;
    out.platform_type = text_member(source, "mime_type");
    out.title = text_member(source, "name");
    for (const char* kind : {"image_data", "video_data"}) {
        if (out.url.empty()) out.url = text_member(json_member(source, kind), "url");
    }
    if (out.url.empty()) out.url = text_member(source, "file_url");
    const std::string_view type = out.platform_type;
    if (type.starts_with("image/")) {
        out.kind = attachment_kind::image;
    } else if (type.starts_with("video/")) {
        out.kind = attachment_kind::video;
    } else if (type.starts_with("audio/")) {
        out.kind = attachment_kind::audio;
    } else if (!type.empty()) {
        out.kind = attachment_kind::file;
    }
    return out;
}

} // namespace

std::string graph_url(const instagram_settings& settings, std::string_view path) {
    std::string_view base = settings.base_url;
    while (base.ends_with('/')) base.remove_suffix(1);
    return fmt::format("{}/{}/{}", base, settings.api_version, path);
}

bool may_reach(const instagram_settings& settings, const conversation_id& to) {
    if (settings.simulated) return is_simulated(to.account) && is_simulated(to.contact);
    return !is_simulated(to.account) && !is_simulated(to.contact);
}

std::string crossing_reason(const instagram_settings& settings) {
    return settings.simulated ? "the simulator's channel writes to simulated contacts only"
                              : "simulated contacts are never written to through the real platform";
}

http_call text_call(const instagram_settings& settings, const contact_id& to, std::string_view text) {
    return message_post(settings, to, {{"text", text}});
}

http_call audio_call(const instagram_settings& settings, const contact_id& to, std::string_view audio) {
    std::string_view base = settings.audio_base_url;
    while (base.ends_with('/')) base.remove_suffix(1);
    const json payload{{"url", fmt::format("{}/{}", base, audio)}};
    return message_post(settings, to, {{"attachment", {{"type", "audio"}, {"payload", payload}}}});
}

http_call action_call(const instagram_settings& settings, const contact_id& to, std::string_view action) {
    http_call call = post_json(settings, {{"recipient", {{"id", to.value}}}, {"sender_action", action}});
    call.connect_timeout = 3s;
    call.timeout = 5s;
    return call;
}

http_call message_call(const instagram_settings& settings, const message_id& id) {
    constexpr std::string_view fields = "message,from,to,created_time,attachments";
    http_call call =
        start_call(settings, "GET", fmt::format("{}?fields={}", percent_encoded(id.value), fields));
    call.connect_timeout = 3s;
    call.timeout = 10s;
    return call;
}

// https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/conversations-api
http_call conversation_call(const instagram_settings& settings, const contact_id& with,
                            const send_intent& sent) {
    const std::string_view more = sent.audio.empty() ? "" : ",attachments";
    http_call call = start_call(
        settings, "GET",
        fmt::format("{}/conversations?platform=instagram&user_id={}&fields={}",
                    settings.account.empty() ? "me" : settings.account, percent_encoded(with.value),
                    percent_encoded(fmt::format("messages.limit({}){{id,created_time,from,message{}}}",
                                                messages_shown, more))));
    call.connect_timeout = 3s;
    call.timeout = 10s;
    return call;
}

result<std::vector<message_id>> find_in_conversation(const http_answer& answer, const contact_id& with,
                                                     const send_intent& sent, std::chrono::milliseconds age) {
    if (answer.status != 200) return fail(errc::unavailable, classify_graph_answer(answer).reason);
    const json body = parsed_json(answer.body);
    const auto threads = "/data"_json_pointer;
    if (!body.is_object() || !body.contains(threads) || !body.at(threads).is_array())
        return fail(errc::protocol, "Graph answered something else than a list of conversations");
    const std::int64_t since_ms = answered_ms(answer) - age.count() - graph_rounding.count();
    const std::string wanted = without_white_space(sent.text);
    const auto is_like_sent = [&](const json& message) {
        if (!sent.audio.empty()) return holds_an_audio(message);
        return without_white_space(text_member(message, "message")) == wanted;
    };
    std::vector<message_id> found;
    bool complete = false;
    for (const json& thread : body.at(threads)) {
        const auto list = "/messages/data"_json_pointer;
        if (!thread.is_object() || !thread.contains(list) || !thread.at(list).is_array()) continue;
        const bool more =
            thread.at(list).size() >= messages_shown ||
            !text_member(json_member(json_member(thread, "messages"), "paging"), "next").empty();
        if (!more) complete = true;
        for (const json& message : thread.at(list)) { // newest first
            const std::int64_t created = created_ms(message);
            if (created > 0 && created < since_ms) complete = true;
            const auto from = text_member(json_member(message, "from"), "id");
            const auto id = text_member(message, "id");
            const bool ours = !from.empty() && from != with.value && !id.empty();
            if (ours && created >= since_ms && is_like_sent(message)) found.emplace_back(id);
        }
    }
    if (found.empty() && !complete)
        return fail(errc::unavailable, "Graph does not show the conversation since the message was sent");
    return found;
}

result<customer_message> read_message_answer(const http_answer& answer, const message_id& id) {
    if (answer.status != 200) {
        send_outcome refusal = classify_graph_answer(answer);
        const bool for_good = refusal.status == send_status::rejected;
        return fail(for_good ? errc::rejected : errc::unavailable, std::move(refusal.reason));
    }
    const json body = parsed_json(answer.body);
    if (!body.is_object()) return fail(errc::protocol, "Graph answered something else than a message");
    customer_message out;
    out.id = id;
    out.text = text_member(body, "message");
    if (const auto list = "/attachments/data"_json_pointer; body.contains(list) && body.at(list).is_array()) {
        for (const json& item : body.at(list)) out.attachments.push_back(read_fetched_attachment(item));
    }
    out.content_withheld = out.text.empty() && out.attachments.empty();
    return out;
}

} // namespace atende
