#include "turns/operator_records.hpp"

#include "turns/record_codec.hpp"
#include "turns/script_reply.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <atende/platform/json.hpp>
#include <charconv>
#include <map>

namespace atende {
namespace {

std::int64_t number_in(std::string_view text) {
    std::int64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

stored_send* send_of_field(std::map<std::int64_t, stored_send>& sends, std::string_view field) {
    const auto colon = field.find(':');
    if (colon == std::string_view::npos) return nullptr;
    const std::int64_t id = number_in(field.substr(colon + 1));
    auto& send = sends[id];
    send.id = id;
    return &send;
}

} // namespace

std::int64_t number(const redis_reply& reply) {
    return reply.what == redis_reply::kind::integer ? reply.integer : number_in(reply.text);
}

std::int64_t redis_time_ms(const redis_reply& time) {
    return number(item(time, 0)) * 1'000 + number(item(time, 1)) / 1'000;
}

std::vector<redis_command> summary_commands(const conversation_keys& keys) {
    return {{"HMGET", keys.state(), "state", "epoch", "pause", "paused_by", "attempt", "deferred"},
            {"LLEN", keys.inbox()},
            {"LLEN", keys.queue()},
            {"ZSCORE", keys.due(), keys.member()}};
}

conversation_summary summary_of(const conversation_id& id, std::span<const redis_reply> replies,
                                std::int64_t now_ms) {
    using condition = conversation_summary::condition;
    const redis_reply& known = replies[0];
    conversation_summary summary{.id = id,
                                 .unanswered = replies[1].integer,
                                 .unsent = replies[2].integer,
                                 .epoch = number(item(known, 1)),
                                 .attempt = number(item(known, 4)),
                                 .deferred = number(item(known, 5))};
    if (replies[3].what != redis_reply::kind::nil) summary.due_in = milliseconds(number(replies[3]) - now_ms);
    if (const std::int64_t until = number(item(known, 2)); until > now_ms) {
        summary.is = condition::paused;
        summary.paused_until_ms = until;
        summary.paused_by = item(known, 3).text;
    } else if (item(known, 0).text == "run") {
        summary.is = condition::thinking;
    } else if (summary.unanswered > 0 || summary.unsent > 0) {
        summary.is = condition::waiting;
    }
    return summary;
}

std::vector<stored_send> sends_of(const redis_reply& outbox) {
    std::map<std::int64_t, stored_send> sends;
    for (std::size_t i = 0; i + 1 < outbox.items.size(); i += 2) {
        const std::string& field = outbox.items[i].text;
        const redis_reply& value = outbox.items[i + 1];
        stored_send* const send = send_of_field(sends, field);
        if (!send) continue;
        if (field.starts_with("state:")) send->state = value.text;
        if (field.starts_with("text:")) send->text = value.text;
        if (field.starts_with("audio:")) send->audio = true;
        if (field.starts_with("attempt:")) send->attempt = number(value);
        if (field.starts_with("begun:")) send->begun_ms = number(value);
        if (field.starts_with("looks:")) send->looks = number(value);
        if (field.starts_with("reason:")) send->reason = value.text;
    }
    std::vector<stored_send> ordered;
    ordered.reserve(sends.size());
    for (auto& [id, send] : sends) ordered.push_back(std::move(send));
    return ordered;
}

void fill(stored_send& send, const redis_reply& fields) {
    send.state = item(fields, 0).text;
    send.text = item(fields, 1).text;
    send.attempt = number(item(fields, 2));
    send.begun_ms = number(item(fields, 3));
    send.looks = number(item(fields, 4));
    send.reason = item(fields, 5).text;
    send.audio = !item(fields, 6).text.empty();
}

std::optional<ambiguous_send> parse_send_name(std::string_view name) {
    const auto hash = name.rfind('#');
    if (hash == std::string_view::npos) return std::nullopt;
    auto conversation = parse_conversation_id(name.substr(0, hash));
    if (!conversation) return std::nullopt;
    ambiguous_send named{.conversation = *std::move(conversation), .send = {}, .named_ms = 0};
    named.send.id = number_in(name.substr(hash + 1));
    return named;
}

std::optional<dead_letter> parse_dead_letter(std::string_view field, std::string_view value) {
    const auto space = field.find(' ');
    if (space == std::string_view::npos || value.empty()) return std::nullopt;
    auto conversation = parse_conversation_id(field.substr(0, space));
    if (!conversation) return std::nullopt;
    dead_letter letter{.conversation = *std::move(conversation),
                       .id = message_id(std::string(field.substr(space + 1)))};
    const auto from = nlohmann::json::parse(value, nullptr, false);
    if (!from.is_object()) return letter;
    letter.set_aside_ms = number_member(from, "at");
    letter.attempts = number_member(from, "attempts");
    letter.reason = text_member(from, "reason");
    if (auto heard = decode_inbox_item(text_member(from, "item"))) letter.message = *std::move(heard);
    return letter;
}

void add_dead_letters(std::vector<dead_letter>& to, const redis_reply& fields) {
    for (std::size_t i = 0; i + 1 < fields.items.size(); i += 2) {
        auto letter = parse_dead_letter(fields.items[i].text, fields.items[i + 1].text);
        // HSCAN may show a field twice.
        const auto same = [&letter](const dead_letter& l) {
            return l.id == letter->id && l.conversation == letter->conversation;
        };
        if (letter && std::ranges::none_of(to, same)) to.push_back(*std::move(letter));
    }
}

std::optional<conversation_id> conversation_of_key(std::string_view key) {
    const auto begin = key.find(":c:");
    const auto end = key.rfind(':');
    if (begin == std::string_view::npos || end <= begin + 3) return std::nullopt;
    auto id = parse_conversation_id(key.substr(begin + 3, end - begin - 3));
    if (!id) return std::nullopt;
    return *std::move(id);
}

} // namespace atende
