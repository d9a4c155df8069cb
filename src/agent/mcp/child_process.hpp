// A program of the operator's choice, started without a shell.
#pragma once

#include <sys/types.h>

#include <atende/platform/async.hpp>
#include <atende/platform/file_descriptor.hpp>
#include <atende/platform/result.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace atende {

struct program {
    std::string command; // with a slash: relative to `folder`; else searched in our PATH
    std::vector<std::string> arguments;
    std::vector<std::string> environment; // NAME=value, and nothing else of ours
    std::filesystem::path folder;
};

// Leads a process group of its own, and has none of our descriptors, signals or variables.
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

struct started_program {
    std::unique_ptr<child_process> process;
    file_descriptor input, output, errors; // our ends
};

// errc::unavailable says why it could not be started.
result<started_program> start_program(const program& what);

} // namespace atende
