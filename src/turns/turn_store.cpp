#include "turns/keys.hpp"
#include "turns/record_codec.hpp"

#include <algorithm>
#include <atende/platform/broken_variant.hpp>
#include <atende/platform/crypto.hpp>
#include <atende/turns/turn_store.hpp>

namespace atende {

namespace embedded {
extern const std::string_view ingest_lua, amend_lua, echo_lua, record_lua, claim_lua, renew_lua, plan_lua,
    defer_lua, send_begin_lua, send_end_lua, finish_lua, hand_back_lua, sweep_lua;
}

namespace {

struct script_set {
    redis_script ingest{std::string(embedded::ingest_lua)};
    redis_script amend{std::string(embedded::amend_lua)};
    redis_script echo{std::string(embedded::echo_lua)};
    redis_script record{std::string(embedded::record_lua)};
    redis_script claim{std::string(embedded::claim_lua)};
    redis_script renew{std::string(embedded::renew_lua)};
    redis_script plan{std::string(embedded::plan_lua)};
    redis_script defer{std::string(embedded::defer_lua)};
    redis_script send_begin{std::string(embedded::send_begin_lua)};
    redis_script send_end{std::string(embedded::hand_back_lua).append(embedded::send_end_lua)};
    redis_script finish{std::string(embedded::hand_back_lua).append(embedded::finish_lua)};
    redis_script sweep{std::string(embedded::sweep_lua)};
};

const script_set& scripts() {
    static const script_set all;
    return all;
}

constexpr int events_kept = 10'000;

std::string text(std::int64_t number) {
    return std::to_string(number);
}
std::string text(milliseconds time) {
    return std::to_string(time.count());
}

// Scripts answer lists of known shape; anything else is a protocol error, never undefined behaviour.
const redis_reply& item(const redis_reply& reply, std::size_t index) {
    static const redis_reply nothing;
    return index < reply.items.size() ? reply.items[index] : nothing;
}

std::string_view verdict_of(const redis_reply& reply) {
    return reply.what == redis_reply::kind::text ? std::string_view(reply.text)
                                                 : std::string_view(item(reply, 0).text);
}

error unexpected_answer(std::string_view script) {
    return {errc::protocol, "the script " + std::string(script) + " answered something unexpected"};
}

bool needs_answer(const event& what) {
    return !what.standby && !what.conversation.contact.empty() &&
           (std::holds_alternative<customer_message>(what.body) ||
            std::holds_alternative<postback>(what.body));
}

bool concerns_takeover(const event& what) {
    const auto* e = std::get_if<echo>(&what.body);
    return e != nullptr && !what.standby && !e->to_self && !e->unsent && !what.conversation.contact.empty();
}

script_call amend_call(const event& what, const message_id& id, const char* how, const std::string& new_text,
                       const turn_store_settings& settings) {
    const conversation_keys keys(what.conversation);
    return {.script = &scripts().amend,
            .keys = {keys.dedupe(what.idempotency_key), keys.state(), keys.inbox(), keys.history()},
            .arguments = {id.value, how, new_text, text(settings.dedupe_ttl), text(settings.idle_ttl)}};
}

script_call echo_call(const event& what, const echo& came_back, const turn_store_settings& settings) {
    const conversation_keys keys(what.conversation);
    const history_entry words{.who = speaker::person,
                              .at_ms = what.occurred_at_ms,
                              .text = came_back.text,
                              .ids = {came_back.id},
                              .steps = {}};
    return {.script = &scripts().echo,
            .keys = {keys.dedupe(what.idempotency_key), keys.state(), keys.inbox(), keys.due(), keys.queue(),
                     keys.outbox(), keys.history(), keys.own(came_back.id)},
            .arguments = {keys.member(), text_digest(came_back.text), encode_history_entry(words),
                          text(settings.human_pause), text(settings.dedupe_ttl),
                          text(settings.echo_claim_window), text(settings.history_ttl),
                          text(settings.history_length)}};
}

script_call call_for(const gathered_event& given, const turn_store_settings& settings) {
    const event& what = given.what;
    const conversation_keys keys(what.conversation);
    if (needs_answer(what)) {
        const std::string key = broken("no_dedupe") ? random_token() : what.idempotency_key;
        return {.script = &scripts().ingest,
                .keys = {keys.dedupe(key), keys.state(), keys.inbox(), keys.due()},
                .arguments = {keys.member(), encode_inbox_item(what), text(given.quiet),
                              text(settings.longest_wait), text(settings.most_messages),
                              text(settings.dedupe_ttl), text(settings.idle_ttl)}};
    }
    if (concerns_takeover(what)) return echo_call(what, std::get<echo>(what.body), settings);
    if (!what.standby && !what.conversation.contact.empty()) {
        if (const auto* edited = std::get_if<message_edit>(&what.body)) {
            return amend_call(what, edited->id, "edit", edited->text, settings);
        }
        if (const auto* unsent = std::get_if<message_unsent>(&what.body)) {
            return amend_call(what, unsent->id, "unsend", "", settings);
        }
    }
    return {.script = &scripts().record,
            .keys = {keys.dedupe(what.idempotency_key), keys.events()},
            .arguments = {encode_recorded_event(what), text(settings.dedupe_ttl), text(events_kept)}};
}

event_receipt receipt_of(const event& what, const redis_reply& reply, const turn_store_settings& settings) {
    using fate = event_receipt::fate;
    if (needs_answer(what)) {
        if (item(reply, 0).integer == 0) return {.what = fate::duplicate};
        if (item(reply, 0).integer == 2) return {.what = fate::amended};
        const std::int64_t wait = item(reply, 1).integer - item(reply, 2).integer;
        return {.what = fate::gathered, .due_in = milliseconds(std::max<std::int64_t>(wait, 0))};
    }
    const std::string_view verdict = verdict_of(reply);
    if (verdict == "duplicate") return {.what = fate::duplicate};
    if (verdict == "own") return {.what = fate::own_echo};
    if (verdict == "person") {
        return {.what = fate::taken_over,
                .due_in = settings.human_pause,
                .cancelled_sends = static_cast<int>(item(reply, 2).integer)};
    }
    if (!verdict.empty()) return {.what = fate::amended};
    return {.what = reply.integer == 1 ? fate::recorded : fate::duplicate};
}

// The platform may announce a message without its content and deliver it as well: one message, the words win.
bool is_announced_twice(std::vector<heard_message>& messages, heard_message& message) {
    const auto same = std::ranges::find(messages, message.id, &heard_message::id);
    if (message.id.empty() || same == messages.end()) return false;
    if (same->content_withheld) *same = std::move(message);
    return true;
}

std::vector<heard_message> decoded_inbox(const redis_reply& list) {
    std::vector<heard_message> messages;
    for (const auto& entry : list.items) {
        auto message = decode_inbox_item(entry.text);
        if (!message || is_announced_twice(messages, *message)) continue;
        // The platform delivers in any order; people read in the order they wrote.
        const auto place = std::ranges::upper_bound(messages, message->at_ms, {}, &heard_message::at_ms);
        messages.insert(place, *std::move(message));
    }
    std::erase_if(messages, [](const heard_message& m) { return m.unsent; });
    return messages;
}

claimed_turn claimed(const conversation_id& conversation, const redis_reply& reply) {
    claimed_turn claim;
    claim.epoch = item(reply, 1).integer;
    claim.what.conversation = conversation;
    claim.what.attempt = static_cast<int>(item(reply, 2).integer);
    claim.what.number = item(reply, 3).integer + 1;
    claim.amendments = item(reply, 4).integer;
    claim.deferrals = item(reply, 5).integer;
    claim.inbox_size = item(reply, 6).items.size();
    claim.what.messages = decoded_inbox(item(reply, 6));
    for (const auto& entry : item(reply, 7).items) {
        if (auto past = decode_history_entry(entry.text)) claim.what.history.push_back(*std::move(past));
    }
    const auto& pending = item(reply, 8).items;
    for (std::size_t i = 0; i + 2 < pending.size(); i += 3) {
        claim.pending_sends.push_back({.id = std::atoll(pending[i].text.c_str()),
                                       .text = pending[i + 1].text,
                                       .attempt = std::atoi(pending[i + 2].text.c_str())});
    }
    claim.interrupted_sends = static_cast<int>(item(reply, 10).integer);
    return claim;
}

plan_outcome planned(const redis_reply& reply, const std::vector<std::string>& texts) {
    plan_outcome outcome{.what = plan_outcome::verdict::planned, .sends = {}};
    for (std::size_t i = 0; i < texts.size() && i + 1 < reply.items.size(); ++i) {
        outcome.sends.push_back({.id = reply.items[i + 1].integer, .text = texts[i], .attempt = 0});
    }
    return outcome;
}

std::string_view name_of(send_status status) {
    switch (status) {
    case send_status::delivered: return "delivered";
    case send_status::rejected: return "rejected";
    case send_status::retry: return "retry";
    case send_status::ambiguous: break;
    }
    return "ambiguous";
}

script_call end_send_call(const conversation_id& conversation, std::int64_t send, const send_outcome& outcome,
                          const turn_store_settings& settings) {
    const conversation_keys keys(conversation);
    return {.script = &scripts().send_end,
            .keys = {keys.outbox(), keys.queue(), keys.own(outcome.id), keys.ambiguous()},
            .arguments = {keys.member(), text(send), std::string(name_of(outcome.status)),
                          text(settings.dedupe_ttl)}};
}

not_due handed_back(const redis_reply& reply) {
    if (verdict_of(reply) != "due") return not_due{};
    const std::int64_t wait = item(reply, 1).integer - item(reply, 2).integer;
    return not_due{milliseconds(std::max<std::int64_t>(wait, 1))};
}

} // namespace

turn_store::turn_store(redis_client& redis, turn_store_settings settings)
    : redis_(redis),
      settings_(settings) {}

awaitable<result<std::vector<event_receipt>>>
turn_store::hand_over(const std::vector<gathered_event>& events) {
    std::vector<script_call> calls;
    calls.reserve(events.size());
    for (const auto& given : events) calls.push_back(call_for(given, settings_));
    const auto replies = co_await redis_.eval_all(std::move(calls));
    if (!replies) co_return std::unexpected(replies.error());
    std::vector<event_receipt> receipts;
    receipts.reserve(events.size());
    for (std::size_t i = 0; i < events.size(); ++i) {
        receipts.push_back(receipt_of(events[i].what, (*replies)[i], settings_));
    }
    co_return receipts;
}

awaitable<result<claim_outcome>> turn_store::claim(const conversation_id& conversation) {
    const conversation_keys keys(conversation);
    script_call call{.script = &scripts().claim,
                     .keys = {keys.state(), keys.inbox(), keys.due(), keys.queue(), keys.outbox(),
                              keys.history(), keys.ambiguous(), keys.dead()},
                     .arguments = {keys.member(), text(settings_.lease), text(settings_.most_attempts)}};
    const auto reply = co_await redis_.eval(std::move(call));
    if (!reply) co_return std::unexpected(reply.error());
    const std::string_view verdict = verdict_of(*reply);
    if (verdict == "claimed") co_return claim_outcome{claimed(conversation, *reply)};
    if (verdict == "idle") co_return claim_outcome{not_due{}};
    if (verdict == "early") {
        co_return claim_outcome{not_due{milliseconds(item(*reply, 1).integer - item(*reply, 2).integer)}};
    }
    if (verdict == "dead") co_return claim_outcome{set_aside{static_cast<int>(item(*reply, 1).integer)}};
    co_return std::unexpected(unexpected_answer("claim"));
}

awaitable<result<bool>> turn_store::renew(const conversation_id& conversation, std::int64_t epoch) {
    const conversation_keys keys(conversation);
    script_call call{.script = &scripts().renew,
                     .keys = {keys.state(), keys.due()},
                     .arguments = {keys.member(), text(epoch), text(settings_.lease)}};
    const auto reply = co_await redis_.eval(std::move(call));
    if (!reply) co_return std::unexpected(reply.error());
    co_return reply->integer == 1;
}

awaitable<result<plan_outcome>> turn_store::plan(const conversation_id& conversation,
                                                 const claimed_turn& claim, const turn_plan& plan) {
    const conversation_keys keys(conversation);
    script_call call{
        .script = &scripts().plan,
        .keys = {keys.state(), keys.inbox(), keys.due(), keys.queue(), keys.outbox(), keys.history()},
        .arguments = {keys.member(), text(claim.epoch), text(static_cast<std::int64_t>(claim.inbox_size)),
                      text(claim.amendments), plan.committed ? "1" : "0", text(settings_.lease),
                      text(settings_.history_length), text(settings_.history_ttl),
                      text(settings_.most_supersedes), plan.begin_first ? "1" : "0",
                      text(static_cast<std::int64_t>(plan.history.size()))}};
    for (const auto& entry : plan.history) call.arguments.push_back(encode_history_entry(entry));
    for (const auto& reply_text : plan.texts) {
        call.arguments.push_back(reply_text);
        call.arguments.push_back(text_digest(reply_text));
    }
    const auto reply = co_await redis_.eval(std::move(call));
    if (!reply) co_return std::unexpected(reply.error());
    const std::string_view verdict = verdict_of(*reply);
    using v = plan_outcome::verdict;
    if (verdict == "planned") co_return planned(*reply, plan.texts);
    if (verdict == "superseded") co_return plan_outcome{.what = v::superseded, .sends = {}};
    if (verdict == "paused") co_return plan_outcome{.what = v::paused, .sends = {}};
    if (verdict == "fenced") co_return plan_outcome{.what = v::fenced, .sends = {}};
    co_return std::unexpected(unexpected_answer("plan"));
}

awaitable<result<plan_outcome>> turn_store::defer(const conversation_id& conversation, std::int64_t epoch,
                                                  const std::string& notice) {
    const conversation_keys keys(conversation);
    script_call call{.script = &scripts().defer,
                     .keys = {keys.state(), keys.queue(), keys.outbox()},
                     .arguments = {text(epoch), notice, text_digest(notice), text(settings_.history_ttl)}};
    const auto reply = co_await redis_.eval(std::move(call));
    if (!reply) co_return std::unexpected(reply.error());
    const std::string_view verdict = verdict_of(*reply);
    using v = plan_outcome::verdict;
    if (verdict == "paused") co_return plan_outcome{.what = v::paused, .sends = {}};
    if (verdict == "fenced") co_return plan_outcome{.what = v::fenced, .sends = {}};
    if (verdict != "deferred") co_return std::unexpected(unexpected_answer("defer"));
    plan_outcome outcome{.what = v::planned, .sends = {}};
    if (const std::int64_t id = item(*reply, 1).integer; id > 0)
        outcome.sends.push_back({.id = id, .text = notice});
    co_return outcome;
}

awaitable<result<begin_verdict>> turn_store::begin_send(const conversation_id& conversation,
                                                        std::int64_t epoch, std::int64_t send) {
    const conversation_keys keys(conversation);
    script_call call{.script = &scripts().send_begin,
                     .keys = {keys.state(), keys.outbox(), keys.due()},
                     .arguments = {keys.member(), text(epoch), text(send), text(settings_.lease)}};
    const auto reply = co_await redis_.eval(std::move(call));
    if (!reply) co_return std::unexpected(reply.error());
    if (reply->text == "go") co_return begin_verdict::go;
    if (reply->text == "paused") co_return begin_verdict::paused;
    if (reply->text == "gone") co_return begin_verdict::gone;
    co_return begin_verdict::fenced;
}

awaitable<result<void>> turn_store::end_send(const conversation_id& conversation, std::int64_t send,
                                             const send_outcome& outcome) {
    const auto reply = co_await redis_.eval(end_send_call(conversation, send, outcome, settings_));
    if (!reply) co_return std::unexpected(reply.error());
    co_return result<void>{};
}

awaitable<result<not_due>> turn_store::end_last_send(const conversation_id& conversation, std::int64_t send,
                                                     const send_outcome& outcome, std::int64_t epoch,
                                                     milliseconds delay) {
    const conversation_keys keys(conversation);
    script_call call = end_send_call(conversation, send, outcome, settings_);
    for (auto& key : {keys.state(), keys.inbox(), keys.due()}) call.keys.push_back(key);
    for (auto& value : {text(epoch), text(delay), text(settings_.idle_ttl)}) call.arguments.push_back(value);
    const auto reply = co_await redis_.eval(std::move(call));
    if (!reply) co_return std::unexpected(reply.error());
    co_return handed_back(*reply);
}

awaitable<result<not_due>> turn_store::finish(const conversation_id& conversation, std::int64_t epoch,
                                              milliseconds delay) {
    const conversation_keys keys(conversation);
    script_call call{.script = &scripts().finish,
                     .keys = {keys.state(), keys.inbox(), keys.due(), keys.queue()},
                     .arguments = {keys.member(), text(epoch), text(delay), text(settings_.idle_ttl)}};
    const auto reply = co_await redis_.eval(std::move(call));
    if (!reply) co_return std::unexpected(reply.error());
    co_return handed_back(*reply);
}

awaitable<result<std::vector<conversation_id>>> turn_store::overdue(int per_shard) {
    std::vector<script_call> calls;
    calls.reserve(shard_count);
    for (int shard = 0; shard < shard_count; ++shard) {
        calls.push_back({.script = &scripts().sweep,
                         .keys = {shard_prefix(shard) + "due"},
                         .arguments = {text(per_shard)}});
    }
    const auto replies = co_await redis_.eval_all(std::move(calls));
    if (!replies) co_return std::unexpected(replies.error());
    std::vector<conversation_id> found;
    for (const auto& reply : *replies) {
        for (const auto& member : reply.items) {
            if (auto conversation = parse_conversation_id(member.text))
                found.push_back(*std::move(conversation));
        }
    }
    co_return found;
}

result<conversation_id> parse_conversation_id(std::string_view text) {
    constexpr std::string_view instagram = "ig:";
    if (!text.starts_with(instagram))
        return fail(errc::invalid_input, "a conversation is ig:<account>:<contact>");
    text.remove_prefix(instagram.size());
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos)
        return fail(errc::invalid_input, "a conversation is ig:<account>:<contact>");
    return conversation_id{.platform = platform_kind::instagram,
                           .account = account_id(std::string(text.substr(0, colon))),
                           .contact = contact_id(std::string(text.substr(colon + 1)))};
}

} // namespace atende
