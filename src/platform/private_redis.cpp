#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/signal_set.hpp>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atende/platform/file_descriptor.hpp>
#include <atende/platform/log.hpp>
#include <atende/platform/private_redis.hpp>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <thread>

namespace atende {
namespace {

namespace fs = std::filesystem;

constexpr const char* configuration = R"(# Written by atende at every start.
port 0
unixsocket redis.sock
unixsocketperm 700
dir .
appendonly yes
appendfsync always
no-appendfsync-on-rewrite no
save ""
maxmemory-policy noeviction
daemonize no
logfile redis.log
)";

error system_error(const std::string& what) {
    return {errc::unavailable, what + ": " + std::strerror(errno)};
}

// The lock is inherited by the server, so it is held until both have ended.
result<file_descriptor> lock(const fs::path& folder, std::chrono::milliseconds patience) {
    file_descriptor file(::open((folder / "lock").c_str(), O_RDWR | O_CREAT, 0600));
    if (file.get() < 0) return std::unexpected(system_error("cannot write in " + folder.string()));
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
        if (std::chrono::steady_clock::now() >= deadline) {
            return fail(errc::unavailable,
                        folder.string() + " is in use by another atende; stop it or set DATA_DIR");
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return file;
}

result<pid_t> spawn_server(int folder, int held_lock) {
    const pid_t parent = ::getpid();
    const pid_t child = ::fork();
    if (child < 0) return std::unexpected(system_error("cannot start redis-server"));
    if (child > 0) return child;
    // In the child only async-signal-safe calls are allowed.
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    ::setpgid(0, 0); // Ctrl-C in the terminal is ours to handle first
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    // A server that is started again must not keep our connections and our listening port open.
    ::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
    ::fcntl(held_lock, F_SETFD, 0);
    const int quiet = ::open("/dev/null", O_RDWR);
    if (::getppid() != parent || ::fchdir(folder) != 0 || ::dup2(quiet, 0) < 0 || ::dup2(quiet, 1) < 0)
        ::_exit(126);
    ::execlp("redis-server", "redis-server", "redis.conf", static_cast<char*>(nullptr));
    ::_exit(127);
}

class supervised_redis final : public private_redis {
public:
    supervised_redis(asio::any_io_executor executor, file_descriptor folder, file_descriptor held_lock,
                     pid_t server)
        : state_(
              std::make_shared<state>(std::move(executor), std::move(folder), std::move(held_lock), server)) {
        auto log_crash = [](const std::exception_ptr& failure) {
            if (failure) spdlog::critical("redis: the supervising task ended");
        };
        asio::co_spawn(state_->executor, supervise(state_), std::move(log_crash));
    }
    supervised_redis(const supervised_redis&) = delete;
    supervised_redis& operator=(const supervised_redis&) = delete;

    ~supervised_redis() override {
        state_->stopping = true;
        state_->child_ended.cancel();
        if (state_->server > 0) ::kill(state_->server, SIGTERM);
    }

    [[nodiscard]] redis_address address() const override {
        redis_address at;
        // A socket's path may have 107 bytes at most; through /proc the depth of the data folder does not
        // matter.
        at.unix_socket = "/proc/self/fd/" + std::to_string(state_->folder.get()) + "/redis.sock";
        return at;
    }

    awaitable<void> stop() override {
        const auto s = state_;
        s->stopping = true;
        if (s->server > 0) ::kill(s->server, SIGTERM);
        for (int waits = 0; s->server > 0 && waits < 1'000; ++waits) {
            reap(*s);
            if (s->server > 0) co_await sleep_for(std::chrono::milliseconds(10));
        }
        s->lock_file = file_descriptor(); // the folder is free again
        s->child_ended.cancel();
    }

private:
    struct state {
        state(asio::any_io_executor on, file_descriptor in_folder, file_descriptor held_lock, pid_t running)
            : executor(std::move(on)),
              folder(std::move(in_folder)),
              lock_file(std::move(held_lock)),
              server(running),
              child_ended(executor, SIGCHLD) {}
        asio::any_io_executor executor;
        file_descriptor folder;
        file_descriptor lock_file;
        pid_t server;
        asio::signal_set child_ended;
        bool stopping = false;
    };

    static void reap(state& s) {
        int status = 0;
        if (s.server > 0 && ::waitpid(s.server, &status, WNOHANG) == s.server) s.server = -1;
    }

    static awaitable<void> supervise(std::shared_ptr<state> s) {
        constexpr auto shortest = std::chrono::milliseconds(200);
        constexpr auto longest = std::chrono::milliseconds(10'000);
        auto wait = shortest;
        auto started = std::chrono::steady_clock::now();
        while (!s->stopping) {
            reap(*s); // it may have ended before anybody listened for it
            if (s->server < 0) {
                if (std::chrono::steady_clock::now() - started > longest) wait = shortest;
                spdlog::error(
                    "redis: the private server ended unexpectedly (see redis.log in the data folder); "
                    "starting it again in {} ms",
                    wait.count());
                co_await sleep_for(wait);
                if (s->stopping) co_return;
                wait = std::min(wait * 2, longest); // one that cannot start must not fill the log
                started = std::chrono::steady_clock::now();
                if (const auto again = spawn_server(s->folder.get(), s->lock_file.get())) s->server = *again;
                continue;
            }
            const auto [cancelled, number] =
                co_await s->child_ended.async_wait(asio::as_tuple(use_awaitable));
            if (cancelled) co_return;
        }
    }

    std::shared_ptr<state> state_;
};

bool is_installed(const char* program) {
    std::string_view path = std::getenv("PATH") != nullptr ? std::getenv("PATH") : "/usr/bin:/bin";
    while (!path.empty()) {
        const std::string_view folder = path.substr(0, path.find(':'));
        if (::access((std::string(folder) + "/" + program).c_str(), X_OK) == 0) return true;
        path.remove_prefix(std::min(path.size(), folder.size() + 1));
    }
    return false;
}

} // namespace

result<std::unique_ptr<private_redis>> start_private_redis(asio::any_io_executor executor,
                                                           const fs::path& folder,
                                                           std::chrono::milliseconds patience) {
    if (!is_installed("redis-server")) {
        return fail(errc::unavailable,
                    "redis-server is not installed: install it (apt-get install redis-server) or set "
                    "REDIS_URL to a Redis of yours");
    }
    std::error_code failed;
    fs::create_directories(folder, failed);
    if (!failed) fs::permissions(folder, fs::perms::owner_all, failed);
    if (failed) return fail(errc::unavailable, "cannot create " + folder.string() + ": " + failed.message());
    auto held_lock = lock(folder, patience);
    if (!held_lock) return std::unexpected(std::move(held_lock.error()));
    std::ofstream file(folder / "redis.conf", std::ios::trunc);
    file << configuration;
    file.close();
    if (!file) return fail(errc::unavailable, "cannot write " + (folder / "redis.conf").string());
    file_descriptor opened(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (opened.get() < 0) return std::unexpected(system_error("cannot open " + folder.string()));
    const auto server = spawn_server(opened.get(), held_lock->get());
    if (!server) return std::unexpected(server.error());
    return std::make_unique<supervised_redis>(std::move(executor), std::move(opened), *std::move(held_lock),
                                              *server);
}

} // namespace atende
