#include "media/sandbox.hpp"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <seccomp.h>
#include <utility>

namespace atende {
namespace {

constexpr rlim_t memory_bytes = rlim_t(512) << 20;
constexpr rlim_t cpu_seconds = 30;

#if __has_feature(address_sanitizer)
constexpr bool address_sanitizer = true;
#else
constexpr bool address_sanitizer = false;
#endif

std::unexpected<error> refused(const char* what) {
    return fail(errc::unavailable, std::string(what) + ": " + std::strerror(errno));
}

result<rlim_t> address_space_in_use() {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen("/proc/self/statm", "re"),
                                                               &std::fclose);
    unsigned long pages = 0;
    if (!file || std::fscanf(file.get(), "%lu", &pages) != 1) return refused("/proc/self/statm");
    return rlim_t{pages} * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE));
}

result<void> limit_resources(rlim_t memory_in_use) {
    const std::pair<__rlimit_resource, rlim_t> limits[] = {
        // The sanitizer's shadow alone is terabytes.
        {RLIMIT_AS, address_sanitizer ? RLIM_INFINITY : memory_in_use + memory_bytes},
        {RLIMIT_CPU, cpu_seconds},
        {RLIMIT_NOFILE, 0},
        {RLIMIT_FSIZE, 0},
        {RLIMIT_NPROC, 0},
        {RLIMIT_CORE, 0},
    };
    for (const auto& [resource, most] : limits) {
        const rlimit limit{most, most};
        if (::setrlimit(resource, &limit) != 0) return refused("setrlimit");
    }
    return {};
}

// Debian 12's headers know the first version of it only: https://docs.kernel.org/userspace-api/landlock.html
struct landlock_ruleset {
    std::uint64_t files;
    std::uint64_t network;
    std::uint64_t scoped;
};

landlock_ruleset all_that_version_knows(long version) {
    const int file_rights = version >= 5 ? 16 : version >= 3 ? 15 : version == 2 ? 14 : 13;
    return {.files = (std::uint64_t{1} << file_rights) - 1,
            .network = version >= 4 ? 3U : 0U,
            .scoped = version >= 6 ? 3U : 0U};
}

// A ruleset that allows nothing.
result<void> apply_landlock() {
    constexpr long ask_version = 1;
    const long version = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, ask_version);
    if (version < 1) return {}; // an older kernel, or switched off: seccomp stands alone
    const landlock_ruleset ruleset = all_that_version_knows(version);
    const std::size_t size = version >= 6 ? 24 : version >= 4 ? 16 : 8;
    const long made = ::syscall(SYS_landlock_create_ruleset, &ruleset, size, 0);
    if (made < 0) return refused("landlock_create_ruleset");
    const long applied = ::syscall(SYS_landlock_restrict_self, made, 0);
    ::close(static_cast<int>(made));
    if (applied != 0) return refused("landlock_restrict_self");
    return {};
}

class seccomp_filter {
public:
    seccomp_filter() : filter_(::seccomp_init(SCMP_ACT_KILL_PROCESS), &::seccomp_release) {
        if (filter_) keep(::seccomp_attr_set(filter_.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS));
    }

    template <class... Conditions>
    void allow(int call, Conditions... conditions) {
        add(SCMP_ACT_ALLOW, call, conditions...);
    }

    template <class... Conditions>
    void deny(int error_number, int call, Conditions... conditions) {
        add(SCMP_ACT_ERRNO(static_cast<unsigned>(error_number)), call, conditions...);
    }

    result<void> load() {
        if (filter_ && failed_ == 0) failed_ = ::seccomp_load(filter_.get());
        if (filter_ && failed_ == 0) return {};
        errno = -failed_;
        return refused("seccomp");
    }

private:
    template <class... Conditions>
    void add(std::uint32_t action, int call, Conditions... conditions) {
        const scmp_arg_cmp all[] = {scmp_arg_cmp{}, conditions...};
        if (filter_)
            keep(::seccomp_rule_add_array(filter_.get(), action, call, sizeof...(conditions), all + 1));
    }
    void keep(int answer) {
        if (failed_ == 0) failed_ = answer;
    }

    std::unique_ptr<void, void (*)(scmp_filter_ctx)> filter_;
    int failed_ = 0;
};

scmp_arg_cmp argument(unsigned index, std::uint64_t value) {
    return {index, SCMP_CMP_EQ, value, 0};
}

scmp_arg_cmp bits(unsigned index, std::uint64_t mask, std::uint64_t value) {
    return {index, SCMP_CMP_MASKED_EQ, mask, value};
}

result<void> filter_system_calls() {
    seccomp_filter filter;
    filter.allow(SCMP_SYS(read), argument(0, STDIN_FILENO));
    filter.allow(SCMP_SYS(write), argument(0, STDOUT_FILENO));
    // Memory that holds no code.
    filter.allow(SCMP_SYS(brk));
    filter.allow(SCMP_SYS(mmap), bits(2, PROT_EXEC, 0), bits(3, MAP_ANONYMOUS, MAP_ANONYMOUS));
    filter.allow(SCMP_SYS(mprotect), bits(2, PROT_EXEC, 0));
    filter.allow(SCMP_SYS(mremap));
    filter.allow(SCMP_SYS(munmap));
    filter.allow(SCMP_SYS(madvise));
    filter.allow(SCMP_SYS(futex));
    filter.allow(SCMP_SYS(clock_gettime));
    filter.allow(SCMP_SYS(restart_syscall));
    filter.allow(SCMP_SYS(exit_group));
    // abort(): so that a failed check of glibc's is seen as SIGABRT, not as an attempt to break out.
    const auto self = static_cast<std::uint64_t>(::getpid());
    filter.allow(SCMP_SYS(rt_sigprocmask));
    filter.allow(SCMP_SYS(getpid));
    filter.allow(SCMP_SYS(gettid));
    filter.allow(SCMP_SYS(tgkill), argument(0, self), argument(1, self), argument(2, SIGABRT));
    filter.deny(EBADF, SCMP_SYS(writev)); // its message, to the standard error we closed
    if (address_sanitizer) filter.allow(SCMP_SYS(sigaltstack)); // when a process ends
    return filter.load();
}

} // namespace

result<void> enter_sandbox_without_filter() {
    const auto memory_in_use = address_space_in_use(); // while files can be opened
    if (!memory_in_use) return std::unexpected(memory_in_use.error());
    if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return refused("PR_SET_PDEATHSIG");
    if (::prctl(PR_SET_DUMPABLE, 0) != 0) return refused("PR_SET_DUMPABLE");
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return refused("PR_SET_NO_NEW_PRIVS");
    if (auto done = apply_landlock(); !done) return done;
    if (auto done = limit_resources(*memory_in_use); !done) return done;
    // Last: standard error has to tell of what was refused before.
    if (::close_range(STDERR_FILENO, ~0U, 0) != 0) return refused("close_range");
    return {};
}

result<void> enter_sandbox() {
    if (auto done = enter_sandbox_without_filter(); !done) return done;
    return filter_system_calls();
}

} // namespace atende
