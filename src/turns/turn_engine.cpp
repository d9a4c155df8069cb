#include "turns/turn_worker.hpp"
#include "turns/wake_queue.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>

#include <atende/platform/log.hpp>
#include <atende/turns/turn_engine.hpp>
#include <unordered_set>

namespace atende {
namespace {

using steady = std::chrono::steady_clock;

} // namespace

struct turn_engine::state {
    state(asio::any_io_executor on, turn_store& turns, turn_handler& handles, turn_engine_settings with,
          progress_sink watch)
        : settings(with),
          store(turns),
          worker(on, turns, handles, with, std::move(watch)),
          timer(on),
          loops(on),
          works(on) {}

    turn_engine_settings settings;
    turn_store& store;
    turn_worker worker;
    wake_queue queue;
    asio::steady_timer timer;
    std::unordered_set<conversation_id> running;
    task_group loops;
    task_group works;
    bool stopping = false;

    void wake_at(const conversation_id& conversation, steady::time_point when) {
        const auto before = queue.next();
        queue.set(conversation, when);
        if (!before || when < *before) timer.cancel(); // the loop is asleep for longer than this
    }

    void begin(const conversation_id& conversation) {
        if (stopping || running.size() >= settings.most_running) return; // the sweep will find it again
        if (!running.insert(conversation).second) return;                // FINISH will say when to look again
        works.start("turn " + conversation.text(), work(conversation));
    }

    awaitable<void> work(conversation_id conversation) {
        const auto again = co_await worker.work(conversation);
        running.erase(conversation);
        if (again.count() > 0) wake_at(conversation, steady::now() + again);
    }

    // Wakes each conversation at its time: a timer to the exact moment, no polling.
    awaitable<void> ring() {
        co_await asio::this_coro::throw_if_cancelled(false);
        while (!stopping) {
            timer.expires_at(queue.next().value_or(steady::time_point::max()));
            co_await timer.async_wait(asio::as_tuple(use_awaitable));
            while (!stopping) {
                const auto due = queue.pop(steady::now());
                if (!due) break;
                begin(*due);
            }
        }
    }

    // Conversations whose process died, or whose appointment was made by another process, have nobody's
    // timer.
    awaitable<void> sweep() {
        co_await asio::this_coro::throw_if_cancelled(false);
        while (!stopping) {
            const auto found = co_await store.overdue(100);
            if (found) {
                for (const auto& conversation : *found) begin(conversation);
            }
            if (!stopping) co_await sleep_for(settings.sweep_interval);
        }
    }
};

turn_engine::turn_engine(asio::any_io_executor executor, turn_store& store, turn_handler& handler,
                         turn_engine_settings settings, progress_sink watch)
    : state_(std::make_unique<state>(std::move(executor), store, handler, settings, std::move(watch))) {}

turn_engine::~turn_engine() = default;

void turn_engine::start() {
    state_->loops.start("turn timer", state_->ring());
    state_->loops.start("turn sweep", state_->sweep());
}

void turn_engine::wake_in(const conversation_id& conversation, std::chrono::milliseconds time) {
    // Redis counts whole milliseconds: a timer that rings within the last one would find the turn not due
    // yet.
    state_->wake_at(conversation, steady::now() + time + std::chrono::milliseconds(1));
}

std::size_t turn_engine::running() const {
    return state_->running.size();
}

awaitable<void> turn_engine::stop(std::chrono::steady_clock::duration grace) {
    state_->stopping = true;
    state_->worker.stop(steady::now() + grace);
    state_->timer.cancel();
    co_await state_->loops.finish(std::chrono::milliseconds(0));
    co_await state_->works.finish(grace);
}

} // namespace atende
