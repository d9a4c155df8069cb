// One pass over one conversation, from claim to hand-back.
#pragma once

#include <atende/turns/turn_engine.hpp>

namespace atende {

class turn_worker {
public:
    turn_worker(turn_store& store, turn_handler& handler, turn_engine_settings settings, progress_sink watch);

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
            hand_back, // FINISH, looked at again after `delay` if anything is left
            let_go,    // not ours any more, or Redis is away: the lease decides
        };
        kind what = kind::let_go;
        milliseconds delay{0};
    };

    awaitable<ending> pass(const conversation_id& conversation, claimed_turn& claim);
    awaitable<ending> run(const conversation_id& conversation, claimed_turn& claim);
    awaitable<ending> apply(const conversation_id& conversation, const claimed_turn& claim,
                            turn_decision decision);
    awaitable<ending> send_all(const conversation_id& conversation, std::int64_t epoch,
                               std::vector<send_intent> sends);
    awaitable<void> record_send(const conversation_id& conversation, const send_intent& intent,
                                const send_outcome& outcome);
    awaitable<void> keep_lease(const conversation_id& conversation, std::int64_t epoch);
    awaitable<milliseconds> hand_back(const conversation_id& conversation, std::int64_t epoch,
                                      milliseconds delay);
    void tell(const conversation_id& conversation, stage what, std::string detail) const;

    turn_store& store_;
    turn_handler& handler_;
    turn_engine_settings settings_;
    progress_sink watch_;
    bool stopping_ = false;
    std::chrono::steady_clock::time_point last_send_;
};

} // namespace atende
