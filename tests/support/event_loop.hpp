// An event loop for a test: runs coroutines to their end, or until something has happened.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <atende/platform/async.hpp>
#include <chrono>
#include <exception>
#include <functional>
#include <optional>
#include <stdexcept>
#include <utility>

namespace atende::test {

class event_loop {
public:
    asio::any_io_executor executor() { return loop_.get_executor(); }

    // Rethrows what the coroutine threw. The limit only bounds a test that hangs.
    template <class T>
    T await(awaitable<T> work, std::chrono::seconds limit = std::chrono::seconds(20)) {
        std::optional<T> value;
        std::exception_ptr failure;
        asio::co_spawn(loop_, std::move(work), [&](std::exception_ptr thrown, T got) {
            failure = std::move(thrown);
            if (!failure) value.emplace(std::move(got));
        });
        if (!until([&] { return failure || value.has_value(); }, limit))
            throw std::runtime_error("the coroutine did not finish");
        if (failure) std::rethrow_exception(failure);
        return *std::move(value);
    }

    void await(awaitable<void> work, std::chrono::seconds limit = std::chrono::seconds(20)) {
        await(finished(std::move(work)), limit);
    }

    // Runs the loop until `happened`; false if it never did.
    bool until(const std::function<bool()>& happened, std::chrono::seconds limit = std::chrono::seconds(20)) {
        const auto deadline = std::chrono::steady_clock::now() + limit;
        while (!happened()) {
            if (std::chrono::steady_clock::now() > deadline) return false;
            loop_.restart();
            loop_.run_one_for(std::chrono::milliseconds(5));
        }
        return true;
    }

private:
    static awaitable<bool> finished(awaitable<void> work) {
        co_await std::move(work);
        co_return true;
    }

    asio::io_context loop_{1};
};

// One coroutine. The loop stays: threads of a pool may still let go of it after the coroutine has ended.
template <class T>
T run(awaitable<T> work) {
    static event_loop loop;
    return loop.await(std::move(work));
}

} // namespace atende::test
