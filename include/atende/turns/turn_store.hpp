// The life of conversations in Redis: one method per atomic script of src/turns/*.lua, which say what each
// guarantees. All keys of a conversation carry its shard's hash tag. The only clock is Redis's own.
#pragma once

#include <atende/conversation/event.hpp>
#include <atende/conversation/reply.hpp>
#include <atende/conversation/turn.hpp>
#include <atende/platform/redis_client.hpp>
#include <chrono>
#include <string>
#include <variant>
#include <vector>

namespace atende {

using milliseconds = std::chrono::milliseconds;

struct turn_store_settings {
    milliseconds longest_wait{
        12'000};            // from the first unanswered message to its turn, whatever comes meanwhile
    int most_messages = 20; // so many unanswered messages are looked at at once
    milliseconds lease{15'000};
    int most_attempts = 5;   // crashes of one turn before it is set aside
    int most_supersedes = 2; // times a thought is thrown away because the customer wrote more
    milliseconds human_pause{30 * 60'000};
    milliseconds dedupe_ttl{8LL * 24 * 3'600'000}; // longer than any platform redelivers
    milliseconds idle_ttl{30LL * 24 * 3'600'000};
    int history_length = 48;
    milliseconds history_ttl{30LL * 24 * 3'600'000};
    milliseconds echo_claim_window{60'000};
};

inline constexpr int shard_count = 64;

// What became of an event that was handed over.
struct event_receipt {
    enum class fate {
        gathered,   // in the inbox; due in `due_in`
        amended,    // changed a message that is not answered yet, or what is remembered
        own_echo,   // one of our sends came back
        taken_over, // a person wrote from the shop's account; the bot is silent for `due_in`
        recorded,   // kept for whoever reads the events
        duplicate,  // had been handed over before; nothing changed
    };
    fate what = fate::recorded;
    milliseconds due_in{0};
    int cancelled_sends = 0; // when taken over
};

// An event with the quiet window that its conversation is to be given; ignored for events that need no
// answer.
struct gathered_event {
    event what;
    milliseconds quiet{2'500};
};

struct claimed_turn {
    std::int64_t epoch = 0;
    turn what;                  // no messages when only sends are left
    std::size_t inbox_size = 0; // messages claimed, unsent ones included
    std::int64_t amendments = 0;
    std::int64_t deferrals = 0;             // times this turn could not be thought
    std::vector<send_intent> pending_sends; // planned by an earlier worker; before anything new
    int interrupted_sends = 0; // begun by an earlier worker, outcome unknown; now named ambiguous
};
struct not_due {
    milliseconds due_in{0}; // 0: nothing is due at all
};
struct set_aside {
    int messages = 0; // moved to the dead letters
};
using claim_outcome = std::variant<claimed_turn, not_due, set_aside>;

struct turn_plan {
    std::vector<history_entry> history;
    std::vector<std::string> texts; // each fits one message
    bool committed = false;   // a tool changed something: newer messages no longer throw this thought away
    bool begin_first = false; // the first send begins in the same step, as by begin_send()
};
struct plan_outcome {
    enum class verdict { planned, superseded, paused, fenced };
    verdict what = verdict::fenced;
    std::vector<send_intent> sends;
};

enum class begin_verdict { go, paused, fenced, gone };

class turn_store {
public:
    turn_store(redis_client& redis, turn_store_settings settings);

    [[nodiscard]] const turn_store_settings& settings() const { return settings_; }

    // INGEST, AMEND, ECHO or RECORD for each event, in order, in one round trip. On success every event is
    // durable. On failure some may be: handing all over again completes it without doubling.
    awaitable<result<std::vector<event_receipt>>> hand_over(const std::vector<gathered_event>& events);

    awaitable<result<claim_outcome>> claim(const conversation_id& conversation);
    // False when the conversation is no longer this worker's.
    awaitable<result<bool>> renew(const conversation_id& conversation, std::int64_t epoch);
    awaitable<result<plan_outcome>> plan(const conversation_id& conversation, const claimed_turn& claim,
                                         const turn_plan& plan);
    // The turn stays unanswered; `notice`, unless empty, is queued the first time only.
    awaitable<result<plan_outcome>> defer(const conversation_id& conversation, std::int64_t epoch,
                                          const std::string& notice);
    awaitable<result<begin_verdict>> begin_send(const conversation_id& conversation, std::int64_t epoch,
                                                std::int64_t send);
    awaitable<result<void>> end_send(const conversation_id& conversation, std::int64_t send,
                                     const send_outcome& outcome);
    // end_send() and finish() in one step.
    awaitable<result<not_due>> end_last_send(const conversation_id& conversation, std::int64_t send,
                                             const send_outcome& outcome, std::int64_t epoch,
                                             milliseconds delay);
    // Hands the conversation back; it is looked at again after at least `delay` if anything is left.
    awaitable<result<not_due>> finish(const conversation_id& conversation, std::int64_t epoch,
                                      milliseconds delay);

    // Conversations of every shard that are overdue, at most `per_shard` of each.
    awaitable<result<std::vector<conversation_id>>> overdue(int per_shard);

private:
    redis_client& redis_;
    turn_store_settings settings_;
};

// "ig:<account>:<contact>" back to its parts.
result<conversation_id> parse_conversation_id(std::string_view text);

} // namespace atende
