#include "unit/channels/render_event.hpp"

#include <fmt/format.h>

#include <array>
#include <string_view>

namespace atende::test {
namespace {

class event_text {
public:
    void line(std::string_view name, std::string_view value) {
        if (!value.empty()) out += fmt::format("  {}: {}\n", name, value);
    }
    void flag(std::string_view name, bool value) {
        if (value) out += fmt::format("  {}\n", name);
    }

    void operator()(const customer_message& x) {
        head("customer_message");
        line("mid", x.id.value);
        line("text", x.text);
        attachments(x.attachments);
        line("quick reply payload", x.quick_reply_payload);
        line("reply to", x.reply_to.value);
        if (x.story) line("reply to story", fmt::format("{} {}", x.story->id, x.story->url));
        if (x.came_from) came_from(*x.came_from);
        flag("unsupported", x.unsupported);
        flag("content withheld", x.content_withheld);
    }
    void operator()(const postback& x) {
        head("postback");
        line("mid", x.id.value);
        line("title", x.title);
        line("payload", x.payload);
        if (x.came_from) came_from(*x.came_from);
    }
    void operator()(const message_edit& x) {
        head("message_edit");
        line("mid", x.id.value);
        line("text", x.text);
        line("number", std::to_string(x.number));
    }
    void operator()(const message_unsent& x) {
        head("message_unsent");
        line("mid", x.id.value);
    }
    void operator()(const echo& x) {
        head("echo");
        line("mid", x.id.value);
        line("text", x.text);
        attachments(x.attachments);
        line("app id", x.app_id);
        flag("to self", x.to_self);
        flag("unsent", x.unsent);
    }
    void operator()(const reaction& x) {
        head(x.removed ? "reaction removed" : "reaction");
        line("mid", x.id.value);
        line("name", x.name);
        line("emoji", x.emoji);
    }
    void operator()(const read_receipt& x) {
        head("read_receipt");
        line("mid", x.id.value);
    }
    void operator()(const referral_opened& x) {
        head("referral_opened");
        came_from(x.came_from);
    }
    void operator()(const opt_in& x) {
        head("opt_in");
        line("type", x.type);
        line("title", x.title);
        line("payload", x.payload);
    }
    void operator()(const thread_control& x) {
        constexpr std::array names{"passed", "taken", "requested"};
        head(fmt::format("thread_control {}", names[static_cast<std::size_t>(x.what)]));
        line("new owner", x.new_owner);
        line("previous owner", x.previous_owner);
        line("metadata", x.metadata);
    }
    void operator()(const policy_enforcement& x) {
        head("policy_enforcement");
        line("action", x.action);
        line("reason", x.reason);
    }
    void operator()(const comment& x) {
        head("comment");
        line("id", x.id);
        line("text", x.text);
        line("author", fmt::format("{} {}", x.author_id, x.author_name));
        line("parent", x.parent_id);
        line("media", x.media_id);
        line("ad", x.ad_id);
        flag("live", x.live);
        flag("by the account itself", x.by_account);
    }
    void operator()(const comment_mention& x) {
        head("comment_mention");
        line("comment", x.comment_id);
        line("media", x.media_id);
    }
    void operator()(const dashboard_test& x) {
        head("dashboard_test");
        line("text", x.text);
    }
    void operator()(const unknown_event& x) {
        head("unknown_event");
        line("description", x.description);
    }

    std::string out;

private:
    void head(std::string_view name) { out += fmt::format("{}\n", name); }

    void attachments(const std::vector<attachment>& list) {
        constexpr std::array kinds{"image", "video",         "audio",     "file",    "shared_post", "reel",
                                   "story", "story_mention", "ephemeral", "sticker", "unsupported", "other"};
        for (const attachment& x : list) {
            line("attachment",
                 fmt::format("{} ({}) {} {}", kinds[static_cast<std::size_t>(x.kind)], x.platform_type,
                             x.url.empty() ? "-" : x.url, x.title.empty() ? "-" : x.title));
        }
    }
    void came_from(const referral& x) {
        line("came from ref", x.ref);
        line("came from source", x.source);
        line("came from type", x.type);
        line("came from ad", x.ad_id);
        line("came from ad title", x.ad_title);
        line("came from product", x.product_id);
    }
};

} // namespace

std::string render(const event& what) {
    event_text text;
    std::visit(text, what.body);
    text.line("account", what.conversation.account.value);
    text.line("contact", what.conversation.contact.value);
    text.line("occurred at", std::to_string(what.occurred_at_ms));
    text.line("key", what.idempotency_key);
    text.flag("standby", what.standby);
    return text.out;
}

std::string render(const std::vector<event>& events) {
    std::string out;
    for (const event& what : events) out += (out.empty() ? "" : "\n") + render(what);
    return out;
}

} // namespace atende::test
