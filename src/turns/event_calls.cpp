#include "turns/event_calls.hpp"

#include "turns/keys.hpp"
#include "turns/record_codec.hpp"
#include "turns/script_reply.hpp"
#include "turns/scripts.hpp"

#include <algorithm>
#include <atende/platform/broken_variant.hpp>
#include <atende/platform/crypto.hpp>
#include <atende/platform/text.hpp>

namespace atende {
namespace {

constexpr int events_kept = 10'000;
constexpr int early_amendments_kept = 50; // of a conversation; old messages are edited and unsent, too

bool needs_answer(const event& what) {
    return !what.standby && !what.conversation.contact.empty() &&
           (std::holds_alternative<customer_message>(what.body) ||
            std::holds_alternative<postback>(what.body));
}

bool concerns_takeover(const event& what) {
    const auto* e = std::get_if<echo>(&what.body);
    return e != nullptr && !what.standby && !e->to_self && !e->unsent && !what.conversation.contact.empty();
}

// `edit`: null for an unsend.
script_call amend_call(const event& what, const message_id& id, const message_edit* edit,
                       const turn_store_settings& settings) {
    const conversation_keys keys(what.conversation);
    return {.script = &scripts().amend,
            .keys = list_of(keys.dedupe(what.idempotency_key), keys.state(), keys.inbox(), keys.history(),
                            keys.notes(), keys.dead()),
            .arguments = list_of(id.value, edit ? "edit" : "unsend", edit ? edit->text : "",
                                 text(settings.dedupe_ttl), text(settings.idle_ttl), keys.member(),
                                 text(early_amendments_kept), text(std::int64_t{edit ? edit->number : 0}))};
}

bool is_one_of(const std::vector<std::string>& known, std::string_view text) {
    const auto bare = trimmed(text);
    return !bare.empty() && std::ranges::find(known, bare) != known.end();
}

script_call record_call(const event& what, const turn_store_settings& settings) {
    const conversation_keys keys(what.conversation);
    return {.script = &scripts().record,
            .keys = list_of(keys.dedupe(what.idempotency_key), keys.events()),
            .arguments = list_of(encode_recorded_event(what), text(settings.dedupe_ttl), text(events_kept))};
}

// What is left of the silence that a person asked for or began when the event came.
milliseconds pause_left(const gathered_event& given, const turn_store_settings& settings) {
    return settings.human_pause - std::clamp(given.kept, milliseconds(0), settings.human_pause);
}

// An audio comes back without its text. Until its id is known it is told by having none, and by an attachment
// that may be one: whatever Meta calls it, it does not call it a picture or a post.
bool looks_like_our_audio(const echo& came_back) {
    const auto may_be_audio = [](const attachment& one) {
        return one.kind == attachment_kind::audio || one.kind == attachment_kind::file ||
               one.kind == attachment_kind::unsupported || one.kind == attachment_kind::other;
    };
    return came_back.text.empty() && came_back.attachments.size() == 1 &&
           may_be_audio(came_back.attachments.front());
}

script_call echo_call(const gathered_event& given, const echo& came_back,
                      const turn_store_settings& settings) {
    const event& what = given.what;
    const milliseconds pause = pause_left(given, settings);
    const conversation_keys keys(what.conversation);
    const std::string dedupe = keys.dedupe(what.idempotency_key);
    if (is_one_of(settings.automation_texts, came_back.text)) return record_call(what, settings);
    if (is_one_of(settings.pause_words, came_back.text) && pause > milliseconds(0))
        return pause_call(what.conversation, pause, dedupe, settings);
    if (is_one_of(settings.resume_words, came_back.text))
        return pause_call(what.conversation, milliseconds(0), dedupe, settings);
    const history_entry words{.who = speaker::person,
                              .at_ms = what.occurred_at_ms,
                              .text = came_back.text,
                              .ids = {came_back.id},
                              .steps = {}};
    const std::string digest = looks_like_our_audio(came_back) ? audio_digest() : text_digest(came_back.text);
    script_call call{.script = &scripts().echo,
                     .keys = keys.all(),
                     .arguments = list_of(keys.member(), digest, encode_history_entry(words), text(pause),
                                          text(settings.dedupe_ttl), text(settings.echo_claim_window),
                                          text(settings.history_ttl), text(settings.history_length),
                                          text(settings.echo_hold), text(what.occurred_at_ms))};
    call.keys.push_back(dedupe);
    call.keys.push_back(keys.own(came_back.id));
    return call;
}

} // namespace

script_call call_for(const gathered_event& given, const turn_store_settings& settings) {
    const event& what = given.what;
    const conversation_keys keys(what.conversation);
    if (needs_answer(what)) {
        const std::string key = broken("no_dedupe") ? random_token() : what.idempotency_key;
        return {.script = &scripts().ingest,
                .keys = list_of(keys.state(), keys.inbox(), keys.due(), keys.dedupe(key)),
                .arguments =
                    list_of(keys.member(), encode_inbox_item(what), text(given.quiet),
                            text(settings.longest_wait), text(settings.most_messages),
                            text(settings.dedupe_ttl), text(settings.idle_ttl), text(message_format()))};
    }
    if (concerns_takeover(what)) return echo_call(given, std::get<echo>(what.body), settings);
    if (!what.standby && !what.conversation.contact.empty()) {
        if (const auto* edited = std::get_if<message_edit>(&what.body))
            return amend_call(what, edited->id, edited, settings);
        if (const auto* unsent = std::get_if<message_unsent>(&what.body))
            return amend_call(what, unsent->id, nullptr, settings);
    }
    return record_call(what, settings);
}

event_receipt receipt_of(const gathered_event& given, const redis_reply& reply,
                         const turn_store_settings& settings) {
    using fate = event_receipt::fate;
    const event& what = given.what;
    if (needs_answer(what)) {
        if (item(reply, 0).integer == 0) return {.what = fate::duplicate};
        if (item(reply, 0).integer == 2) return {.what = fate::amended};
        return {.what = fate::gathered, .due_in = time_until(reply, 1)};
    }
    const std::string_view verdict = verdict_of(reply);
    if (verdict == "duplicate") return {.what = fate::duplicate};
    if (verdict == "own") return {.what = fate::own_echo};
    if (verdict == "held") return {.what = fate::held, .due_in = time_until(reply, 1)};
    if (verdict == "person") {
        return {.what = fate::taken_over,
                .due_in = pause_left(given, settings),
                .cancelled_sends = static_cast<int>(item(reply, 2).integer)};
    }
    if (verdict == "paused" || verdict == "resumed") return pause_receipt(reply, pause_left(given, settings));
    if (!verdict.empty()) return {.what = fate::amended};
    return {.what = reply.integer == 1 ? fate::recorded : fate::duplicate};
}

script_call pause_call(const conversation_id& conversation, milliseconds time, const std::string& dedupe,
                       const turn_store_settings& settings) {
    const conversation_keys keys(conversation);
    script_call call{.script = &scripts().pause,
                     .keys = keys.all(),
                     .arguments = list_of(keys.member(), text(time), text(settings.history_ttl),
                                          text(settings.history_length), text(settings.dedupe_ttl))};
    if (!dedupe.empty()) call.keys.push_back(dedupe);
    return call;
}

event_receipt pause_receipt(const redis_reply& reply, milliseconds time) {
    using fate = event_receipt::fate;
    if (verdict_of(reply) == "paused")
        return {.what = fate::taken_over,
                .due_in = time,
                .cancelled_sends = static_cast<int>(item(reply, 2).integer)};
    return {.what = fate::resumed, .due_in = time_until(reply, 1)};
}

} // namespace atende
