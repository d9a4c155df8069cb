// One pass over one conversation, from claim to hand-back.
#pragma once

#include "turns/turn_gate.hpp"

#include <atende/turns/turn_engine.hpp>
#include <optional>

namespace atende {

// Of a call to Redis without an answer; the wait grows with each.
inline constexpr int most_repeats = 6;
inline constexpr milliseconds first_repeat{200};

inline milliseconds doubled(milliseconds first, milliseconds longest, std::int64_t times) {
    const auto capped = std::min<std::int64_t>(times, 20);
    return std::min(longest, first * (std::int64_t{1} << capped));
}

class turn_worker {
public:
    turn_worker(const asio::any_io_executor& executor, turn_store& store, turn_handler& handler,
                turn_engine_settings settings, progress_sink watch);

    // Never throws. Returns when to look at the conversation again; 0: nobody has to.
    awaitable<milliseconds> work(conversation_id conversation);
    // From now on nothing new is thought; what is planned is still sent until `last_send`.
    void stop(std::chrono::steady_clock::time_point last_send) {
        stopping_ = true;
        last_send_ = last_send;
    }

private:
    // How a pass ended.
    struct ending {
        enum class kind {
            hand_back,   // FINISH, looked at again after `delay` if anything is left
            handed_back, // already; looked at again after `delay`, 0: nobody has to
            let_go,      // not ours any more: the lease decides
            cut_off,     // Redis was away: the lease decides, and the turn is not to blame
        };
        kind what = kind::let_go;
        milliseconds delay{0};
    };
    // What a turn and the keeper of its lease know of each other.
    struct attendance {
        asio::steady_timer ended; // cancelled when the turn is over
        bool over = false;
        bool redis_was_away = false;
    };
    // The sends of one turn, in order.
    struct sends_to_make {
        std::vector<send_intent> intents;
        std::vector<message_id> answers; // the messages they answer, where that is known
        bool first_has_begun = false;
        bool of_turn = true; // the turn is over with them; else they only say that it takes longer
        // Set when nothing is left to do after them: the conversation is handed back with the last, to be
        // looked at again after this time.
        std::optional<milliseconds> then_hand_back;
    };

    [[nodiscard]] turn_risk risk_of(int attempt) const;
    [[nodiscard]] milliseconds backoff_of(const send_intent& intent) const;
    awaitable<ending> pass(const conversation_id& conversation, claimed_turn& claim);
    awaitable<ending> run(const conversation_id& conversation, claimed_turn& claim);
    awaitable<ending> run_to_end(const conversation_id& conversation, claimed_turn& claim, attendance& here);
    awaitable<ending> attend(const conversation_id& conversation, claimed_turn& claim);
    awaitable<void> forgive_attempt(const conversation_id& conversation);
    awaitable<ending> apply(const conversation_id& conversation, const claimed_turn& claim,
                            turn_decision decision, std::vector<message_id> answers);
    awaitable<result<plan_outcome>> commit(const conversation_id& conversation, const claimed_turn& claim,
                                           const turn_decision& decision);
    awaitable<bool> write_journal(const conversation_id& conversation, const claimed_turn& claim,
                                  std::string entry, bool commits);
    awaitable<void> look_for_uncertain(const conversation_id& conversation,
                                       std::vector<uncertain_send> sends);
    awaitable<result<begin_outcome>> begin(const conversation_id& conversation, std::int64_t epoch,
                                           const send_intent& intent);
    awaitable<ending> send_all(const conversation_id& conversation, std::int64_t epoch, sends_to_make sends);
    awaitable<send_outcome> send(const conversation_id& conversation, const send_intent& intent);
    awaitable<ending> record_send(const conversation_id& conversation, std::int64_t epoch,
                                  const send_intent& intent, const send_outcome& outcome,
                                  std::optional<milliseconds> then_hand_back);
    void tell_begun(const conversation_id& conversation, const turn& what) const;
    void tell_outcome(const conversation_id& conversation, const send_intent& intent,
                      const send_outcome& outcome) const;
    void tell_over(const conversation_id& conversation, const sends_to_make& sends) const;
    void tell_blocked(const conversation_id& conversation, const send_intent& intent,
                      const begin_outcome& why) const;
    awaitable<void> keep_lease(const conversation_id& conversation, std::int64_t epoch, attendance& here);
    awaitable<milliseconds> hand_back(const conversation_id& conversation, std::int64_t epoch,
                                      milliseconds delay);
    void tell_person(const conversation_id& conversation) const;
    void tell_handed_over(const conversation_id& conversation) const;
    void tell_newer(const conversation_id& conversation);
    void shout_tripped(const conversation_id& conversation, const plan_outcome& outcome) const;
    void tell(const conversation_id& conversation, stage what, std::string detail) const;

    asio::any_io_executor executor_;
    turn_gate gate_;
    turn_store& store_;
    turn_handler& handler_;
    turn_engine_settings settings_;
    progress_sink watch_;
    bool stopping_ = false;
    std::chrono::steady_clock::time_point last_send_;
    std::chrono::steady_clock::time_point next_newer_line_; // once a minute
};

} // namespace atende
