// Turns run side by side; one that has ended its workers again and again runs alone, so that it takes no
// other along. Those who waited for it come next, all of them, before another one runs alone.
#pragma once

#include <atende/platform/async.hpp>
#include <utility>

namespace atende {

class turn_gate {
public:
    // Held while the turn runs. The gate must outlive it.
    class admission {
    public:
        admission(turn_gate& gate, bool alone) : gate_(&gate), alone_(alone) {}
        admission(admission&& other) noexcept
            : gate_(std::exchange(other.gate_, nullptr)),
              alone_(other.alone_) {}
        admission& operator=(admission&&) = delete;
        ~admission() {
            if (gate_ != nullptr) gate_->leave(alone_);
        }

    private:
        turn_gate* gate_;
        bool alone_;
    };

    explicit turn_gate(asio::any_io_executor executor);
    // Throws boost::system::system_error when cancelled.
    awaitable<admission> enter(bool alone);

private:
    [[nodiscard]] bool is_closed(bool alone) const;
    void leave(bool alone);

    asio::steady_timer changed_; // cancelled whenever somebody may have to look again
    int running_ = 0;
    bool running_alone_ = false;
    int waiting_ = 0;
    int waiting_alone_ = 0;
    int admitted_ = 0; // of those waiting, before the next one that runs alone
};

} // namespace atende
