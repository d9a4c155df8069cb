// Holds turns back that have ended their workers again and again, so that the one that does it takes few
// others along. Suspects run few at a time: one, and with each that survives twice as many. On its last
// attempts a suspect runs alone: with no other suspect beside it, and no other turn begins meanwhile. Those
// who waited for it come before the next such.
#pragma once

#include <atende/platform/async.hpp>
#include <utility>

namespace atende {

enum class turn_risk { usual, suspect, alone };

class turn_gate {
public:
    // Held while the turn runs. The gate must outlive it.
    class admission {
    public:
        admission(turn_gate& gate, turn_risk risk) : gate_(&gate), risk_(risk) {}
        admission(admission&& other) noexcept
            : gate_(std::exchange(other.gate_, nullptr)),
              risk_(other.risk_) {}
        admission& operator=(admission&&) = delete;
        ~admission() {
            if (gate_ != nullptr) gate_->leave(risk_);
        }

    private:
        turn_gate* gate_;
        turn_risk risk_;
    };

    explicit turn_gate(const asio::any_io_executor& executor);
    // Throws boost::system::system_error when cancelled.
    awaitable<admission> enter(turn_risk risk);

private:
    [[nodiscard]] bool is_closed(turn_risk risk) const;
    int& waiting(turn_risk risk);
    void leave(turn_risk risk);

    asio::steady_timer changed_; // cancelled whenever somebody may have to look again
    int window_ = 1;             // suspects that may run at once
    int running_ = 0;
    bool lone_runs_ = false;
    int waiting_usual_ = 0;
    int waiting_ = 0;
    int waiting_alone_ = 0;
    int admitted_ = 0; // of those waiting, before the next lone one
};

} // namespace atende
