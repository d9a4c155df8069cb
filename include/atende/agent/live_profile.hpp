// Keeps a profile up to date with its folder: a valid change is handed on, an invalid one is refused and
// told, and what served goes on serving. Reads and compiles on `files`, never on the event loop.
#pragma once

#include <atende/agent/profile.hpp>
#include <atende/platform/async.hpp>
#include <atende/platform/folder_watch.hpp>
#include <atende/platform/result.hpp>
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

namespace atende {

struct live_profile_settings {
    std::filesystem::path folder;
    profile_use use = profile_use::serve;
    std::chrono::milliseconds quiet{150};      // an editor or git is done when nothing changed for so long
    std::chrono::milliseconds at_most{30'000}; // where inotify is deaf, the folder is looked at so often
};

class live_profile {
public:
    // Takes a profile that is right in itself; an error says why it cannot serve here.
    using taker = std::function<result<void>(std::shared_ptr<const profile>)>;

    // `first` is what serves already. `files` outlives run().
    live_profile(asio::any_io_executor executor, asio::thread_pool& files, live_profile_settings settings,
                 const profile_reading& first, taker take);

    // Until it is cancelled.
    awaitable<void> run();

    [[nodiscard]] const profile& serving() const { return *serving_; }
    // Why what the folder holds now does not serve; empty: it does.
    [[nodiscard]] const std::vector<profile_problem>& refused() const { return refused_; }

private:
    void consider(profile_reading reading);
    void refuse(std::vector<profile_problem> problems);

    asio::thread_pool& files_;
    live_profile_settings settings_;
    taker take_;
    std::shared_ptr<const profile> serving_;
    std::vector<profile_problem> refused_;
    folder_stamp stamp_;
    std::shared_ptr<folder_watch> watch_; // also held by a look at the disk that outlasts this
};

} // namespace atende
