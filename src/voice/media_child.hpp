// One atende-media process, from its start to its end.
#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>
#include <sys/types.h>

#include <atende/platform/async.hpp>
#include <atende/platform/result.hpp>
#include <atende/voice/converted_audio.hpp>
#include <atende/voice/media_protocol.hpp>
#include <chrono>
#include <string>
#include <utility>

namespace atende {

class media_child {
public:
    // With an empty environment: it may not know our keys. Errors: unavailable.
    static result<media_child> start(asio::any_io_executor executor, const std::string& program);
    media_child(media_child&&) = default;
    media_child& operator=(media_child&&) = delete;
    ~media_child(); // kills it if it still runs, and waits for that: use end() on the event loop

    // One at a time. Errors as media_pool::decode(); after one the process has ended, or has to.
    awaitable<result<converted_audio>> convert(media_request request, const std::string& file,
                                               std::chrono::milliseconds deadline);
    // Neither retiring, nor failed, nor dead.
    [[nodiscard]] bool takes_more();
    // Kills it if it still runs; returns when it is gone.
    awaitable<void> end();

private:
    media_child(pid_t process, asio::posix::stream_descriptor ended, asio::posix::stream_descriptor requests,
                asio::posix::stream_descriptor answers);

    awaitable<result<converted_audio>> exchange(media_request request, const std::string& file);
    awaitable<error> cause_of_failure(error seen, bool killed_by_us);
    awaitable<int> wait_status();

    // Negative once it is reaped.
    struct process_id {
        explicit process_id(pid_t id) : value(id) {}
        process_id(process_id&& other) noexcept : value(std::exchange(other.value, -1)) {}
        pid_t value;
    } process_;
    asio::posix::stream_descriptor ended_; // a pidfd: readable when it has
    asio::posix::stream_descriptor requests_;
    asio::posix::stream_descriptor answers_;
    bool usable_ = true;
};

} // namespace atende
