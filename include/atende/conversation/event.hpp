// What a platform told us, in our own words. A channel's parser produces these; nothing after it knows the
// platform's JSON.
#pragma once

#include <atende/conversation/ids.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace atende {

enum class attachment_kind {
    image,
    video,
    audio,
    file,
    shared_post,
    reel,
    story,
    story_mention,
    ephemeral,
    sticker,
    unsupported,
    other, // a type this version does not know; `platform_type` names it
};

// What came of listening to something with sound.
enum class hearing {
    none, // nobody has listened, or it may be tried again
    heard,
    not_understood,
    too_long,
    only_seen, // a film: it counts as such, because nobody speaks in it, or nobody will know what
};

struct attachment {
    attachment_kind kind = attachment_kind::other;
    std::string platform_type;
    std::string url; // may be empty; may be an HTML permalink instead of a file
    std::string title;
    hearing sound = hearing::none;
    std::string words{}; // when heard
    std::string why{};   // when not; for operators, never for the model or the customer
};

// Where the customer came from: an ad, a product page, an ig.me link. Fields the platform left out are empty.
struct referral {
    std::string ref;
    std::string source;
    std::string type;
    std::string ad_id;
    std::string ad_title;
    std::string product_id;
};

struct story_reference {
    std::string id;
    std::string url;
};

struct customer_message {
    message_id id;
    std::string text; // valid UTF-8, may be empty
    std::vector<attachment> attachments;
    std::string quick_reply_payload;
    message_id reply_to;
    std::optional<story_reference> story; // set when this replies to one of the shop's stories
    std::optional<referral> came_from;
    bool unsupported = false;      // the platform says it cannot show the content to an API
    bool content_withheld = false; // announced without content (`message_edit`, num_edit 0)
};

struct postback {
    message_id id;
    std::string title;
    std::string payload;
    std::optional<referral> came_from;
};

struct message_edit {
    message_id id;
    std::string text;
    int number = 0;
};

struct message_unsent {
    message_id id;
};

// A message that left the shop's account: ours, a person's in the app, or another tool's.
struct echo {
    message_id id;
    std::string text;
    std::vector<attachment> attachments;
    std::string app_id;   // unreliable on Instagram: a hint only
    bool to_self = false; // the owner wrote to the account itself
    bool unsent = false;
};

struct reaction {
    message_id id;
    bool removed = false;
    std::string name;
    std::string emoji;
};

struct read_receipt {
    message_id id;
};

// An ig.me link or an ad opened an existing thread; no message was written.
struct referral_opened {
    referral came_from;
};

struct opt_in {
    std::string type;
    std::string title;
    std::string payload;
};

struct thread_control {
    enum class change { passed, taken, requested };
    change what = change::passed;
    std::string new_owner;
    std::string previous_owner;
    std::string metadata;
};

struct policy_enforcement {
    std::string action;
    std::string reason;
};

struct comment {
    std::string id;
    std::string text;
    std::string author_id;
    std::string author_name;
    std::string parent_id;
    std::string media_id;
    std::string ad_id;
    bool live = false;
    bool by_account = false; // the shop's own comment: answering it would loop
};

struct comment_mention {
    std::string comment_id;
    std::string media_id;
};

// The "Test" button of the platform's dashboard: proof that the webhook works, never answered.
struct dashboard_test {
    std::string text;
};

struct unknown_event {
    std::string description; // the keys that were present, for the log
};

using event_body = std::variant<customer_message, postback, message_edit, message_unsent, echo, reaction,
                                read_receipt, referral_opened, opt_in, thread_control, policy_enforcement,
                                comment, comment_mention, dashboard_test, unknown_event>;

struct event {
    conversation_id conversation;    // contact is empty where the platform named nobody
    std::int64_t occurred_at_ms = 0; // when the person acted, Unix ms; 0 if the platform did not say
    std::string idempotency_key; // equal for every delivery of this event, different for every other event
    bool standby = false; // another app holds the thread, or it came far too late: listen, do not answer
    event_body body;
};

} // namespace atende
