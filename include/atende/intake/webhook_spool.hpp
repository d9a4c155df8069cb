// Where webhooks are kept while Redis is away for long: on our own disk, and from there to Redis, in the
// order they came, as soon as it takes them. Handing over is idempotent, so a crash in the middle only
// repeats. Lives on the event loop's thread.
#pragma once

#include <atende/intake/event_desk.hpp>
#include <atende/platform/async.hpp>
#include <atende/platform/result.hpp>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace atende {

struct webhook_spool_settings {
    std::filesystem::path folder;
    std::uint64_t most_bytes = 256ULL << 20;
    std::uint64_t file_bytes = 4ULL << 20;                 // a file is deleted when all of it was handed over
    std::chrono::milliseconds retry{200};                  // how often Redis is tried while something waits
    std::chrono::milliseconds look_for_left_overs{30'000}; // of other processes that ended
};

struct webhook_spool_state {
    std::uint64_t bytes = 0; // on disk; what was handed over is counted until its file is deleted
    std::size_t webhooks = 0;
    bool draining = false; // handing over, or waiting for Redis to take it
};

class webhook_spool {
public:
    webhook_spool(asio::any_io_executor executor, asio::thread_pool& files, event_desk& desk,
                  webhook_spool_settings settings);
    ~webhook_spool();
    webhook_spool(const webhook_spool&) = delete;
    webhook_spool& operator=(const webhook_spool&) = delete;

    // Begins to hand over what earlier processes left, and goes on looking for what others leave. Blocks
    // while it looks into their files.
    void start();

    // Nothing waits: a new webhook may go straight to Redis.
    [[nodiscard]] bool is_empty() const;
    // Waits while the last few are on their way to Redis: a new webhook comes after them. The spool is not
    // empty then only if Redis failed again.
    awaitable<void> settled();
    // On success the webhook is on the disk (fsync), behind all before it. Errors: too_large: the spool is
    // full; unavailable: the disk is full or broken.
    awaitable<result<void>> append(std::int64_t received_ms, std::string body);

    [[nodiscard]] webhook_spool_state state() const;

    // What is not handed over by now stays for the next process; webhooks are still taken.
    void stop_draining();
    awaitable<void> finish();

private:
    struct drain;
    std::unique_ptr<drain> drain_;
};

} // namespace atende
