// Several at once.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>

#include <atende/platform/async.hpp>
#include <exception>
#include <utility>
#include <vector>

namespace atende {

// Runs all at once and waits for all; their values, in the order given. Cancelling it cancels each of them.
// What one of them throws is thrown on once all have ended. `T` is default-constructible.
template <class T>
awaitable<std::vector<T>> gather(std::vector<awaitable<T>> works) {
    std::vector<T> values;
    if (works.empty()) co_return values;
    if (works.size() == 1) { // a parallel group of one would only cost
        values.push_back(co_await std::move(works.front()));
        co_return values;
    }
    const auto executor = co_await asio::this_coro::executor;
    using operation = decltype(asio::co_spawn(executor, std::move(works.front()), asio::deferred));
    std::vector<operation> operations;
    for (auto& work : works) operations.push_back(asio::co_spawn(executor, std::move(work), asio::deferred));
    auto group = asio::experimental::make_parallel_group(std::move(operations));
    auto [order, failures, results] =
        co_await group.async_wait(asio::experimental::wait_for_all(), use_awaitable);
    for (const auto& failure : failures) {
        if (failure) std::rethrow_exception(failure);
    }
    co_return std::move(results);
}

} // namespace atende
