// What an operator sees of the conversations in Redis, and the few things they may change. Reading never
// blocks Redis: by shard, in pages, with SCAN. Lists are views of a moving store: an entry may be gone by the
// time somebody acts on it, so every change says whether it found what it was for. Repeating one is safe.
#pragma once

#include <atende/conversation/turn.hpp>
#include <atende/turns/turn_store.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace atende {

struct conversation_summary {
    enum class condition {
        bot,      // the bot would answer; nothing waits
        waiting,  // for its quiet window, a retry, or a free worker
        thinking, // a worker has it
        paused,   // the bot is silent
    };
    conversation_id id;
    condition is = condition::bot;
    std::int64_t unanswered = 0;        // messages
    std::int64_t unsent = 0;            // planned messages that did not leave yet
    std::optional<milliseconds> due_in; // negative: overdue. While thinking: the lease ends. None: never
    std::int64_t paused_until_ms = 0;   // Unix ms by Redis's clock; 0: not paused
    std::string paused_by;              // "person", "hand-over", or the limit that was reached
    std::int64_t epoch = 0;
    std::int64_t attempt = 0;  // of the turn that waits or runs
    std::int64_t deferred = 0; // times the model could not be reached for it
};

struct stored_send {
    std::int64_t id = 0;
    std::string state; // planned, sending, delivered, ambiguous, missing or rejected
    std::string text;
    bool audio = false; // it says the text
    std::int64_t attempt = 0;
    std::int64_t begun_ms = 0; // 0: not begun
    std::int64_t looks = 0;    // how often it was looked for on the platform
    std::string reason;        // why the platform rejected it
};

struct conversation_view {
    conversation_summary now;
    std::vector<history_entry> history; // oldest first
    std::vector<contact_notes> notes;   // of each profile that has any
    std::vector<heard_message> inbox;   // in the order stored
    std::vector<stored_send> sends;
    std::int64_t held_echoes = 0; // left the shop's account; perhaps a person's
    std::int64_t journal_entries = 0;
    std::int64_t received = 0, consumed = 0, turns = 0;
    std::string failure; // of the last attempt
};

// A send that is not known to have arrived.
struct ambiguous_send {
    conversation_id conversation;
    stored_send send;          // without text when it is older than the conversation's memory
    std::int64_t named_ms = 0; // ambiguous, missing or rejected
    bool missing = false;      // known not to have arrived
};

struct dead_letter {
    conversation_id conversation;
    message_id id;
    std::int64_t set_aside_ms = 0;
    std::int64_t attempts = 0;
    std::string reason;
    heard_message message;
};

struct store_counts {
    std::int64_t now_ms = 0; // Redis's clock
    std::int64_t due = 0;    // conversations that somebody must look at, now or later
    std::int64_t overdue = 0;
    std::int64_t oldest_overdue_ms = 0; // by how much
    std::int64_t ambiguous = 0;         // sends of unknown outcome
    std::int64_t missing = 0;           // sends that did not arrive
    std::int64_t dead = 0;
};

// What became of the customers who met one variant of a profile's prompt. Conversations and leads are counted
// once for each variant.
struct variant_figures {
    std::string profile;
    std::string variant;
    std::int64_t turns = 0; // answered
    std::int64_t conversations = 0;
    std::int64_t leads = 0; // conversations in which a lead was saved
};

struct conversation_page {
    std::vector<conversation_summary> items;
    std::string next; // give it to read on; empty: this was all
};

struct flush_outcome {
    enum class verdict { due, running, nothing };
    verdict what = verdict::nothing;
    milliseconds due_in{0};
};

struct forget_outcome {
    bool known = false;   // there was something
    bool working = false; // a turn of it was under way somewhere; what it still writes may be erased again
};

class operator_store {
public:
    // Commands only; no state of its own. `settings` as the turn_store's.
    operator_store(redis_client& redis, turn_store_settings settings);

    awaitable<result<store_counts>> counts();
    // Every conversation Redis remembers, in no order; about `most` of them a page, seldom a few more.
    // `after` is an earlier page's `next`, or empty.
    awaitable<result<conversation_page>> conversations(std::size_t most, std::string after);
    // Those somebody must look at, the first `most`: waiting, thinking, or paused with messages.
    awaitable<result<std::vector<conversation_summary>>> active(std::size_t most);
    // Nothing when Redis knows nothing of it.
    awaitable<result<std::optional<conversation_view>>> show(conversation_id conversation);
    // The conversations a person means by "<contact>", which may be without the "sim_" of a simulated
    // customer where no other has it, or by "ig:<account>:<contact>" or "web:<site>:<contact>", which need
    // not exist. invalid_input when it is neither.
    awaitable<result<std::vector<conversation_id>>> find(std::string name);

    awaitable<result<std::vector<ambiguous_send>>>
    ambiguous(std::size_t most); // oldest first by shard, missing ones last
    // False when there is no such send.
    awaitable<result<bool>> drop_ambiguous(conversation_id conversation, std::int64_t send);

    awaitable<result<std::vector<dead_letter>>> dead(std::size_t most);
    // Those of one conversation; of one message unless `id` is empty.
    awaitable<result<std::vector<dead_letter>>> dead_of(conversation_id conversation, message_id id);
    // Back into the inbox, due now or when a pause ends: time until then. Nothing when it is not there.
    awaitable<result<std::optional<milliseconds>>> retry_dead(conversation_id conversation, message_id id);
    awaitable<result<bool>> drop_dead(conversation_id conversation, message_id id);

    // By profile and variant.
    awaitable<result<std::vector<variant_figures>>> variants();

    awaitable<result<flush_outcome>> flush(conversation_id conversation);

    // Everything said, waiting or set aside, in one step. Repeating it is safe.
    awaitable<result<forget_outcome>> forget(conversation_id conversation);
    // What is kept of the contact beside the conversation itself: events that needed no answer. In pages.
    awaitable<result<void>> forget_events(conversation_id conversation);
    // What followers were told, once more: a turn that was under way may have gone on telling.
    awaitable<result<void>> forget_live(conversation_id conversation);

private:
    awaitable<result<std::vector<conversation_summary>>> summaries(std::vector<conversation_id> of);
    awaitable<result<std::vector<redis_reply>>> all(std::vector<redis_command> commands);

    redis_client& redis_;
    turn_store_settings settings_;
};

// "atende:{17}:c:ig:<account>:<contact>:<part>" back to its conversation.
std::optional<conversation_id> conversation_of_key(std::string_view key);

} // namespace atende
