// A first-in-first-out queue of webhooks on disk. What was appended survives a power cut: one fdatasync for
// all that gathered while the last one ran, on the worker pool. Lives on the event loop's thread; one reader.
#pragma once

#include "intake/record_files.hpp"
#include "intake/webhook_records.hpp"

#include <atende/platform/async.hpp>
#include <atende/platform/result.hpp>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace atende {

struct spool_queue_settings {
    std::filesystem::path folder;
    std::uint64_t most_bytes = 256ULL << 20;
    std::uint64_t file_bytes = 4ULL << 20; // then a new one; a file is deleted when all of it was taken
};

// What stands next in one file. Move it and its records keep pointing into `bytes`.
struct spool_chunk {
    std::unique_ptr<const std::string> bytes;
    webhook_records records;
};

class spool_queue {
public:
    spool_queue(asio::any_io_executor executor, asio::thread_pool& files, spool_queue_settings settings);

    // Blocks. What earlier processes left comes first; files that another process holds are left to it.
    void adopt_left_overs();
    // The same for what processes have left since, if nothing waits here. True when something was found.
    awaitable<bool> adopt_later_left_overs();

    // Durable on success. Errors: too_large: full; unavailable: the disk is full or broken, and nothing of it
    // was kept (a crash in this very moment may keep it: repeating is safe).
    awaitable<result<void>> append(std::int64_t received_ms, std::string body);

    // What is not taken yet of the oldest file; nothing when the queue is empty. Deletes files that were
    // taken whole.
    awaitable<std::optional<spool_chunk>> next();
    // The first `bytes` of the chunk, `webhooks` in number, need not come again in this process.
    void take(std::size_t bytes, std::size_t webhooks);

    // When the reader has got the last few, whoever waits for `settled` before appending finds the queue
    // empty, or the reader in trouble (`stop_settling`). Without it, a stream of appends would keep the queue
    // alive forever.
    [[nodiscard]] bool is_settling() const { return settling_; }
    awaitable<void> settled();
    void stop_settling();

    [[nodiscard]] bool is_empty() const { return files_.empty() && !committing_ && !gathering_; }
    [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
    [[nodiscard]] std::size_t webhooks() const { return webhooks_; }
    [[nodiscard]] std::uint64_t commits() const { return commits_; } // writes, each with its fdatasync

    awaitable<void> finish();

private:
    struct spool_file {
        open_record_file file;
        std::uint64_t taken = 0;
        std::size_t webhooks = 0; // not taken yet
        bool unreadable = false;
    };
    struct commit;

    awaitable<void> commit_gathered();
    void learn(commit& done, open_record_file begun, append_outcome outcome, bool fresh);
    awaitable<void> remove_oldest();
    static std::vector<spool_file> claim_left_overs(const std::filesystem::path& folder);
    void take_in(std::vector<spool_file> claimed);

    asio::any_io_executor executor_;
    asio::thread_pool& pool_;
    spool_queue_settings settings_;
    std::deque<spool_file> files_;
    bool continuable_ = false; // more may be appended to the newest file
    std::uint64_t bytes_ = 0;  // in files
    std::size_t webhooks_ = 0;
    std::uint64_t commits_ = 0;
    std::int64_t newest_ms_ = 0;
    std::shared_ptr<commit> gathering_;
    std::uint64_t uncommitted_bytes_ = 0;
    bool committing_ = false;
    bool settling_ = false;
    asio::steady_timer commits_ended_;
    asio::steady_timer settled_;
    task_group tasks_;
};

} // namespace atende
