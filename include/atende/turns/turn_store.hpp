// The life of conversations in Redis: one method per atomic script of src/turns/*.lua, which say what each
// guarantees. All keys of a conversation carry its shard's hash tag. The only clock is Redis's own.
#pragma once

#include <atende/conversation/event.hpp>
#include <atende/conversation/reply.hpp>
#include <atende/conversation/turn.hpp>
#include <atende/platform/redis_client.hpp>
#include <chrono>
#include <optional>
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
    int most_attempts = 6;             // crashes of one turn before it is set aside
    int attempts_before_bisection = 3; // from this one on, messages are looked at one by one
    int most_supersedes = 2;           // times a thought is thrown away because the customer wrote more
    milliseconds human_pause{30 * 60'000};
    milliseconds hand_over_pause{30 * 60'000}; // after the bot itself has called for a person
    milliseconds breaker_pause{30 * 60'000};   // after a limit below was reached
    milliseconds echo_hold{4'000}; // an echo that is nobody's waits so long to be recognised as ours
    std::vector<std::string> automation_texts; // sent by the platform for the shop: nobody took over
    std::vector<std::string> pause_words;      // typed by a person from the shop's account
    std::vector<std::string> resume_words;
    // A contact who is answered more often is left to a person.
    int most_answers_in_ten_minutes = 30;
    int most_answers_in_a_day = 200;
    int most_rapid_turns =
        10; // in a row, each begun within `rapid` of our answer: the other side is a bot too
    milliseconds rapid{3'000};
    milliseconds look_for_uncertain{5'000}; // how long after a send of unknown outcome it is looked for
    // Replicas of Redis that must have it before an event counts as stored, or a message or a tool's change
    // may begin: what a failover would forget would be lost, or done twice.
    int replicas = 0;
    milliseconds dedupe_ttl{8LL * 24 * 3'600'000}; // longer than any platform redelivers
    milliseconds idle_ttl{30LL * 24 * 3'600'000};
    // Sends without an answer, and messages set aside.
    milliseconds listed_for{30LL * 24 * 3'600'000};
    std::string profile; // the name of the one that serves: what another one made is not given to it
    int history_length = 48;
    milliseconds history_ttl{30LL * 24 * 3'600'000};
    milliseconds echo_claim_window{60'000};
};

inline constexpr int shard_count = 64;

// What became of an event that was handed over.
struct event_receipt {
    enum class fate {
        gathered, // in the inbox; due in `due_in`
        amended,  // changed a message that is not answered yet or is set aside, or what is remembered; or is
                  // kept until its message comes; or took back this message before it came
        own_echo, // one of our sends came back
        held,     // left the shop's account, perhaps a person's: known in `due_in`
        taken_over, // a person wrote from the shop's account; the bot is silent for `due_in`
        resumed,    // a person told the bot to answer again; due in `due_in`, 0: nothing waits
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
    milliseconds kept{0}; // so long it has waited on our disk: a person's pause began when it came
};

// A send of unknown outcome.
struct uncertain_send {
    std::int64_t id = 0;
    std::string text;
    std::chrono::steady_clock::time_point begun; // not earlier
    int looks = 0;                               // how often it was looked for in vain
    std::string audio{};                         // as send_intent::audio
};

// What became of it once it was looked for.
enum class send_fate {
    open,      // nobody knows yet
    delivered, // it is there
    missing,   // it is not, and would be: the customer did not get it
    settled,   // had been settled before
};

// What looking for it on the platform has found.
struct look {
    std::vector<message_id> found; // our messages that may be it
    bool conclusive = false;       // what was not found did not arrive
    milliseconds again{0};         // until the next look; 0: none
};

struct claimed_turn {
    std::int64_t epoch = 0;
    turn what;                  // no messages when only sends are left
    std::size_t inbox_size = 0; // messages claimed, unsent ones included
    std::int64_t amendments = 0;
    std::int64_t deferrals = 0;             // times this turn could not be thought
    std::vector<send_intent> pending_sends; // planned by an earlier worker; before anything new
    int interrupted_sends = 0; // begun by an earlier worker, outcome unknown; now named ambiguous
    std::vector<uncertain_send> uncertain_sends; // to be looked for on the platform
    bool partial = false;                        // messages were left out: the turn is about these alone
    bool person_took_over = false;               // just now: an echo that was held
};
struct not_due {
    milliseconds due_in{0};        // 0: nothing is due at all
    bool person_took_over = false; // the echo that was held turned out to be a person's just now
};
struct set_aside {
    int messages = 0; // moved to the dead letters
};
struct of_newer_version {}; // its records are left to a worker that can read them
using claim_outcome = std::variant<claimed_turn, not_due, set_aside, of_newer_version>;

// For the comparison of prompt variants; see operator_store::variants().
struct counted_turn {
    std::string profile; // the name of its folder
    std::string variant; // empty: not counted
    bool lead = false;   // it saved one
};

// An audio that says the answer; see send_intent.
struct spoken_answer {
    std::string audio;
    std::string text;
    // The texts are sent, too. Otherwise they are only sent if the audio is not known to be delivered: it was
    // rejected, or its outcome is unknown.
    bool with_texts = false;
};

struct turn_plan {
    std::vector<history_entry> history;
    counted_turn counts_for;
    std::optional<spoken_answer> spoken{}; // sent before the texts, of which there must be one
    std::vector<std::string> texts;        // each fits one message
    bool forget = false;      // nothing of this turn or before it is remembered: `history` is ignored
    bool committed = false;   // a tool changed something: newer messages no longer throw this thought away
    bool hand_over = false;   // after these sends the bot leaves the conversation to a person
    bool begin_first = false; // the first send begins in the same step, as by begin_send()
};
struct plan_outcome {
    enum class verdict {
        planned,
        superseded, // the customer wrote more: to be thought again
        held,       // a person may have taken over; ask again after `wait`
        paused,     // a person has
        tripped,    // too many answers: paused for `wait`, see `limit`
        fenced,     // another worker owns the turn
    };
    verdict what = verdict::fenced;
    std::vector<send_intent> sends;
    milliseconds wait{0};
    std::string limit;
    bool person_took_over = false; // when paused: just now
};

struct begin_outcome {
    enum class verdict { go, held, paused, fenced, gone };
    verdict what = verdict::fenced;
    milliseconds wait{0};          // when held: ask again
    bool person_took_over = false; // when paused: just now
};

class turn_store {
public:
    turn_store(redis_client& redis, turn_store_settings settings);

    [[nodiscard]] const turn_store_settings& settings() const { return settings_; }
    // From the next step of every conversation on.
    void change(turn_store_settings settings) { settings_ = std::move(settings); }

    // INGEST, AMEND, ECHO or RECORD for each event, in order, in one round trip. On success every event is
    // durable. On failure some may be: handing all over again completes it without doubling.
    awaitable<result<std::vector<event_receipt>>> hand_over(const std::vector<gathered_event>& events);

    awaitable<result<claim_outcome>> claim(const conversation_id& conversation);
    // A later attempt of a claimed turn begins, and counts from now on; the first did so with the claim.
    // False when the conversation is no longer this worker's.
    awaitable<result<bool>> begin_attempt(const conversation_id& conversation, std::int64_t epoch,
                                          int attempt);
    // Takes an attempt back that ended because Redis was away, not because of the turn.
    awaitable<result<void>> forgive_attempt(const conversation_id& conversation);
    // False when the conversation is no longer this worker's.
    awaitable<result<bool>> renew(const conversation_id& conversation, std::int64_t epoch);
    awaitable<result<plan_outcome>> plan(const conversation_id& conversation, const claimed_turn& claim,
                                         const turn_plan& plan);
    // Notes made while the conversation went on, from what `basis` remembers. False, and nothing is changed:
    // something of it was forgotten or unsent since, or somebody has made notes already.
    awaitable<result<bool>> remember(const turn& basis, const contact_notes& notes);
    // Stores what the worker is about to act on. False when the turn is no longer its own: nothing may be
    // done. `commits`: a tool is about to change something, so the turn stays as it is whatever the customer
    // writes.
    awaitable<result<bool>> journal(const conversation_id& conversation, const claimed_turn& claim,
                                    const std::string& entry, bool commits);
    // The turn stays unanswered; `notice`, unless empty, is queued the first time only.
    awaitable<result<plan_outcome>> defer(const conversation_id& conversation, std::int64_t epoch,
                                          const std::string& notice);
    awaitable<result<begin_outcome>> begin_send(const conversation_id& conversation, std::int64_t epoch,
                                                std::int64_t send);
    awaitable<result<void>> end_send(const conversation_id& conversation, std::int64_t send,
                                     const send_outcome& outcome);
    // end_send() and finish() in one step. Where the platform asked to wait, a new message does not shorten
    // `delay`.
    awaitable<result<not_due>> end_last_send(const conversation_id& conversation, std::int64_t send,
                                             const send_outcome& outcome, std::int64_t epoch,
                                             milliseconds delay);
    awaitable<result<send_fate>> resolve_send(const conversation_id& conversation, std::int64_t send,
                                              const look& seen);
    // The text and attachments of a message that was announced without them join it, wherever it waits or is
    // remembered, so that nobody fetches them again. Repeating it is safe.
    awaitable<result<void>> note_content(const conversation_id& conversation,
                                         const customer_message& fetched);
    // What came of listening to an attachment of a message, counted from 0, joins it wherever it waits or is
    // remembered, so that nobody listens again; of hearing::none nothing does. False: the message is not
    // there (any more), because it was taken back or forgotten, or is too old to be remembered. Repeating it
    // is safe.
    awaitable<result<bool>> note_heard(const conversation_id& conversation, const message_id& message,
                                       std::size_t index, const attachment& heard);
    // The last failure of the turn, kept for whoever looks at the dead letters.
    awaitable<result<void>> note_failure(const conversation_id& conversation, const std::string& what);
    // Silences the bot for this contact, or (0) lets it answer again.
    awaitable<result<event_receipt>> pause(const conversation_id& conversation, milliseconds time);
    // Hands the conversation back; it is looked at again after at least `delay` if anything is left.
    awaitable<result<not_due>> finish(const conversation_id& conversation, std::int64_t epoch,
                                      milliseconds delay);

    // Conversations of every shard that are overdue, at most `per_shard` of each. In passing, what has been
    // listed for an operator for long enough is erased.
    awaitable<result<std::vector<conversation_id>>> overdue(int per_shard);

private:
    redis_client& redis_;
    turn_store_settings settings_;
};

// "ig:<account>:<contact>" back to its parts.
result<conversation_id> parse_conversation_id(std::string_view text);

} // namespace atende
