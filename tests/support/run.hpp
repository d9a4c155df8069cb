// Runs one coroutine on an event loop of its own.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <atende/platform/async.hpp>
#include <chrono>
#include <exception>
#include <optional>
#include <stdexcept>
#include <utility>

namespace atende::test {

// Rethrows what the coroutine threw. `limit` only bounds a test that hangs.
template <class T>
T run(awaitable<T> work, std::chrono::seconds limit = std::chrono::seconds(20)) {
    asio::io_context loop(1);
    std::optional<T> value;
    std::exception_ptr failure;
    auto ended = [&](std::exception_ptr thrown, T got) {
        failure = std::move(thrown);
        if (!failure) value.emplace(std::move(got));
    };
    asio::co_spawn(loop, std::move(work), std::move(ended));
    loop.run_for(limit);
    if (failure) std::rethrow_exception(failure);
    if (!value) throw std::runtime_error("the coroutine did not finish");
    return *std::move(value);
}

} // namespace atende::test
