#include "turns/turn_gate.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>

namespace atende {

turn_gate::turn_gate(asio::any_io_executor executor)
    : changed_(std::move(executor), std::chrono::steady_clock::time_point::max()) {}

bool turn_gate::is_closed(bool alone) const {
    if (running_alone_) return true;
    return alone ? running_ > 0 || admitted_ > 0 : waiting_alone_ > 0 && admitted_ == 0;
}

awaitable<turn_gate::admission> turn_gate::enter(bool alone) {
    int& waiting = alone ? waiting_alone_ : waiting_;
    ++waiting;
    bool cancelled = false;
    while (!cancelled && is_closed(alone)) {
        co_await asio::this_coro::throw_if_cancelled(false);
        co_await changed_.async_wait(asio::as_tuple(use_awaitable));
        const auto cancellation = co_await asio::this_coro::cancellation_state;
        cancelled = cancellation.cancelled() != asio::cancellation_type::none;
    }
    --waiting;
    if (!alone && admitted_ > 0) --admitted_;
    if (cancelled) {
        changed_.cancel();
        throw boost::system::system_error(asio::error::operation_aborted);
    }
    if (alone) {
        running_alone_ = true;
    } else {
        ++running_;
    }
    co_return admission(*this, alone);
}

void turn_gate::leave(bool alone) {
    if (alone) {
        running_alone_ = false;
        admitted_ = waiting_;
    } else {
        --running_;
    }
    if (waiting_ + waiting_alone_ > 0) changed_.cancel();
}

} // namespace atende
