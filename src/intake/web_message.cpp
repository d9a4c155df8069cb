#include "intake/web_message.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <atende/platform/json.hpp>
#include <atende/platform/text.hpp>

namespace atende {
namespace {

using nlohmann::json;

// Nothing if it is there and not a text.
std::optional<std::string> text_in(const json& body, const char* field) {
    const auto found = body.find(field);
    if (found == body.end() || found->is_null()) return std::string();
    if (!found->is_string()) return std::nullopt;
    return found->get<std::string>();
}

std::unexpected<http_reply> wrong(int status, std::string_view what) {
    return std::unexpected(error_reply(status, what));
}

} // namespace

bool is_web_name(std::string_view text) {
    const auto fits = [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '_';
    };
    return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, fits);
}

std::expected<web_message, http_reply> read_web_message(std::string_view body, std::size_t most_characters) {
    const json read = parsed_json(body);
    if (!read.is_object())
        return wrong(400, "expected a JSON object with message, and session_id after the first");
    const auto text = text_in(read, "message");
    const auto session = text_in(read, "session_id");
    const auto id = text_in(read, "message_id");
    if (!text || trimmed(*text).empty()) return wrong(400, "message: expected a text");
    if (count_characters(*text) > most_characters)
        return wrong(413, "message: expected at most " + std::to_string(most_characters) + " characters");
    if (!session || (!session->empty() && !is_web_name(*session)))
        return wrong(400, "session_id: expected the one of an earlier answer");
    if (!id || (!id->empty() && !is_web_name(*id)))
        return wrong(400, "message_id: expected up to 64 letters, digits, - and _");
    return web_message{.session = *session, .text = *text, .id = *id};
}

} // namespace atende
