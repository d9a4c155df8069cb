// A deadline for anything awaitable.
#pragma once

#include <boost/asio/experimental/awaitable_operators.hpp>

#include <atende/platform/async.hpp>
#include <chrono>
#include <optional>
#include <utility>

namespace atende {

// Empty when `limit` passed first; `work` was then cancelled and has ended, or never began if nothing was
// left. `work` must not throw for anything but being cancelled, and must not be deaf to it: it is waited for.
template <class T>
awaitable<std::optional<T>> within(std::chrono::steady_clock::duration limit, awaitable<T> work) {
    using namespace asio::experimental::awaitable_operators;
    if (limit <= limit.zero()) co_return std::nullopt;
    auto first = co_await (std::move(work) || sleep_for(limit));
    if (first.index() == 1) co_return std::nullopt;
    co_return std::get<0>(std::move(first));
}

} // namespace atende
