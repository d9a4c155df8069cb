// Starts other programs, without a shell.
#pragma once

#include <sys/types.h>

#include <atende/platform/file_descriptor.hpp>
#include <atende/platform/result.hpp>
#include <filesystem>
#include <string>
#include <vector>

namespace atende {

struct program {
    std::string command; // with a slash: relative to `folder`; else searched in our PATH
    std::vector<std::string> arguments;
    std::vector<std::string> environment; // NAME=value, and nothing else of ours
    std::filesystem::path folder;         // empty: ours
    bool own_errors = true;               // false: it writes them where we do
};

struct spawned_program {
    pid_t process;                         // for the caller to reap
    file_descriptor input, output, errors; // our ends of its pipes; `errors` only if it has its own
};

// It leads a process group of its own (Ctrl-C in the terminal is ours to handle first) and has none of our
// descriptors (but our standard error, without `own_errors`), signal handlers or variables. errc::unavailable
// says why it could not be started.
result<spawned_program> spawn(const program& what);

} // namespace atende
