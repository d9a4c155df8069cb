#include "turns/turn_gate.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>

namespace atende {
namespace {

constexpr int widest_window = 1'024;

} // namespace

turn_gate::turn_gate(const asio::any_io_executor& executor)
    : changed_(executor, std::chrono::steady_clock::time_point::max()) {}

bool turn_gate::is_closed(turn_risk risk) const {
    if (lone_runs_) return true;
    if (risk == turn_risk::usual) return false;
    if (risk == turn_risk::alone) return running_ > 0 || admitted_ > 0;
    return running_ >= window_ || (waiting_alone_ > 0 && admitted_ == 0);
}

int& turn_gate::waiting(turn_risk risk) {
    switch (risk) {
    case turn_risk::usual: return waiting_usual_;
    case turn_risk::suspect: return waiting_;
    case turn_risk::alone: break;
    }
    return waiting_alone_;
}

awaitable<turn_gate::admission> turn_gate::enter(turn_risk risk) {
    bool waited = false, cancelled = false;
    ++waiting(risk);
    while (!cancelled && is_closed(risk)) {
        waited = true;
        co_await asio::this_coro::throw_if_cancelled(false);
        co_await changed_.async_wait(asio::as_tuple(use_awaitable));
        const auto cancellation = co_await asio::this_coro::cancellation_state;
        cancelled = cancellation.cancelled() != asio::cancellation_type::none;
    }
    --waiting(risk);
    const bool lone = risk == turn_risk::alone;
    if (waited && !lone && admitted_ > 0 && --admitted_ == 0) changed_.cancel();
    if (cancelled) {
        changed_.cancel();
        throw boost::system::system_error(asio::error::operation_aborted);
    }
    if (lone) lone_runs_ = true;
    if (risk == turn_risk::suspect) ++running_;
    co_return admission(*this, risk);
}

void turn_gate::leave(turn_risk risk) {
    if (risk == turn_risk::usual) return;
    window_ = std::min(window_ * 2, widest_window);
    if (risk == turn_risk::alone) {
        lone_runs_ = false;
        admitted_ = waiting_usual_ + std::min(waiting_, window_);
    } else {
        --running_;
    }
    if (waiting_usual_ + waiting_ + waiting_alone_ > 0) changed_.cancel();
}

} // namespace atende
