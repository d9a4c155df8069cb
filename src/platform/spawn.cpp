#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <atende/platform/scope_exit.hpp>
#include <atende/platform/spawn.hpp>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <spawn.h>

namespace atende {
namespace {

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

void give_default_signals(posix_spawnattr_t& attributes) {
    sigset_t all, none;
    ::sigfillset(&all);
    ::sigemptyset(&none);
    ::posix_spawnattr_setsigdefault(&attributes, &all);
    ::posix_spawnattr_setsigmask(&attributes, &none);
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> all;
    for (auto& text : texts) all.push_back(text.data());
    all.push_back(nullptr);
    return all;
}

} // namespace

result<spawned_program> spawn(const program& what) {
    auto input = make_pipe(), output = make_pipe();
    auto errors = what.own_errors ? make_pipe() : result<pipe_ends>();
    for (const auto* pipe : {&input, &output, &errors}) {
        if (!*pipe) return std::unexpected(pipe->error());
    }
    posix_spawn_file_actions_t files;
    ::posix_spawn_file_actions_init(&files);
    const scope_exit free_files([&] { ::posix_spawn_file_actions_destroy(&files); });
    ::posix_spawn_file_actions_adddup2(&files, input->read.get(), STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&files, output->write.get(), STDOUT_FILENO);
    if (what.own_errors) ::posix_spawn_file_actions_adddup2(&files, errors->write.get(), STDERR_FILENO);
    ::posix_spawn_file_actions_addclosefrom_np(&files, 3);
    if (!what.folder.empty()) ::posix_spawn_file_actions_addchdir_np(&files, what.folder.c_str());

    posix_spawnattr_t attributes;
    ::posix_spawnattr_init(&attributes);
    const scope_exit free_attributes([&] { ::posix_spawnattr_destroy(&attributes); });
    ::posix_spawnattr_setflags(&attributes,
                               POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    ::posix_spawnattr_setpgroup(&attributes, 0);
    give_default_signals(attributes);

    std::vector<std::string> words{what.command};
    words.insert(words.end(), what.arguments.begin(), what.arguments.end());
    std::vector<std::string> environment = what.environment;
    pid_t process = -1;
    const int failed = ::posix_spawnp(&process, what.command.c_str(), &files, &attributes,
                                      pointers(words).data(), pointers(environment).data());
    if (failed != 0) {
        const auto where = what.folder.empty() ? std::string() : " in " + what.folder.string();
        return fail(errc::unavailable,
                    fmt::format("cannot start {}{}: {}", what.command, where, std::strerror(failed)));
    }
    return spawned_program{.process = process,
                           .input = std::move(input->write),
                           .output = std::move(output->read),
                           .errors = std::move(errors->read)};
}

} // namespace atende
