#include "media/sandbox.hpp"
#include "support/scratch_folder.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atende/platform/file_descriptor.hpp>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <new>
#include <poll.h>
#include <string>
#include <utility>
#include <vector>

namespace atende {
namespace {

// How a process ends that does this inside: "SYS" for a forbidden system call, or its exit code.
std::string inside(const std::function<void()>& act, result<void> (*enter)() = enter_sandbox) {
    const pid_t child = ::fork();
    if (child == 0) {
        if (!enter()) ::_exit(99);
        act();
        ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFSIGNALED(status) ? ::sigabbrev_np(WTERMSIG(status)) : std::to_string(WEXITSTATUS(status));
}

std::pair<file_descriptor, file_descriptor> pipe() {
    int ends[2] = {-1, -1};
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    return {file_descriptor(ends[0]), file_descriptor(ends[1])};
}

TEST(sandbox, what_conversions_need_works) {
    EXPECT_EQ(inside([] {
                  std::vector<std::string> blocks;
                  for (int i = 0; i < 100; ++i) blocks.emplace_back(1'000'000, 'x');
                  blocks.clear();
                  if (std::clock() == std::clock_t(-1)) ::_exit(1);
                  if (::write(STDOUT_FILENO, "", 0) != 0) ::_exit(2);
              }),
              "0");
}

TEST(sandbox, everything_else_kills) {
    const std::vector<std::pair<const char*, std::function<void()>>> attempts{
        {"open", [] { ::open("/etc/passwd", O_RDONLY); }},
        {"create", [] { ::open("/tmp/atende-sandbox-test", O_WRONLY | O_CREAT, 0600); }},
        {"unlink", [] { ::unlink("/tmp/atende-sandbox-test"); }},
        {"stat", [] { static_cast<void>(::access("/etc/passwd", R_OK)); }},
        {"socket", [] { ::socket(AF_INET, SOCK_STREAM, 0); }},
        {"unix socket", [] { ::socket(AF_UNIX, SOCK_STREAM, 0); }},
        {"exec", [] { ::execl("/bin/true", "true", static_cast<char*>(nullptr)); }},
        {"fork", [] { static_cast<void>(::fork()); }},
        {"thread", [] { ::syscall(SYS_clone3, nullptr, 0); }},
        {"another file",
         [] {
             char c = 0;
             static_cast<void>(::read(3, &c, 1));
         }},
        {"duplicate", [] { static_cast<void>(::dup(0)); }},
        {"code", [] { ::mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); }},
        {"make code",
         [] {
             void* page = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
             ::mprotect(page, 4096, PROT_READ | PROT_EXEC);
         }},
        {"kill", [] { ::kill(::getppid(), 0); }},
        {"signal itself otherwise", [] { ::raise(SIGUSR1); }},
        {"ptrace", [] { ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr); }},
        {"io_uring", [] { ::syscall(SYS_io_uring_setup, 1, nullptr); }},
        {"bpf", [] { ::syscall(SYS_bpf, 0, nullptr, 0); }},
        {"more limits", [] { ::syscall(SYS_prlimit64, 0, 0, nullptr, nullptr); }},
    };
    for (const auto& [name, attempt] : attempts) EXPECT_EQ(inside(attempt), "SYS") << name;
}

TEST(sandbox, a_failed_check_is_told_from_an_attempt_to_break_out) {
    EXPECT_EQ(inside([] { std::abort(); }), "ABRT");
}

// A folder is made, not a file opened: that fails already because the process may have no files.
TEST(sandbox, landlock_forbids_files_once_more) {
    if (::syscall(SYS_landlock_create_ruleset, nullptr, 0, 1) < 1)
        GTEST_SKIP() << "this kernel has no Landlock, or it is switched off";
    const test::scratch_folder ours;
    const auto folder = ours.path() / "folder";
    const auto make = [&] { ::_exit(::mkdir(folder.c_str(), 0700) == 0 ? 0 : errno); };
    EXPECT_EQ(inside(make, enter_sandbox_without_filter), std::to_string(EACCES));
    EXPECT_FALSE(std::filesystem::exists(folder));
}

// Its standard input stays open here, so that the end of that is not what it ends of.
TEST(sandbox, a_process_ends_with_its_parent) {
    auto [input, request] = pipe();
    auto [answer, output] = pipe();
    const pid_t parent = ::fork();
    if (parent == 0) {
        if (::fork() != 0) {
            for (;;) ::pause();
        }
        ::dup2(input.get(), STDIN_FILENO);
        ::dup2(output.get(), STDOUT_FILENO);
        if (!enter_sandbox()) ::_exit(99);
        static_cast<void>(::write(STDOUT_FILENO, "x", 1));
        char never = 0;
        static_cast<void>(::read(STDIN_FILENO, &never, 1));
        ::_exit(0);
    }
    output = {};
    char byte = 0;
    EXPECT_EQ(::read(answer.get(), &byte, 1), 1);
    ::kill(parent, SIGKILL);
    ::waitpid(parent, nullptr, 0);
    pollfd ended{.fd = answer.get(), .events = POLLIN, .revents = 0};
    ASSERT_EQ(::poll(&ended, 1, 20'000), 1) << "it is still there";
    EXPECT_EQ(::read(answer.get(), &byte, 1), 0);
}

#if !__has_feature(address_sanitizer) // which needs terabytes for itself
TEST(sandbox, memory_is_limited) {
    EXPECT_EQ(inside([] { ::_exit(std::malloc(std::size_t(600) << 20) == nullptr ? 42 : 0); }), "42");
}
#endif

} // namespace
} // namespace atende
