#include "turns/record_codec.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <atende/conversation/said.hpp>
#include <atende/platform/broken_variant.hpp>
#include <atende/platform/json.hpp>
#include <atende/platform/json_writer.hpp>

namespace atende {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 12> attachment_names{
    "image", "video",         "audio",     "file",    "shared_post", "reel",
    "story", "story_mention", "ephemeral", "sticker", "unsupported", "other"};

std::string_view name_of(attachment_kind kind) {
    return attachment_names.at(static_cast<std::size_t>(kind));
}

attachment_kind kind_named(std::string_view name) {
    for (std::size_t i = 0; i < attachment_names.size(); ++i) {
        if (attachment_names.at(i) == name) return static_cast<attachment_kind>(i);
    }
    return attachment_kind::other;
}

constexpr std::array<std::string_view, 5> hearing_names{"", "heard", "not_understood", "too_long",
                                                        "only_seen"};

hearing hearing_named(std::string_view name) {
    const auto found = std::ranges::find(hearing_names, name);
    return found == hearing_names.end() ? hearing::none : static_cast<hearing>(found - hearing_names.begin());
}

void write_attachment(std::string& out, const attachment& a) {
    json_writer w(out);
    w.optional_text("kind", name_of(a.kind));
    w.optional_text("type", a.platform_type);
    w.optional_text("url", a.url);
    w.optional_text("title", a.title);
    w.end();
}

std::string encoded(const referral& r) {
    std::string out;
    json_writer w(out);
    w.optional_text("ref", r.ref);
    w.optional_text("source", r.source);
    w.optional_text("type", r.type);
    w.optional_text("ad_id", r.ad_id);
    w.optional_text("ad_title", r.ad_title);
    w.optional_text("product_id", r.product_id);
    w.end();
    return out;
}

void write_attachments(json_writer& w, const std::vector<attachment>& attachments) {
    if (attachments.empty()) return; // Lua cannot tell an empty list from an empty object
    w.list("attachments", attachments, write_attachment);
}

std::vector<attachment> attachments_of(const json& from) {
    std::vector<attachment> attachments;
    const auto list = from.find("attachments");
    if (list == from.end() || !list->is_array()) return attachments;
    for (const auto& a : *list) {
        if (!a.is_object()) continue;
        attachments.push_back({.kind = kind_named(text_member(a, "kind")),
                               .platform_type = text_member(a, "type"),
                               .url = text_member(a, "url"),
                               .title = text_member(a, "title"),
                               .sound = hearing_named(text_member(a, "sound")),
                               .words = text_member(a, "words"),
                               .why = text_member(a, "why")});
    }
    return attachments;
}

std::optional<referral> referral_of(const json& from) {
    const auto it = from.find("referral");
    if (it == from.end() || !it->is_object()) return std::nullopt;
    return referral{.ref = text_member(*it, "ref"),
                    .source = text_member(*it, "source"),
                    .type = text_member(*it, "type"),
                    .ad_id = text_member(*it, "ad_id"),
                    .ad_title = text_member(*it, "ad_title"),
                    .product_id = text_member(*it, "product_id")};
}

// What does not look like one is left out.
std::vector<knowledge_source> sources_of(const json& from) {
    std::vector<knowledge_source> sources;
    const auto list = from.find("sources");
    if (list == from.end() || !list->is_array()) return sources;
    for (const auto& each : *list) {
        const bool fits = each.is_array() && each.size() == 3 && each[0].is_string() &&
                          each[1].is_number_integer() && each[2].is_number_integer();
        if (fits) sources.push_back({.file = each[0], .first_line = each[1], .last_line = each[2]});
    }
    return sources;
}

json parsed(std::string_view text) {
    return json::parse(text, nullptr, false);
}

struct inbox_writer {
    json_writer& w;

    void operator()(const customer_message& m) const {
        w.optional_text("text", m.text);
        write_attachments(w, m.attachments);
        w.optional_text("quick_reply", m.quick_reply_payload);
        w.optional_text("reply_to", m.reply_to.value);
        if (m.story) {
            std::string story;
            json_writer inner(story);
            inner.optional_text("id", m.story->id);
            inner.optional_text("url", m.story->url);
            inner.end();
            w.raw("story", story);
        }
        if (m.came_from) w.raw("referral", encoded(*m.came_from));
        w.optional_flag("unsupported", m.unsupported);
        w.optional_flag("withheld", m.content_withheld);
    }
    void operator()(const postback& p) const {
        w.optional_text("text", p.title);
        w.optional_text("quick_reply", p.payload);
        if (p.came_from) w.raw("referral", encoded(*p.came_from));
    }
    void operator()(const auto&) const {}
};

std::string message_id_of(const event& what) {
    if (const auto* m = std::get_if<customer_message>(&what.body)) return m->id.value;
    if (const auto* p = std::get_if<postback>(&what.body)) return p->id.value;
    return {};
}

} // namespace

int message_format() {
    return broken("next_format") ? newest_format() : 1;
}

int newest_format() {
    return broken("next_format") ? audio_send_format + 1
                                 : audio_send_format; // as if it were the next version
}

std::string encode_inbox_item(const event& what) {
    std::string out = message_id_of(what);
    out.reserve(out.size() + 256);
    out += '\n';
    json_writer w(out);
    w.number("at", what.occurred_at_ms);
    std::visit(inbox_writer{w}, what.body);
    w.end();
    return out;
}

std::optional<heard_message> decode_inbox_item(std::string_view item) {
    const std::size_t line = item.find('\n');
    if (line == std::string_view::npos) return std::nullopt;
    const json from = parsed(item.substr(line + 1));
    if (!from.is_object()) return std::nullopt;
    heard_message message;
    message.id = message_id(std::string(item.substr(0, line)));
    message.at_ms = number_member(from, "at");
    message.unsent = flag_member(from, "unsent");
    message.edit = static_cast<int>(number_member(from, "edit"));
    message.text = text_member(from, "text");
    message.attachments = attachments_of(from);
    message.quick_reply_payload = text_member(from, "quick_reply");
    message.reply_to = message_id(text_member(from, "reply_to"));
    if (const auto story = from.find("story"); story != from.end() && story->is_object()) {
        message.story = story_reference{.id = text_member(*story, "id"), .url = text_member(*story, "url")};
    }
    message.came_from = referral_of(from);
    message.unsupported = flag_member(from, "unsupported");
    message.content_withheld = flag_member(from, "withheld");
    return message;
}

std::string encode_content(const customer_message& fetched) {
    std::string out;
    json_writer w(out);
    w.optional_text("text", fetched.text);
    write_attachments(w, fetched.attachments);
    w.end();
    return out;
}

std::string encode_heard(const attachment& heard) {
    if (heard.sound == hearing::none) return {};
    json to{{"sound", hearing_names.at(static_cast<std::size_t>(heard.sound))}};
    if (!heard.words.empty()) to["words"] = heard.words;
    if (!heard.why.empty()) to["why"] = heard.why;
    return json_text(to);
}

std::string encode_history_entry(const history_entry& entry) {
    constexpr std::array<std::string_view, 3> speakers{"customer", "bot", "person"};
    std::string out = entry.ids.empty() ? std::string{} : entry.ids.front().value;
    out += '\n';
    json to{
        {"who", speakers.at(static_cast<std::size_t>(entry.who))}, {"at", entry.at_ms}, {"text", entry.text}};
    if (!entry.profile.empty()) to["profile"] = entry.profile;
    if (!entry.variant.empty()) to["variant"] = entry.variant;
    if (!entry.agent.empty()) to["agent"] = entry.agent;
    if (entry.turn > 0) to["turn"] = entry.turn;
    if (entry.scope != scope_verdict::unknown) to["scope"] = entry.scope == scope_verdict::in ? "in" : "out";
    if (!entry.not_heard.empty()) to["not_heard"] = entry.not_heard;
    if (!entry.not_answered.empty()) to["not_answered"] = entry.not_answered;
    if (entry.edit > 0) to["edit"] = entry.edit;
    if (!entry.before.empty()) to["before"] = entry.before;
    if (!entry.after.empty()) to["after"] = entry.after;
    for (const auto& step : entry.steps) {
        json one{{"round", step.round},
                 {"id", step.call_id},
                 {"name", step.name},
                 {"arguments", step.arguments},
                 {"result", step.result}};
        if (!step.source.empty()) one["source"] = step.source;
        to["steps"].push_back(std::move(one));
    }
    for (const auto& source : entry.sources)
        to["sources"].push_back({source.file, source.first_line, source.last_line});
    return out + json_text(to);
}

std::optional<history_entry> decode_history_entry(std::string_view item) {
    const std::size_t line = item.find('\n');
    if (line == std::string_view::npos) return std::nullopt;
    const json from = parsed(item.substr(line + 1));
    if (!from.is_object()) return std::nullopt;
    history_entry entry;
    const std::string who = text_member(from, "who");
    entry.who = who == "bot" ? speaker::bot : who == "person" ? speaker::person : speaker::customer;
    entry.at_ms = number_member(from, "at");
    // A message that a person answered is kept as it came, with what was heard of it.
    const auto attachments = attachments_of(from);
    entry.text = flag_member(from, "unsent") ? std::string{} : text_member(from, "text");
    entry.text = with_what_was_said(std::move(entry.text), attachments);
    entry.not_heard = attachments.empty() ? text_member(from, "not_heard") : why_not_heard(attachments);
    entry.profile = text_member(from, "profile");
    entry.variant = text_member(from, "variant");
    entry.agent = text_member(from, "agent");
    entry.turn = number_member(from, "turn");
    const auto scope = text_member(from, "scope");
    entry.scope = scope == "in"    ? scope_verdict::in
                  : scope == "out" ? scope_verdict::out
                                   : scope_verdict::unknown;
    entry.not_answered = text_member(from, "not_answered");
    entry.edit = static_cast<int>(number_member(from, "edit"));
    entry.before = text_member(from, "before");
    entry.after = text_member(from, "after");
    if (line > 0) entry.ids.emplace_back(std::string(item.substr(0, line)));
    if (const auto steps = from.find("steps"); steps != from.end() && steps->is_array()) {
        for (const auto& step : *steps) {
            entry.steps.push_back({.round = static_cast<int>(number_member(step, "round")),
                                   .call_id = text_member(step, "id"),
                                   .name = text_member(step, "name"),
                                   .arguments = text_member(step, "arguments"),
                                   .result = text_member(step, "result"),
                                   .source = text_member(step, "source")});
        }
    }
    entry.sources = sources_of(from);
    return entry;
}

namespace {

struct recorded_writer {
    json_writer& w;

    void operator()(const reaction& r) const {
        w.optional_text("kind", "reaction");
        w.optional_text("message", r.id.value);
        w.optional_text("name", r.name);
        w.optional_text("emoji", r.emoji);
        w.optional_flag("removed", r.removed);
    }
    void operator()(const read_receipt& r) const {
        w.optional_text("kind", "read");
        w.optional_text("message", r.id.value);
    }
    void operator()(const referral_opened& r) const {
        w.optional_text("kind", "referral");
        w.raw("referral", encoded(r.came_from));
    }
    void operator()(const opt_in& o) const {
        w.optional_text("kind", "opt_in");
        w.optional_text("type", o.type);
        w.optional_text("title", o.title);
        w.optional_text("payload", o.payload);
    }
    void operator()(const thread_control& t) const {
        constexpr std::array<std::string_view, 3> changes{"passed", "taken", "requested"};
        w.optional_text("kind", "thread_control");
        w.optional_text("change", changes.at(static_cast<std::size_t>(t.what)));
        w.optional_text("new_owner", t.new_owner);
        w.optional_text("previous_owner", t.previous_owner);
        w.optional_text("metadata", t.metadata);
    }
    void operator()(const policy_enforcement& p) const {
        w.optional_text("kind", "policy_enforcement");
        w.optional_text("action", p.action);
        w.optional_text("reason", p.reason);
    }
    void operator()(const comment& c) const {
        w.optional_text("kind", c.live ? "live_comment" : "comment");
        w.optional_text("comment", c.id);
        w.optional_text("text", c.text);
        w.optional_text("author", c.author_id);
        w.optional_text("author_name", c.author_name);
        w.optional_text("parent", c.parent_id);
        w.optional_text("media", c.media_id);
        w.optional_text("ad_id", c.ad_id);
        w.optional_flag("own", c.by_account);
    }
    void operator()(const comment_mention& m) const {
        w.optional_text("kind", "mention");
        w.optional_text("comment", m.comment_id);
        w.optional_text("media", m.media_id);
    }
    void operator()(const dashboard_test&) const { w.optional_text("kind", "dashboard_test"); }
    void operator()(const unknown_event& u) const {
        w.optional_text("kind", "unknown");
        w.optional_text("description", u.description);
    }
    void operator()(const customer_message& m) const {
        w.optional_text("kind", "message");
        w.optional_text("message", m.id.value);
        w.optional_text("text", m.text);
        write_attachments(w, m.attachments);
    }
    void operator()(const postback& p) const {
        w.optional_text("kind", "postback");
        w.optional_text("message", p.id.value);
        w.optional_text("title", p.title);
        w.optional_text("payload", p.payload);
    }
    void operator()(const message_edit& e) const {
        w.optional_text("kind", "edit");
        w.optional_text("message", e.id.value);
        w.optional_text("text", e.text);
        w.number("number", e.number);
    }
    void operator()(const message_unsent& u) const {
        w.optional_text("kind", "unsent");
        w.optional_text("message", u.id.value);
    }
    void operator()(const echo& e) const {
        w.optional_text("kind", "echo");
        w.optional_text("message", e.id.value);
        w.optional_text("text", e.text);
        write_attachments(w, e.attachments);
        w.optional_flag("to_self", e.to_self);
        w.optional_flag("unsent", e.unsent);
    }
};

} // namespace

std::string encode_recorded_event(const event& what) {
    std::string out;
    json_writer w(out);
    w.optional_text("conversation", what.conversation.text());
    w.number("at", what.occurred_at_ms);
    w.optional_flag("standby", what.standby);
    std::visit(recorded_writer{w}, what.body);
    w.end();
    return out;
}

} // namespace atende
