#include "agent/mcp/child_process.hpp"

#include <fcntl.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <spawn.h>

namespace atende {
namespace {

using std::chrono::milliseconds;

struct pipe_ends {
    file_descriptor read, write;
};

// Above 2, so that giving one of them to the child as 0, 1 or 2 cannot overwrite another.
result<pipe_ends> make_pipe() {
    std::array<int, 2> ends{-1, -1};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail(errc::unavailable, std::strerror(errno));
    const file_descriptor low_read(ends[0]), low_write(ends[1]);
    pipe_ends out{.read = file_descriptor(::fcntl(ends[0], F_DUPFD_CLOEXEC, 3)),
                  .write = file_descriptor(::fcntl(ends[1], F_DUPFD_CLOEXEC, 3))};
    if (!out.read.is_open() || !out.write.is_open()) return fail(errc::unavailable, std::strerror(errno));
    return out;
}

// posix_spawn's own structures, freed at the end of the scope.
struct spawn_settings {
    posix_spawn_file_actions_t files{};
    posix_spawnattr_t attributes{};

    spawn_settings() {
        ::posix_spawn_file_actions_init(&files);
        ::posix_spawnattr_init(&attributes);
    }
    spawn_settings(const spawn_settings&) = delete;
    spawn_settings& operator=(const spawn_settings&) = delete;
    ~spawn_settings() {
        ::posix_spawn_file_actions_destroy(&files);
        ::posix_spawnattr_destroy(&attributes);
    }
};

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> all;
    for (auto& text : texts) all.push_back(text.data());
    all.push_back(nullptr);
    return all;
}

} // namespace

result<started_program> start_program(const program& what) {
    auto input = make_pipe(), output = make_pipe(), errors = make_pipe();
    for (const auto* pipe : {&input, &output, &errors}) {
        if (!*pipe) return std::unexpected(pipe->error());
    }
    spawn_settings settings;
    ::posix_spawn_file_actions_adddup2(&settings.files, input->read.get(), 0);
    ::posix_spawn_file_actions_adddup2(&settings.files, output->write.get(), 1);
    ::posix_spawn_file_actions_adddup2(&settings.files, errors->write.get(), 2);
    ::posix_spawn_file_actions_addclosefrom_np(&settings.files, 3);
    ::posix_spawn_file_actions_addchdir_np(&settings.files, what.folder.c_str());
    sigset_t all, none;
    ::sigfillset(&all);
    ::sigemptyset(&none);
    ::posix_spawnattr_setflags(&settings.attributes,
                               POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    ::posix_spawnattr_setpgroup(&settings.attributes, 0);
    ::posix_spawnattr_setsigdefault(&settings.attributes, &all);
    ::posix_spawnattr_setsigmask(&settings.attributes, &none);

    std::vector<std::string> words{what.command};
    words.insert(words.end(), what.arguments.begin(), what.arguments.end());
    std::vector<std::string> environment = what.environment;
    pid_t leader = -1;
    const int failed = ::posix_spawnp(&leader, what.command.c_str(), &settings.files, &settings.attributes,
                                      pointers(words).data(), pointers(environment).data());
    if (failed != 0) {
        return fail(errc::unavailable, "cannot start " + what.command + " in " + what.folder.string() + ": " +
                                           std::strerror(failed));
    }
    return started_program{.process = std::make_unique<child_process>(leader),
                           .input = std::move(input->write),
                           .output = std::move(output->read),
                           .errors = std::move(errors->read)};
}

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
