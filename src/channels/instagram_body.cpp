#include "channels/instagram_body.hpp"

#include "channels/json_field.hpp"

#include <fmt/format.h>

#include <array>
#include <limits>
#include <utility>

namespace atende::instagram {
namespace {

using simdjson::dom::object;

attachment_kind kind_of_attachment(std::string_view type) {
    static constexpr std::array<std::pair<std::string_view, attachment_kind>, 15> kinds{{
        {"image", attachment_kind::image},
        {"video", attachment_kind::video},
        {"audio", attachment_kind::audio},
        {"file", attachment_kind::file},
        {"share", attachment_kind::shared_post},
        {"ig_post", attachment_kind::shared_post},
        {"post", attachment_kind::shared_post},
        {"ig_reel", attachment_kind::reel},
        {"reel", attachment_kind::reel},
        {"story", attachment_kind::story},
        {"ig_story", attachment_kind::story},
        {"story_mention", attachment_kind::story_mention},
        {"ephemeral", attachment_kind::ephemeral},
        {"sticker", attachment_kind::sticker},
        {"unsupported_type", attachment_kind::unsupported},
    }};
    for (const auto& [name, kind] : kinds) {
        if (name == type) return kind;
    }
    return attachment_kind::other;
}

attachment read_attachment(simdjson::dom::element source) {
    attachment out;
    object fields;
    if (source.get(fields) != simdjson::SUCCESS) return out;
    // Link previews ("fallback") carry title and url beside the payload instead of inside it.
    const object payload = field::as_object(fields, "payload").value_or(fields);
    out.platform_type = field::text(fields, "type");
    out.kind = kind_of_attachment(out.platform_type);
    out.url = field::text(payload, "url");
    if (out.url.empty()) out.url = field::text(fields, "url");
    out.title = field::text(payload, "title");
    if (out.title.empty()) out.title = field::text(fields, "title");
    return out;
}

std::vector<attachment> read_attachments(object message) {
    std::vector<attachment> out;
    if (const auto items = field::as_array(message, "attachments")) {
        out.reserve(items->size());
        for (const auto item : *items) out.push_back(read_attachment(item));
    }
    return out;
}

referral read_referral(object source) {
    referral out;
    out.ref = field::text(source, "ref");
    out.source = field::text(source, "source");
    out.type = field::text(source, "type");
    out.ad_id = field::id(source, "ad_id");
    if (const auto ad = field::as_object(source, "ads_context_data"))
        out.ad_title = field::text(*ad, "ad_title");
    if (const auto product = field::as_object(source, "product")) out.product_id = field::id(*product, "id");
    return out;
}

std::optional<referral> referral_in(object source) {
    const auto found = field::as_object(source, "referral");
    return found ? std::optional(read_referral(*found)) : std::nullopt;
}

message_id mid_in(object source) {
    return message_id(std::string(field::text(source, "mid")));
}

customer_message read_customer_message(object source, message_id id) {
    customer_message out;
    out.id = std::move(id);
    out.text = field::text(source, "text");
    out.attachments = read_attachments(source);
    if (const auto tapped = field::as_object(source, "quick_reply")) {
        out.quick_reply_payload = field::text(*tapped, "payload");
    }
    if (const auto reply_to = field::as_object(source, "reply_to")) {
        out.reply_to = mid_in(*reply_to);
        if (const auto story = field::as_object(*reply_to, "story")) {
            out.story = story_reference{field::id(*story, "id"), std::string(field::text(*story, "url"))};
        }
    }
    out.came_from = referral_in(source);
    out.unsupported = field::is_true(source, "is_unsupported");
    out.content_withheld = out.text.empty() && out.attachments.empty() && !out.unsupported;
    return out;
}

echo read_echo(const parties& who, object source, message_id id) {
    echo out;
    out.id = std::move(id);
    out.text = field::text(source, "text");
    out.attachments = read_attachments(source);
    out.app_id = field::id(source, "app_id");
    out.to_self = who.to_self || field::is_true(source, "is_self");
    out.unsent = field::is_true(source, "is_deleted");
    return out;
}

std::optional<body_reading> as_message(const parties& who, std::int64_t, object source) {
    message_id id = mid_in(source);
    if (id.empty()) return std::nullopt;
    std::string mid = id.value;
    const bool unsent = field::is_true(source, "is_deleted");
    if (who.from_account) {
        return body_reading{read_echo(who, source, std::move(id)), unsent ? "echo-del" : "echo",
                            std::move(mid)};
    }
    if (unsent) return body_reading{message_unsent{std::move(id)}, "del", std::move(mid)};
    if (who.contact.empty()) return std::nullopt;
    return body_reading{read_customer_message(source, std::move(id)), "in", std::move(mid)};
}

// Number 0 is no edit but a new message, announced without its text where the app gets `message_edit` and not
// `messages`. Such an announcement has a key of its own: it must not make the message itself a duplicate.
std::optional<body_reading> as_edit(const parties& who, std::int64_t, object source) {
    message_id id = mid_in(source);
    const std::int64_t number = field::integer(source, "num_edit").value_or(-1);
    if (id.empty() || number < 0 || number > std::numeric_limits<int>::max()) return std::nullopt;
    const bool withheld = field::text(source, "text").empty();
    std::string mid = id.value;
    if (number == 0 && who.from_account) {
        echo written = read_echo(who, source, std::move(id));
        if (!withheld) return body_reading{std::move(written), "echo", std::move(mid)};
        return body_reading{std::move(written), "edit", std::move(mid) + ":0"};
    }
    if (number == 0 && !who.contact.empty()) {
        customer_message written = read_customer_message(source, std::move(id));
        if (!withheld) return body_reading{std::move(written), "in", std::move(mid)};
        return body_reading{std::move(written), "edit", std::move(mid) + ":0"};
    }
    message_edit edit{std::move(id), std::string(field::text(source, "text")), static_cast<int>(number)};
    return body_reading{std::move(edit), "edit", fmt::format("{}:{}", mid, number)};
}

std::optional<body_reading> as_postback(const parties& who, std::int64_t, object source) {
    if (who.contact.empty()) return std::nullopt;
    postback out;
    out.id = mid_in(source);
    out.title = field::text(source, "title");
    out.payload = field::text(source, "payload");
    out.came_from = referral_in(source);
    std::string mid = out.id.value;
    return body_reading{std::move(out), "pb", std::move(mid)};
}

std::optional<body_reading> as_reaction(const parties& who, std::int64_t at_ms, object source) {
    reaction out;
    out.id = mid_in(source);
    if (out.id.empty()) return std::nullopt;
    const std::string_view action = field::text(source, "action");
    out.removed = action == "unreact";
    out.name = field::text(source, "reaction");
    out.emoji = field::text(source, "emoji");
    const std::string& sender = who.from_account ? who.account : who.contact;
    std::string rest = fmt::format("{}:{}:{}:{}", out.id.value, sender, action, at_ms);
    return body_reading{std::move(out), "re", std::move(rest)};
}

std::optional<body_reading> as_read_receipt(const parties&, std::int64_t, object source) {
    read_receipt out{mid_in(source)};
    if (out.id.empty()) return std::nullopt;
    std::string mid = out.id.value;
    return body_reading{std::move(out), "rd", std::move(mid)};
}

std::optional<body_reading> as_referral(const parties&, std::int64_t, object source) {
    return body_reading{referral_opened{read_referral(source)}, {}, {}};
}

std::optional<body_reading> as_opt_in(const parties&, std::int64_t, object source) {
    opt_in out;
    out.type = field::text(source, "type");
    out.title = field::text(source, "title");
    out.payload = field::text(source, "payload");
    return body_reading{std::move(out), {}, {}};
}

template <thread_control::change Change>
std::optional<body_reading> as_thread_control(const parties&, std::int64_t, object source) {
    constexpr bool requested = Change == thread_control::change::requested;
    thread_control out;
    out.what = Change;
    out.new_owner = field::id(source, requested ? "requested_owner_app_id" : "new_owner_app_id");
    out.previous_owner = field::id(source, "previous_owner_app_id");
    out.metadata = field::text(source, "metadata");
    return body_reading{std::move(out), {}, {}};
}

std::optional<body_reading> as_policy_enforcement(const parties&, std::int64_t, object source) {
    policy_enforcement out;
    out.action = field::text(source, "action");
    out.reason = field::text(source, "reason");
    return body_reading{std::move(out), {}, {}};
}

constexpr std::array<body_kind, 11> kinds{{
    {"message", as_message},
    {"read", as_read_receipt},
    {"reaction", as_reaction},
    {"postback", as_postback, true},
    {"message_edit", as_edit},
    {"referral", as_referral, true},
    {"optin", as_opt_in, true},
    {"pass_thread_control", as_thread_control<thread_control::change::passed>},
    {"take_thread_control", as_thread_control<thread_control::change::taken>},
    {"request_thread_control", as_thread_control<thread_control::change::requested>},
    {"policy-enforcement", as_policy_enforcement},
}};

} // namespace

const body_kind* find_body_kind(object event) {
    for (const body_kind& kind : kinds) {
        if (field::as_object(event, kind.name)) return &kind;
    }
    return nullptr;
}

} // namespace atende::instagram
