// The few coroutine tools everything else uses. One event loop, one thread: no locks anywhere.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

namespace atende {

namespace asio = boost::asio;

template <class T>
using awaitable = asio::awaitable<T>;

inline constexpr asio::use_awaitable_t<> use_awaitable{};

// Waits; returns early, without error, when the coroutine is cancelled.
awaitable<void> sleep_for(std::chrono::steady_clock::duration time);

// Owns every task it started: none outlives `finish()`, and a task's exception is logged under its name
// instead of being lost. Destroying a group with running tasks is a bug and aborts.
class task_group {
public:
    explicit task_group(asio::any_io_executor executor);
    ~task_group();
    task_group(const task_group&) = delete;
    task_group& operator=(const task_group&) = delete;

    // Arguments of the coroutine behind `task` must be held by value, or outlive the group.
    void start(std::string name, awaitable<void> task);
    [[nodiscard]] std::size_t running() const;

    // Waits up to `grace` for the tasks to end by themselves, then cancels the rest and waits for them.
    awaitable<void> finish(std::chrono::steady_clock::duration grace);

private:
    struct state;
    std::shared_ptr<state> state_;
};

// Runs `work` on `pool` and resumes on the caller's executor. For what blocks: files, DNS. `work` owns its
// data and returns a default-constructible value.
template <class Work>
auto offload(asio::thread_pool& pool, Work work);

} // namespace atende

#include <atende/platform/detail/offload.hpp>
