#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include <atende/platform/async.hpp>
#include <atende/platform/log.hpp>
#include <cstdlib>
#include <exception>
#include <list>

namespace atende {

awaitable<void> sleep_for(std::chrono::steady_clock::duration time) {
    asio::steady_timer timer(co_await asio::this_coro::executor, time);
    co_await timer.async_wait(asio::as_tuple(use_awaitable));
}

struct task_group::state {
    struct task {
        asio::cancellation_signal stop;
    };

    explicit state(asio::any_io_executor on) : executor(std::move(on)), all_done(executor) {}

    asio::any_io_executor executor;
    std::list<task> tasks;
    asio::steady_timer all_done;
};

namespace {

void log_failure(const std::string& name, const std::exception_ptr& failure) {
    if (!failure) return;
    try {
        std::rethrow_exception(failure);
    } catch (const boost::system::system_error& e) {
        if (e.code() != asio::error::operation_aborted) // cancelled: as it was told
            spdlog::error("task {} failed: {}", name, printable(e.what()));
    } catch (const std::exception& e) {
        spdlog::error("task {} failed: {}", name, printable(e.what()));
    } catch (...) {
        spdlog::error("task {} failed", name);
    }
}

} // namespace

task_group::task_group(asio::any_io_executor executor)
    : state_(std::make_shared<state>(std::move(executor))) {}

task_group::~task_group() {
    if (!state_->tasks.empty()) std::abort();
}

void task_group::start(std::string name, awaitable<void> task) {
    auto shared = state_;
    const auto entry = shared->tasks.emplace(shared->tasks.end());
    auto ended = [shared, entry, name = std::move(name)](const std::exception_ptr& failure) {
        log_failure(name, failure);
        shared->tasks.erase(entry);
        if (shared->tasks.empty()) shared->all_done.cancel();
    };
    asio::co_spawn(shared->executor, std::move(task),
                   asio::bind_cancellation_slot(entry->stop.slot(), std::move(ended)));
}

std::size_t task_group::running() const {
    return state_->tasks.size();
}

awaitable<void> task_group::finish(std::chrono::steady_clock::duration grace) {
    const auto shared = state_;
    const auto deadline = std::chrono::steady_clock::now() + grace;
    while (!shared->tasks.empty() && std::chrono::steady_clock::now() < deadline) {
        shared->all_done.expires_at(deadline);
        co_await shared->all_done.async_wait(asio::as_tuple(use_awaitable));
    }
    for (auto& task : shared->tasks) task.stop.emit(asio::cancellation_type::terminal);
    while (!shared->tasks.empty()) {
        shared->all_done.expires_after(std::chrono::hours(1));
        co_await shared->all_done.async_wait(asio::as_tuple(use_awaitable));
    }
}

} // namespace atende
