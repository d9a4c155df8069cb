#include "voice/media_child.hpp"

#include <boost/asio/as_tuple.hpp>
#include <system_error>
#include <unistd.h>

#include <algorithm>
#include <atende/platform/log.hpp>
#include <atende/platform/scope_exit.hpp>
#include <atende/voice/audio_container.hpp>
#include <atende/voice/media_pool.hpp>
#include <atende/voice/media_protocol.hpp>
#include <csignal>
#include <deque>
#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

namespace atende {
namespace {

using clock = std::chrono::steady_clock;

struct job {
    job(const asio::any_io_executor& executor, media_request what, std::string bytes)
        : request(what),
          file(std::move(bytes)),
          finished(executor, clock::time_point::max()) {}

    void finish(result<converted_audio> with) {
        outcome = std::move(with);
        finished.cancel();
    }

    media_request request;
    std::string file;
    clock::time_point asked = clock::now();
    bool dropped = false; // by its caller
    std::optional<result<converted_audio>> outcome;
    asio::steady_timer finished;
};

} // namespace

std::string media_program_beside_this() {
    std::error_code ignored;
    const auto self = std::filesystem::read_symlink("/proc/self/exe", ignored);
    return (self.parent_path() / "atende-media").string();
}

struct media_pool::state {
    state(asio::any_io_executor on, media_pool_options with)
        : executor(std::move(on)),
          options(std::move(with)),
          workers(executor) {}

    void add(std::shared_ptr<job> wanted);
    awaitable<void> work();
    awaitable<void> work_until_idle(std::optional<media_child>& child);
    awaitable<std::shared_ptr<job>> next_job();
    awaitable<result<converted_audio>> convert(std::optional<media_child>& child, const job& wanted);

    asio::any_io_executor executor;
    media_pool_options options;
    std::deque<std::shared_ptr<job>> waiting;
    std::vector<asio::steady_timer*> idle; // of workers without work; the last one's process is the warmest
    std::size_t running = 0;               // workers, each with at most one process
    std::size_t converting = 0;
    std::uint64_t started = 0;
    std::uint64_t lost = 0;
    bool stopping = false;
    task_group workers;
};

void media_pool::state::add(std::shared_ptr<job> wanted) {
    waiting.push_back(std::move(wanted));
    if (!idle.empty()) {
        idle.back()->cancel();
        idle.pop_back();
    } else if (running < options.processes) {
        workers.start("media", work());
    }
}

awaitable<void> media_pool::state::work() {
    std::optional<media_child> child;
    co_await work_until_idle(child);
    if (child) co_await child->end();
}

awaitable<void> media_pool::state::work_until_idle(std::optional<media_child>& child) {
    ++running;
    const scope_exit leave([this] { --running; }); // before anything else can ask for a worker
    while (const auto wanted = co_await next_job()) {
        const scope_exit answer([&] {
            if (!wanted->outcome) wanted->finish(fail(errc::cancelled, "the server is stopping"));
        });
        wanted->finish(co_await convert(child, *wanted));
        if (child && !child->takes_more()) {
            co_await child->end();
            child.reset();
        }
    }
}

// Null when there was nothing to do for a while.
awaitable<std::shared_ptr<job>> media_pool::state::next_job() {
    asio::steady_timer woken(executor);
    for (;;) {
        while (!waiting.empty()) {
            auto next = std::move(waiting.front());
            waiting.pop_front();
            if (next->dropped) continue;
            if (clock::now() - next->asked < options.deadline) co_return next;
            next->finish(fail(errc::unavailable, "audio: waited too long for a process"));
        }
        if (stopping) co_return nullptr;
        woken.expires_after(options.idle);
        idle.push_back(&woken);
        co_await woken.async_wait(asio::as_tuple(use_awaitable));
        const bool nobody_called = std::erase(idle, &woken) > 0;
        if (nobody_called && waiting.empty()) co_return nullptr;
    }
}

awaitable<result<converted_audio>> media_pool::state::convert(std::optional<media_child>& child,
                                                              const job& wanted) {
    if (child && !child->takes_more()) { // it died in its sleep: nobody's fault
        ++lost;
        co_await child->end();
        child.reset();
    }
    if (!child) {
        auto made = media_child::start(executor, options.program);
        if (!made) co_return std::unexpected(std::move(made.error()));
        child.emplace(*std::move(made));
        ++started;
    }
    ++converting;
    const scope_exit done([this] { --converting; });
    auto outcome = co_await child->convert(wanted.request, wanted.file, options.deadline);
    if (!outcome) {
        ++lost;
        spdlog::warn("audio: {}", outcome.error().detail);
    }
    co_return outcome;
}

media_pool::media_pool(asio::any_io_executor executor, media_pool_options options)
    : state_(std::make_unique<state>(std::move(executor), std::move(options))) {
    std::signal(SIGPIPE, SIG_IGN);
}

media_pool::~media_pool() = default;

awaitable<result<converted_audio>> media_pool::decode(std::string file, audio_limits limits) {
    return encode(std::move(file), audio_format::speech_wav, limits);
}

awaitable<result<converted_audio>> media_pool::encode(std::string file, audio_format format,
                                                      audio_limits limits) {
    const std::size_t most = std::min(limits.bytes, media_file_limit);
    const audio_container container = sniff_audio(file);
    if (container == audio_container::unknown)
        co_return converted_audio{.verdict = audio_verdict::unsupported};
    if (file.size() > most) co_return converted_audio{.verdict = audio_verdict::too_big};
    if (state_->stopping) co_return fail(errc::cancelled, "the server is stopping");
    if (state_->waiting.size() >= state_->options.waiting)
        co_return fail(errc::unavailable, "audio: too many files wait to be converted");
    const media_request request{.container = container,
                                .format = format,
                                .file_bytes = static_cast<std::uint32_t>(file.size()),
                                .limit_bytes = static_cast<std::uint32_t>(most),
                                .limit_ms = static_cast<std::uint32_t>(limits.length.count())};
    const auto wanted = std::make_shared<job>(state_->executor, request, std::move(file));
    const scope_exit drop([wanted] { wanted->dropped = true; });
    state_->add(wanted);
    while (!wanted->outcome) co_await wanted->finished.async_wait(asio::as_tuple(use_awaitable));
    co_return *std::move(wanted->outcome);
}

awaitable<void> media_pool::stop() {
    state_->stopping = true;
    for (const auto& job : std::exchange(state_->waiting, {}))
        job->finish(fail(errc::cancelled, "the server is stopping"));
    co_await state_->workers.finish(std::chrono::seconds(0));
}

media_pool::figures media_pool::count() const {
    return {.started = state_->started,
            .lost = state_->lost,
            .running = state_->running,
            .converting = state_->converting,
            .waiting = state_->waiting.size()};
}

} // namespace atende
