#include "agent/mcp/child_process.hpp"

#include <sys/wait.h>

#include <csignal>

namespace atende {

using std::chrono::milliseconds;

child_process::~child_process() {
    if (leader_ <= 0) return;
    ::kill(-leader_, SIGKILL);
    ::waitpid(leader_, nullptr, WNOHANG);
}

bool child_process::reaped() {
    if (leader_ <= 0) return true;
    siginfo_t ended{};
    // Left as it is for a moment more: until it is reaped, its group's number cannot be anybody else's.
    const int found = ::waitid(P_PID, static_cast<id_t>(leader_), &ended, WEXITED | WNOHANG | WNOWAIT);
    if (found == 0 && ended.si_pid == 0) return false;
    ::kill(-leader_, SIGKILL);
    ::waitpid(leader_, nullptr, WNOHANG);
    leader_ = -1;
    return true;
}

awaitable<bool> child_process::ended_within(milliseconds time) {
    const auto deadline = std::chrono::steady_clock::now() + time;
    while (!reaped()) {
        if (std::chrono::steady_clock::now() >= deadline) co_return false;
        co_await sleep_for(milliseconds(10));
    }
    co_return true;
}

awaitable<void> child_process::end(milliseconds grace) {
    if (co_await ended_within(grace)) co_return;
    ::kill(-leader_, SIGTERM);
    if (co_await ended_within(grace)) co_return;
    ::kill(-leader_, SIGKILL);
    co_await ended_within(milliseconds(300));
}

} // namespace atende
