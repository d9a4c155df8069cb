// A program of the operator's choice, from its start to its end.
#pragma once

#include <sys/types.h>

#include <atende/platform/async.hpp>
#include <chrono>

namespace atende {

// With the process group it leads.
class child_process {
public:
    explicit child_process(pid_t leader) : leader_(leader) {}
    ~child_process(); // kills what is left of the group
    child_process(const child_process&) = delete;
    child_process& operator=(const child_process&) = delete;

    // For a program whose input has been closed: waits up to `grace` for it to end, as long again after
    // SIGTERM, then kills the group.
    awaitable<void> end(std::chrono::milliseconds grace);

private:
    [[nodiscard]] bool reaped(); // true once it has ended
    awaitable<bool> ended_within(std::chrono::milliseconds time);

    pid_t leader_;
};

} // namespace atende
