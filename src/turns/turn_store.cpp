#include "turns/event_calls.hpp"
#include "turns/keys.hpp"
#include "turns/notes_codec.hpp"
#include "turns/record_codec.hpp"
#include "turns/script_reply.hpp"
#include "turns/scripts.hpp"
#include "turns/turn_replies.hpp"

namespace atende {
namespace {

// Of a script that begins with conversation.lua.
script_call conversation_call(const redis_script& script, const conversation_id& conversation,
                              std::vector<std::string> arguments) {
    const conversation_keys keys(conversation);
    arguments.insert(arguments.begin(), keys.member());
    return {.script = &script, .keys = keys.all(), .arguments = std::move(arguments)};
}

// The sends of a plan, in order, without their ids.
std::vector<send_intent> sends_of(const turn_plan& plan) {
    std::vector<send_intent> sends;
    if (plan.spoken) sends.push_back({.text = plan.spoken->text, .audio = plan.spoken->audio});
    for (const auto& text : plan.texts) sends.push_back({.text = text});
    return sends;
}

std::string counter_of(const counted_turn& turn) {
    return turn.variant.empty() ? std::string() : turn.variant + " " + turn.profile;
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
    script_call call =
        conversation_call(scripts().send_end, conversation,
                          {text(send), std::string(name_of(outcome.status)), text(settings.dedupe_ttl),
                           text(settings.look_for_uncertain), outcome.reason});
    call.keys.push_back(conversation_keys(conversation).own(outcome.id));
    return call;
}

} // namespace

turn_store::turn_store(redis_client& redis, turn_store_settings settings)
    : redis_(redis),
      settings_(std::move(settings)) {}

awaitable<result<std::vector<event_receipt>>>
turn_store::hand_over(const std::vector<gathered_event>& events) {
    std::vector<script_call> calls;
    calls.reserve(events.size());
    for (const auto& given : events) calls.push_back(call_for(given, settings_));
    const auto replies = co_await redis_.eval_all(std::move(calls), settings_.replicas);
    if (!replies) co_return std::unexpected(replies.error());
    std::vector<event_receipt> receipts;
    receipts.reserve(events.size());
    for (std::size_t i = 0; i < events.size(); ++i) {
        receipts.push_back(receipt_of(events[i], (*replies)[i], settings_));
    }
    co_return receipts;
}

awaitable<result<claim_outcome>> turn_store::claim(const conversation_id& conversation) {
    script_call call = conversation_call(
        scripts().claim, conversation,
        {text(settings_.lease), text(settings_.most_attempts), text(settings_.attempts_before_bisection),
         text(settings_.look_for_uncertain), text(newest_format()), settings_.profile});
    const conversation_keys keys(conversation);
    call.keys.push_back(keys.dead());
    call.keys.push_back(keys.watched());
    call.keys.push_back(keys.notes());
    const auto asked = std::chrono::steady_clock::now();
    const auto reply = co_await redis_.eval(std::move(call));
    if (!reply) co_return std::unexpected(reply.error());
    co_return claim_outcome_of(conversation, *reply, asked, settings_.profile);
}

awaitable<result<bool>> turn_store::begin_attempt(const conversation_id& conversation, std::int64_t epoch,
                                                  int attempt) {
    const auto reply = co_await redis_.eval(
        conversation_call(scripts().attempt, conversation, {text(epoch), text(attempt)}));
    if (!reply) co_return std::unexpected(reply.error());
    co_return reply->integer == 1;
}

awaitable<result<void>> turn_store::forgive_attempt(const conversation_id& conversation) {
    const auto reply = co_await redis_.eval(conversation_call(scripts().forgive, conversation, {}));
    if (!reply) co_return std::unexpected(reply.error());
    co_return result<void>{};
}

awaitable<result<bool>> turn_store::renew(const conversation_id& conversation, std::int64_t epoch) {
    const auto reply = co_await redis_.eval(
        conversation_call(scripts().renew, conversation, {text(epoch), text(settings_.lease)}));
    if (!reply) co_return std::unexpected(reply.error());
    co_return reply->integer == 1;
}

awaitable<result<bool>> turn_store::remember(const turn& basis, const contact_notes& notes) {
    const conversation_keys keys(basis.conversation);
    script_call call{.script = &scripts().remember,
                     .keys = list_of(keys.state(), keys.notes()),
                     .arguments = list_of(settings_.profile, encode_notes(notes), text(basis.notes.through),
                                          text(basis.memory), text(settings_.history_ttl))};
    const auto reply = co_await redis_.eval(std::move(call));
    if (!reply) co_return std::unexpected(reply.error());
    co_return reply->integer == 1;
}

awaitable<result<bool>> turn_store::journal(const conversation_id& conversation, const claimed_turn& claim,
                                            const std::string& entry, bool commits) {
    const auto reply = co_await redis_.eval(
        conversation_call(scripts().journal, conversation,
                          {text(claim.epoch), entry, text(static_cast<std::int64_t>(claim.inbox_size)),
                           text(claim.amendments), commits ? "1" : "0", text(settings_.history_ttl)}),
        commits ? settings_.replicas : 0);
    if (!reply) co_return std::unexpected(reply.error());
    co_return reply->integer == 1;
}

awaitable<result<plan_outcome>> turn_store::plan(const conversation_id& conversation,
                                                 const claimed_turn& claim, const turn_plan& plan) {
    const auto& s = settings_;
    script_call call = conversation_call(
        scripts().plan, conversation,
        {text(claim.epoch), text(static_cast<std::int64_t>(claim.inbox_size)), text(claim.amendments),
         plan.committed || claim.partial ? "1" : "0", text(s.lease), text(s.history_length),
         text(s.history_ttl), text(s.most_supersedes), plan.begin_first ? "1" : "0",
         text(s.most_answers_in_ten_minutes), text(s.most_answers_in_a_day), text(s.most_rapid_turns),
         text(s.rapid), text(s.breaker_pause), counter_of(plan.counts_for), plan.counts_for.lead ? "1" : "0",
         plan.hand_over ? text(s.hand_over_pause) : "", text(s.dedupe_ttl),
         plan.forget ? "-1" : text(static_cast<std::int64_t>(plan.history.size()))});
    const conversation_keys keys(conversation);
    call.keys.push_back(keys.answers());
    for (auto& key : {keys.variants(), keys.notes(), keys.live(), keys.dead()}) call.keys.push_back(key);
    if (!plan.forget)
        for (const auto& entry : plan.history) call.arguments.push_back(encode_history_entry(entry));
    const auto spoken = plan.spoken.value_or(spoken_answer{});
    for (const auto& value : {spoken.audio, spoken.text, audio_digest(),
                              std::string(spoken.with_texts ? "1" : "0"), text(audio_send_format)})
        call.arguments.push_back(value);
    for (const auto& reply_text : plan.texts) {
        call.arguments.push_back(reply_text);
        call.arguments.push_back(text_digest(reply_text));
    }
    const auto reply = co_await redis_.eval(std::move(call));
    if (!reply) co_return std::unexpected(reply.error());
    co_return plan_outcome_of(*reply, sends_of(plan));
}

awaitable<result<plan_outcome>> turn_store::defer(const conversation_id& conversation, std::int64_t epoch,
                                                  const std::string& notice) {
    const auto reply = co_await redis_.eval(
        conversation_call(scripts().defer, conversation,
                          {text(epoch), notice, text_digest(notice), text(settings_.history_ttl)}));
    if (!reply) co_return std::unexpected(reply.error());
    if (verdict_of(*reply) != "deferred") co_return plan_outcome_of(*reply, {});
    plan_outcome outcome{.what = plan_outcome::verdict::planned};
    if (const std::int64_t id = item(*reply, 1).integer; id > 0)
        outcome.sends.push_back({.id = id, .text = notice});
    co_return outcome;
}

awaitable<result<begin_outcome>> turn_store::begin_send(const conversation_id& conversation,
                                                        std::int64_t epoch, std::int64_t send) {
    const auto reply =
        co_await redis_.eval(conversation_call(scripts().send_begin, conversation,
                                               {text(epoch), text(send), text(settings_.lease)}),
                             settings_.replicas);
    if (!reply) co_return std::unexpected(reply.error());
    using v = begin_outcome::verdict;
    const std::string_view verdict = verdict_of(*reply);
    if (verdict == "go") co_return begin_outcome{.what = v::go};
    if (verdict == "held")
        co_return begin_outcome{.what = v::held, .wait = milliseconds(item(*reply, 1).integer)};
    if (verdict == "paused")
        co_return begin_outcome{.what = v::paused, .person_took_over = item(*reply, 1).integer == 1};
    if (verdict == "gone") co_return begin_outcome{.what = v::gone};
    co_return begin_outcome{.what = v::fenced};
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
    script_call call = end_send_call(conversation, send, outcome, settings_);
    const bool firm =
        outcome.status == send_status::retry && outcome.retry_in.count() > 0 && !outcome.account_blocked;
    for (auto& value : {text(epoch), text(delay), text(settings_.idle_ttl), std::string(firm ? "1" : "0")})
        call.arguments.push_back(value);
    const auto reply = co_await redis_.eval(std::move(call));
    if (!reply) co_return std::unexpected(reply.error());
    co_return handed_back(*reply);
}

awaitable<result<send_fate>> turn_store::resolve_send(const conversation_id& conversation, std::int64_t send,
                                                      const look& seen) {
    script_call call = conversation_call(
        scripts().resolve, conversation,
        {text(send), text(settings_.dedupe_ttl), seen.conclusive ? "1" : "0", text(seen.again)});
    const conversation_keys keys(conversation);
    for (const auto& id : seen.found) call.keys.push_back(keys.own(id));
    const auto reply = co_await redis_.eval(std::move(call));
    if (!reply) co_return std::unexpected(reply.error());
    const std::string_view verdict = verdict_of(*reply);
    if (verdict == "delivered") co_return send_fate::delivered;
    if (verdict == "missing") co_return send_fate::missing;
    co_return verdict == "open" ? send_fate::open : send_fate::settled;
}

awaitable<result<void>> turn_store::note_content(const conversation_id& conversation,
                                                 const customer_message& fetched) {
    const conversation_keys keys(conversation);
    script_call call{.script = &scripts().content,
                     .keys = list_of(keys.inbox(), keys.history()),
                     .arguments = list_of(fetched.id.value, encode_content(fetched))};
    const auto reply = co_await redis_.eval(std::move(call));
    if (!reply) co_return std::unexpected(reply.error());
    co_return result<void>{};
}

awaitable<result<bool>> turn_store::note_heard(const conversation_id& conversation, const message_id& message,
                                               std::size_t index, const attachment& heard) {
    const conversation_keys keys(conversation);
    script_call call{.script = &scripts().heard,
                     .keys = list_of(keys.inbox(), keys.history()),
                     .arguments =
                         list_of(message.value, text(static_cast<std::int64_t>(index)), encode_heard(heard))};
    const auto reply = co_await redis_.eval(std::move(call));
    if (!reply) co_return std::unexpected(reply.error());
    co_return reply->integer == 1;
}

awaitable<result<void>> turn_store::note_failure(const conversation_id& conversation,
                                                 const std::string& what) {
    redis_command command{"HSET", conversation_keys(conversation).state(), "failure", what};
    const auto reply = co_await redis_.command(std::move(command));
    if (!reply) co_return std::unexpected(reply.error());
    co_return result<void>{};
}

awaitable<result<event_receipt>> turn_store::pause(const conversation_id& conversation, milliseconds time) {
    const auto reply = co_await redis_.eval(pause_call(conversation, time, {}, settings_));
    if (!reply) co_return std::unexpected(reply.error());
    co_return pause_receipt(*reply, time);
}

awaitable<result<not_due>> turn_store::finish(const conversation_id& conversation, std::int64_t epoch,
                                              milliseconds delay) {
    const auto reply = co_await redis_.eval(conversation_call(
        scripts().finish, conversation, {text(epoch), text(delay), text(settings_.idle_ttl)}));
    if (!reply) co_return std::unexpected(reply.error());
    co_return handed_back(*reply);
}

awaitable<result<std::vector<conversation_id>>> turn_store::overdue(int per_shard) {
    std::vector<script_call> calls;
    calls.reserve(shard_count);
    for (int shard = 0; shard < shard_count; ++shard) {
        const auto prefix = shard_prefix(shard);
        calls.push_back({.script = &scripts().sweep,
                         .keys = {prefix + "due", prefix + "ambiguous", prefix + "missing", prefix + "dead"},
                         .arguments = {text(per_shard), text(settings_.lease), text(settings_.listed_for)}});
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
    if (auto named = conversation_named(text)) return *std::move(named);
    return fail(errc::invalid_input, "a conversation is ig:<account>:<contact>");
}

} // namespace atende
