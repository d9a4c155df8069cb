#include "channels/instagram_event.hpp"

#include "channels/instagram_body.hpp"
#include "channels/json_field.hpp"

#include <fmt/format.h>

#include <atende/platform/crypto.hpp>
#include <atende/platform/log.hpp>
#include <utility>

namespace atende::instagram {
namespace {

using simdjson::dom::element;
using simdjson::dom::object;

// One that is not plain counts as missing.
std::string as_party(std::string id) {
    return is_plain_id(id) ? std::move(id) : std::string{};
}

std::string party_in(object from, std::string_view key) {
    const auto party = field::as_object(from, key);
    return party ? as_party(field::id(*party, "id")) : std::string{};
}

void set_key(event& out, std::string_view kind, std::string_view rest) {
    const std::string& account = out.conversation.account.value;
    out.idempotency_key.reserve(kind.size() + account.size() + rest.size() + 2);
    out.idempotency_key.append(kind).append(1, ':').append(account).append(1, ':').append(rest);
}

void set_key_by_content(event& out, element source) {
    set_key(out, "ev", sha256_hex(field::canonical_text(source)));
}

event start_event(const entry_context& entry, std::string account, std::string contact, std::int64_t at_ms) {
    event out;
    out.conversation.account = account_id(account.empty() ? as_party(entry.id) : std::move(account));
    out.conversation.contact = contact_id(std::move(contact));
    out.occurred_at_ms = at_ms > 0 ? at_ms : entry.time_ms;
    return out;
}

parties find_parties(const entry_context& entry, object source, object body, const body_kind& kind) {
    std::string sender = party_in(source, "sender");
    std::string recipient = party_in(source, "recipient");
    parties out;
    // An echo without its flag would be answered, and that answer echoed: the account's own id is flag
    // enough.
    out.from_account =
        field::is_true(body, "is_echo") || (!kind.by_customer && !sender.empty() && sender == entry.id);
    out.to_self = out.from_account && !sender.empty() && sender == recipient;
    if (out.from_account) std::swap(sender, recipient);
    out.account = std::move(recipient);
    out.contact = std::move(sender);
    if (out.account.empty()) out.account = as_party(entry.id);
    return out;
}

bool comes_from_dashboard(const entry_context& entry, object source, object body) {
    return entry.id == "0" || field::text(body, "mid") == "random_mid" ||
           (party_in(source, "sender") == "12334" && party_in(source, "recipient") == "23245");
}

// The button sends the same ids and times whenever it is pressed; the entry's time tells the presses apart.
event read_dashboard_test(event out, const entry_context& entry, element source, std::string_view text) {
    out.body = dashboard_test{std::string(text)};
    set_key(out, "test", sha256_hex(fmt::format("{}{}", entry.time_ms, field::canonical_text(source))));
    return out;
}

event read_known(const entry_context& entry, element source, object fields, const body_kind& kind) {
    const object body = *field::as_object(fields, kind.name);
    const std::int64_t at_ms = field::unix_ms(fields, "timestamp");
    const parties who = find_parties(entry, fields, body, kind);
    event out = start_event(entry, who.account, who.contact, at_ms);
    if (comes_from_dashboard(entry, fields, body)) {
        return read_dashboard_test(std::move(out), entry, source, field::text(body, "text"));
    }
    std::optional<body_reading> reading = kind.read(who, at_ms, body);
    if (!reading || who.account.empty()) {
        out.body = unknown_event{fmt::format("unreadable {} ({})", kind.name, field::names(body))};
        set_key_by_content(out, source);
        return out;
    }
    out.body = std::move(reading->body);
    if (reading->key_rest.empty()) {
        set_key_by_content(out, source);
    } else {
        set_key(out, reading->key_kind, reading->key_rest);
    }
    return out;
}

std::optional<event> read_comment(const entry_context& entry, object value, bool live) {
    comment out;
    out.id = field::id(value, "id");
    if (out.id.empty()) out.id = field::id(value, "comment_id");
    if (out.id.empty()) return std::nullopt;
    out.text = field::text(value, "text");
    out.author_id = party_in(value, "from");
    out.parent_id = field::id(value, "parent_id");
    if (const auto from = field::as_object(value, "from")) out.author_name = field::text(*from, "username");
    if (const auto media = field::as_object(value, "media")) {
        out.media_id = field::id(*media, "id");
        out.ad_id = field::id(*media, "ad_id");
    }
    out.live = live;
    out.by_account = !out.author_id.empty() && out.author_id == entry.id;
    event result = start_event(entry, {}, out.by_account ? std::string{} : out.author_id,
                               field::unix_ms(value, "timestamp"));
    set_key(result, "cm", out.id);
    result.body = std::move(out);
    return result;
}

std::optional<event> read_mention(const entry_context& entry, object value) {
    comment_mention out{field::id(value, "comment_id"), field::id(value, "media_id")};
    if (out.comment_id.empty() && out.media_id.empty()) return std::nullopt;
    event result = start_event(entry, {}, {}, field::unix_ms(value, "timestamp"));
    set_key(result, "mn", fmt::format("{}:{}", out.comment_id, out.media_id));
    result.body = std::move(out);
    return result;
}

} // namespace

event read_unknown(const entry_context& entry, element source, std::string description) {
    event out = start_event(entry, {}, {}, 0);
    out.body = unknown_event{std::move(description)};
    set_key_by_content(out, source);
    return out;
}

event read_messaging(const entry_context& entry, element source) {
    object fields;
    if (source.get(fields) != simdjson::SUCCESS)
        return read_unknown(entry, source, "an event that is no object");
    if (const body_kind* kind = find_body_kind(fields)) return read_known(entry, source, fields, *kind);
    return read_unknown(entry, source, field::names(fields));
}

event read_change(const entry_context& entry, element source) {
    object change;
    element value;
    object fields;
    if (source.get(change) != simdjson::SUCCESS || change["value"].get(value) != simdjson::SUCCESS ||
        value.get(fields) != simdjson::SUCCESS) {
        return read_unknown(entry, source, "a change without an object as its value");
    }
    if (find_body_kind(fields)) return read_messaging(entry, value);
    if (entry.id == "0") {
        return read_dashboard_test(start_event(entry, {}, {}, 0), entry, source, field::text(fields, "text"));
    }
    const std::string_view name = field::text(change, "field");
    std::optional<event> out;
    if (name == "comments" || name == "live_comments")
        out = read_comment(entry, fields, name == "live_comments");
    if (name == "mentions") out = read_mention(entry, fields);
    if (out) return std::move(*out);
    return read_unknown(entry, source, fmt::format("{} ({})", printable(name), field::names(fields)));
}

} // namespace atende::instagram
