// The record of every webhook that was answered 200, for when Redis loses what it had acknowledged (a
// failover): replay.hpp hands it over again. Nobody ever waits for it, and nothing fails because of it. What
// comes within 100 ms is written at once by the worker pool, without fsync: a crash of ours may lose those,
// and then Redis has them. Lives on the event loop's thread.
#pragma once

#include <atende/platform/async.hpp>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string_view>

namespace atende {

struct webhook_journal_settings {
    std::filesystem::path folder;
    std::uint64_t most_bytes = 1ULL << 30;  // in all files; the oldest go first
    std::uint64_t file_bytes = 16ULL << 20; // a new file then, and every UTC day, and at every start
    std::chrono::milliseconds keep{8LL * 24 * 3'600'000}; // from the end of a file's day
    std::chrono::milliseconds gather{100};
    std::function<std::int64_t()> now_ms; // Unix; empty: the real one
};

struct webhook_journal_state {
    std::uint64_t written = 0; // webhooks, since the start
    std::uint64_t lost = 0;    // webhooks that could not be written
    std::uint64_t errors = 0;  // failed writes
};

class webhook_journal {
public:
    webhook_journal(asio::any_io_executor executor, asio::thread_pool& files,
                    webhook_journal_settings settings);
    ~webhook_journal();
    webhook_journal(const webhook_journal&) = delete;
    webhook_journal& operator=(const webhook_journal&) = delete;

    // Deletes what is too old, now and every hour.
    void start();
    void add(std::int64_t received_ms, std::string_view body);
    [[nodiscard]] const webhook_journal_state& state() const;
    // Writes what was added.
    awaitable<void> stop();

private:
    struct writer;
    std::unique_ptr<writer> writer_;
};

} // namespace atende
