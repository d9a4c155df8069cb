#include "voice/media_child.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atende/platform/spawn.hpp>
#include <csignal>
#include <cstring>
#include <memory>
#include <poll.h>
#include <utility>

extern "C" { // which glibc 2.36's header forgets
#include <sys/pidfd.h>
}

namespace atende {
namespace {

constexpr int pipe_bytes = 1 << 20; // a voice note goes through in one piece

error system_error(const std::string& what, int number) {
    return {errc::unavailable, what + ": " + std::strerror(number)};
}

// Kills the process when its time is over, unless destroyed before.
class time_limit {
public:
    time_limit(const asio::any_io_executor& executor, int pidfd, std::chrono::milliseconds time)
        : state_(std::make_shared<state>(pidfd)),
          timer_(executor, time) {
        timer_.async_wait([shared = state_](boost::system::error_code cancelled) {
            if (cancelled || shared->over) return;
            shared->killed = true;
            ::pidfd_send_signal(shared->pidfd, SIGKILL, nullptr, 0);
        });
    }
    time_limit(const time_limit&) = delete;
    time_limit& operator=(const time_limit&) = delete;
    ~time_limit() { state_->over = true; } // its handler may be on its way already

    [[nodiscard]] bool killed() const { return state_->killed; }

private:
    struct state {
        explicit state(int of) : pidfd(of) {}
        int pidfd;
        bool over = false;
        bool killed = false;
    };
    std::shared_ptr<state> state_;
    asio::steady_timer timer_;
};

error broken_pipe(const boost::system::error_code& failure) {
    return {errc::rejected, "atende-media: " + failure.message()};
}

} // namespace

media_child::media_child(pid_t process, asio::posix::stream_descriptor ended,
                         asio::posix::stream_descriptor requests, asio::posix::stream_descriptor answers)
    : process_(process),
      ended_(std::move(ended)),
      requests_(std::move(requests)),
      answers_(std::move(answers)) {}

result<media_child> media_child::start(asio::any_io_executor executor, const std::string& program) {
    auto child =
        spawn({.command = program, .arguments = {}, .environment = {}, .folder = {}, .own_errors = false});
    if (!child) return std::unexpected(std::move(child.error()));
    for (const auto* pipe : {&child->input, &child->output})
        ::fcntl(pipe->get(), F_SETPIPE_SZ, pipe_bytes); // best effort
    const int pidfd = ::pidfd_open(child->process, 0);
    if (pidfd < 0) {
        const int number = errno;
        ::kill(child->process, SIGKILL);
        ::waitpid(child->process, nullptr, 0);
        return std::unexpected(system_error("pidfd_open", number));
    }
    using asio::posix::stream_descriptor;
    return media_child(child->process, stream_descriptor(executor, pidfd),
                       stream_descriptor(executor, child->input.release()),
                       stream_descriptor(executor, child->output.release()));
}

media_child::~media_child() {
    if (process_.value < 0) return;
    ::kill(process_.value, SIGKILL);
    ::waitpid(process_.value, nullptr, 0);
}

bool media_child::takes_more() {
    if (!usable_ || process_.value < 0) return false;
    pollfd ended{.fd = ended_.native_handle(), .events = POLLIN, .revents = 0};
    return ::poll(&ended, 1, 0) == 0;
}

awaitable<result<converted_audio>> media_child::convert(media_request request, const std::string& file,
                                                        std::chrono::milliseconds deadline) {
    bool killed = false;
    result<converted_audio> answer;
    {
        const time_limit limit(ended_.get_executor(), ended_.native_handle(), deadline);
        answer = co_await exchange(request, file);
        killed = limit.killed();
    }
    if (answer) co_return answer;
    usable_ = false;
    co_return std::unexpected(co_await cause_of_failure(std::move(answer.error()), killed));
}

awaitable<result<converted_audio>> media_child::exchange(media_request request, const std::string& file) {
    constexpr auto as_values = asio::as_tuple(use_awaitable);
    const std::array<asio::const_buffer, 2> sent{asio::buffer(&request, sizeof request), asio::buffer(file)};
    const auto [unsent, count] = co_await asio::async_write(requests_, sent, as_values);
    if (unsent) co_return std::unexpected(broken_pipe(unsent));
    media_answer answer;
    const auto [unheard, read] =
        co_await asio::async_read(answers_, asio::buffer(&answer, sizeof answer), as_values);
    if (unheard) co_return std::unexpected(broken_pipe(unheard));
    const bool understood = answer.mark == media_answer_mark && answer.verdict <= audio_verdict::unsupported;
    if (!understood || answer.file_bytes > request.limit_bytes)
        co_return fail(errc::rejected, "atende-media talks nonsense");
    converted_audio made{.verdict = answer.verdict,
                         .bytes = std::string(answer.file_bytes, '\0'),
                         .length = std::chrono::milliseconds(answer.length_ms),
                         .complete = answer.complete != 0};
    const auto [cut, rest] = co_await asio::async_read(answers_, asio::buffer(made.bytes), as_values);
    if (cut) co_return std::unexpected(broken_pipe(cut));
    usable_ = answer.retiring == 0;
    co_return made;
}

// How it ended says more than the pipe that broke.
awaitable<error> media_child::cause_of_failure(error seen, bool killed_by_us) {
    if (killed_by_us) {
        co_await wait_status();
        co_return error{errc::timed_out, "atende-media was killed: it took too long"};
    }
    ::kill(process_.value, SIGKILL); // harmless if it ended by itself: it is not reaped yet
    const int status = co_await wait_status();
    if (WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL)
        co_return error{errc::rejected,
                        std::string("atende-media ended by SIG") + ::sigabbrev_np(WTERMSIG(status))};
    if (WIFEXITED(status) && WEXITSTATUS(status) == media_exit_no_sandbox)
        co_return error{errc::unavailable,
                        "atende-media cannot be sandboxed here; its reason is on standard error"};
    if (WIFEXITED(status))
        co_return error{errc::rejected,
                        "atende-media ended with exit code " + std::to_string(WEXITSTATUS(status))};
    co_return seen;
}

awaitable<int> media_child::wait_status() {
    int status = 0;
    while (process_.value > 0) {
        co_await ended_.async_wait(asio::posix::stream_descriptor::wait_read, asio::as_tuple(use_awaitable));
        if (::waitpid(process_.value, &status, WNOHANG) != 0) process_.value = -1;
    }
    co_return status;
}

awaitable<void> media_child::end() {
    if (process_.value > 0) ::kill(process_.value, SIGKILL);
    co_await wait_status();
}

} // namespace atende
