#pragma once

#include "integration/store_fixture.hpp"

#include <algorithm>
#include <atende/turns/turn_engine.hpp>
#include <deque>

namespace atende::test {

// Thinks and sends as it is told to, and remembers everything.
class recording_handler final : public turn_handler {
public:
    enum class thought { answer, fail, defer };

    std::deque<thought> next_thoughts;      // then: answer
    std::deque<send_outcome> next_outcomes; // then: delivered
    std::vector<std::string> answers;       // empty: "re: " and what was asked
    std::optional<spoken_answer> spoken;
    bool holds_thoughts = false;
    bool holds_sends = false;
    std::vector<turn> turns; // as they were begun
    std::vector<std::string> sent;
    std::vector<conversation_id> sent_to;
    std::function<void()> on_think; // called when a thought begins

    awaitable<turn_decision> think(turn what, journal_writer) override {
        turns.push_back(what);
        if (on_think) on_think();
        while (holds_thoughts) co_await sleep_for(std::chrono::milliseconds(1));
        switch (next(next_thoughts, thought::answer)) {
        case thought::fail: throw std::runtime_error("a bug in the agent");
        case thought::defer:
            co_return turn_decision{.what = turn_decision::verdict::defer, .notice = "um momento"};
        case thought::answer: break;
        }
        turn_decision decided;
        decided.plan.texts = answers;
        decided.plan.spoken = spoken;
        if (answers.empty()) {
            std::string asked;
            for (const auto& m : what.messages) asked += " " + m.text;
            decided.plan.texts = {"re:" + asked};
        }
        co_return decided;
    }

    awaitable<send_outcome> send(conversation_id to, send_intent intent) override {
        sent.push_back(intent.audio.empty() ? intent.text : intent.audio);
        sent_to.push_back(to);
        while (holds_sends) co_await sleep_for(std::chrono::milliseconds(1));
        co_return next(next_outcomes,
                       {.status = send_status::delivered,
                        .id = message_id("mid." + to.contact.value + "." + std::to_string(intent.id))});
    }

    awaitable<result<std::vector<message_id>>> find_sent(conversation_id, send_intent wanted,
                                                         std::chrono::steady_clock::time_point) override {
        looked_for.push_back(std::move(wanted.text));
        if (blind_looks > 0 && blind_looks-- > 0) co_return fail(errc::unavailable, "Graph is away");
        co_return found;
    }
    std::vector<std::string> looked_for;
    std::vector<message_id> found; // by find_sent
    int blind_looks = 0;           // find_sent fails so often first

private:
    template <class T>
    static T next(std::deque<T>& queue, T otherwise) {
        if (queue.empty()) return otherwise;
        T first = std::move(queue.front());
        queue.pop_front();
        return first;
    }
};

// One process of many: its own connection, store, handler and engine.
struct worker_process {
    worker_process(event_loop& on, const turn_store_settings& stored, const turn_engine_settings& settings,
                   const redis_address& at = shared_redis_server().address())
        : loop(on),
          redis(make_redis_client(on.executor(), at, std::chrono::milliseconds(10'000))),
          store(*redis, stored),
          engine(on.executor(), store, handler, settings,
                 [this](const progress& one) { seen.push_back(one.what); }) {
        on.until([this] { return redis->connected(); });
        engine.start();
    }
    worker_process(const worker_process&) = delete;
    worker_process& operator=(const worker_process&) = delete;
    ~worker_process() {
        handler.holds_thoughts = handler.holds_sends = false;
        stop(std::chrono::seconds(5));
    }
    void stop(std::chrono::milliseconds grace) { loop.await(engine.stop(grace)); }

    event_loop& loop;
    std::unique_ptr<redis_client> redis;
    turn_store store;
    recording_handler handler;
    std::vector<stage> seen;
    turn_engine engine;
};

class engine_test : public store_test {
protected:
    engine_test() { settings.look_for_uncertain = std::chrono::milliseconds(20); }

    turn_engine_settings engine_settings{.sweep_interval = std::chrono::milliseconds(20),
                                         .first_send_retry = std::chrono::milliseconds(20),
                                         .first_deferral = std::chrono::milliseconds(20),
                                         .verdict_after = std::chrono::milliseconds(30),
                                         .longest_between_looks = std::chrono::milliseconds(30)};
    std::vector<std::unique_ptr<worker_process>> processes;

    worker_process& start_process() {
        return *processes.emplace_back(std::make_unique<worker_process>(loop, settings, engine_settings));
    }
    // As the webhook does it: stored, and the engine told when it is due.
    void receive(worker_process& by, const gathered_event& what) {
        const auto receipt = hand_over(what);
        if (receipt.what == event_receipt::fate::gathered)
            by.engine.wake_in(what.what.conversation, receipt.due_in);
    }
    std::int64_t redis_time_ms() {
        const auto time = command({"TIME"});
        return std::stoll(time.items.at(0).text) * 1'000 + std::stoll(time.items.at(1).text) / 1'000;
    }
    bool is_idle() {
        return command({"ZCARD", keys.due()}).integer == 0 &&
               command({"EXISTS", keys.inbox(), keys.queue()}).integer == 0;
    }
    // Everything that was received has been dealt with.
    bool settles() {
        return loop.until([this] { return is_idle(); }) && loop.until([this] {
            return std::ranges::all_of(processes, [](const auto& p) { return p->engine.running() == 0; });
        });
    }
};

} // namespace atende::test
