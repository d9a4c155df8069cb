#include <boost/asio/as_tuple.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>
#include <sys/inotify.h>
#include <system_error>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atende/platform/folder_watch.hpp>
#include <atende/platform/log.hpp>
#include <atomic>
#include <cerrno>

namespace atende {

namespace {

// A file is complete when its writer closes it or renames it into place; links and folders appear at once.
// With IN_ATTRIB who may read it.
constexpr std::uint32_t changes = IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO |
                                  IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;

} // namespace

struct folder_watch::state : std::enable_shared_from_this<folder_watch::state> {
    explicit state(const asio::any_io_executor& executor) : events(executor), bell(executor) {
        const int descriptor = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
        if (descriptor >= 0) {
            events.assign(descriptor);
        } else {
            spdlog::warn("inotify: {}; changed files are noticed late",
                         std::generic_category().message(errno));
        }
    }

    void listen() {
        if (!events.is_open()) return;
        auto on_change = [self = shared_from_this()](const boost::system::error_code& failed) {
            if (failed) return;
            self->drain();
            self->pending = true;
            self->bell.cancel();
            self->listen();
        };
        events.async_wait(asio::posix::stream_descriptor::wait_read, std::move(on_change));
    }

    // What exactly changed is nobody's business: the queue may have overflowed, too.
    void drain() {
        std::array<char, 16'384> bytes{};
        while (::read(events.native_handle(), bytes.data(), bytes.size()) > 0) {
        }
    }

    // Until the bell rings or `time` has passed; throws when the coroutine is cancelled.
    awaitable<void> wait(std::chrono::steady_clock::duration time) {
        bell.expires_after(time);
        co_await bell.async_wait(asio::as_tuple(use_awaitable));
        const auto cancellation = co_await asio::this_coro::cancellation_state;
        if (cancellation.cancelled() != asio::cancellation_type::none)
            throw boost::system::system_error(asio::error::operation_aborted);
    }

    asio::posix::stream_descriptor events;
    asio::steady_timer bell;
    bool pending = false;
    std::atomic<bool> told = false; // once is enough
};

folder_watch::folder_watch(asio::any_io_executor executor) : state_(std::make_shared<state>(executor)) {
    state_->listen();
}

folder_watch::~folder_watch() {
    state_->events.close();
    state_->bell.cancel();
}

void folder_watch::watch(const std::vector<std::filesystem::path>& folders) const {
    if (!state_->events.is_open()) return;
    const int descriptor = state_->events.native_handle();
    for (const auto& folder : folders) {
        if (::inotify_add_watch(descriptor, folder.c_str(), changes) >= 0 || errno == ENOENT ||
            errno == ENOTDIR)
            continue;
        const auto why = std::generic_category().message(errno);
        if (!state_->told.exchange(true))
            spdlog::warn("inotify: {}: {}; changes are noticed late", printable(folder.string()), why);
    }
}

awaitable<void> folder_watch::changed(std::chrono::milliseconds quiet, std::chrono::milliseconds at_most) {
    const auto shared = state_;
    if (!shared->pending) co_await shared->wait(at_most);
    const auto latest = std::chrono::steady_clock::now() + 10 * quiet;
    while (std::exchange(shared->pending, false)) {
        if (std::chrono::steady_clock::now() >= latest) break;
        co_await shared->wait(quiet);
    }
}

} // namespace atende
