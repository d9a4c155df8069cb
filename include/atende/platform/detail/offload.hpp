#pragma once

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <exception>
#include <utility>

namespace atende {

template <class Work>
auto offload(asio::thread_pool& pool, Work work) {
    using value = decltype(work());
    auto initiate = [&pool](auto handler, Work body) {
        auto executor = asio::get_associated_executor(handler);
        auto loop_stays_alive = asio::make_work_guard(executor);
        asio::post(pool, [executor, loop_stays_alive = std::move(loop_stays_alive),
                          handler = std::move(handler), body = std::move(body)]() mutable {
            std::exception_ptr failure;
            value result{};
            try {
                result = body();
            } catch (...) {
                failure = std::current_exception();
            }
            asio::post(executor,
                       [handler = std::move(handler), failure, result = std::move(result)]() mutable {
                           std::move(handler)(failure, std::move(result));
                       });
        });
    };
    return asio::async_initiate<const asio::use_awaitable_t<>, void(std::exception_ptr, value)>(
        std::move(initiate), use_awaitable, std::move(work));
}

} // namespace atende
