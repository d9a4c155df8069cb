#include "media/sandbox.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <functional>
#include <new>
#include <string>
#include <utility>
#include <vector>

namespace atende {
namespace {

// How a process ends that does this inside: "SYS" for a forbidden system call, or its exit code.
std::string inside(const std::function<void()>& act) {
    const pid_t child = ::fork();
    if (child == 0) {
        if (!enter_sandbox()) ::_exit(99);
        act();
        ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFSIGNALED(status) ? ::sigabbrev_np(WTERMSIG(status)) : std::to_string(WEXITSTATUS(status));
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

#if !__has_feature(address_sanitizer) // which needs terabytes for itself
TEST(sandbox, memory_is_limited) {
    EXPECT_EQ(inside([] { ::_exit(std::malloc(std::size_t(600) << 20) == nullptr ? 42 : 0); }), "42");
}
#endif

} // namespace
} // namespace atende
