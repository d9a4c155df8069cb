// Wakes a coroutine when something in a folder changes (inotify), so that what people edit can be read again.
// Says only that something has: who wakes looks for itself.
// https://man7.org/linux/man-pages/man7/inotify.7.html
#pragma once

#include <atende/platform/async.hpp>
#include <chrono>
#include <filesystem>
#include <memory>
#include <vector>

namespace atende {

class folder_watch {
public:
    // Where the system gives no more watches, or the folders are on a file system of another machine,
    // changed() wakes after `at_most` alone.
    explicit folder_watch(asio::any_io_executor executor);
    ~folder_watch();
    folder_watch(const folder_watch&) = delete;
    folder_watch& operator=(const folder_watch&) = delete;

    // Also watches these folders, not what is below them; one that is missing is left out, one that is
    // watched already stays so. Looks at the disk; may be called on any thread.
    void watch(const std::vector<std::filesystem::path>& folders) const;

    // Resumes when something has changed since it last did and then nothing more for `quiet` (or for ten
    // times that, while changes do not end), or when `at_most` has passed. One caller at a time.
    awaitable<void> changed(std::chrono::milliseconds quiet, std::chrono::milliseconds at_most);

private:
    struct state;
    std::shared_ptr<state> state_;
};

} // namespace atende
