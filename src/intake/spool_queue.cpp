#include "intake/spool_queue.hpp"

#include <boost/asio/as_tuple.hpp>

#include <algorithm>
#include <atende/platform/log.hpp>
#include <atende/platform/unix_time.hpp>
#include <utility>

namespace atende {
namespace {

constexpr auto forever = std::chrono::steady_clock::time_point::max();
constexpr std::size_t few_webhooks = 64;
constexpr auto write_grace = std::chrono::seconds(5);

struct commit_job {
    std::filesystem::path folder;
    std::string bytes;
    int descriptor = -1; // negative: a new file is begun
    std::uint64_t at = 0;
    std::int64_t begin_ms = 0;
};

struct committed {
    open_record_file begun;
    append_outcome outcome;
};

committed commit_to_disk(const commit_job& job) {
    committed done;
    int descriptor = job.descriptor;
    if (descriptor < 0) {
        auto begun = create_record_file(job.folder, job.begin_ms);
        if (!begun) {
            done.outcome = {.problem = begun.error().detail, .continuable = false};
            return done;
        }
        done.begun = *std::move(begun);
        descriptor = done.begun.descriptor.get();
    }
    done.outcome = append_bytes(descriptor, job.at, job.bytes, durability::disk);
    if (!done.outcome.problem.empty() && job.descriptor < 0) ::unlink(done.begun.what.path.c_str());
    return done;
}

} // namespace

struct spool_queue::commit {
    explicit commit(const asio::any_io_executor& executor) : done(executor, forever) {}
    std::string bytes;
    std::size_t webhooks = 0;
    std::optional<result<void>> outcome;
    asio::steady_timer done;
};

spool_queue::spool_queue(asio::any_io_executor executor, asio::thread_pool& files,
                         spool_queue_settings settings)
    : executor_(std::move(executor)),
      pool_(files),
      settings_(std::move(settings)),
      commits_ended_(executor_, forever),
      settled_(executor_, forever),
      tasks_(executor_) {}

std::vector<spool_queue::spool_file> spool_queue::claim_left_overs(const std::filesystem::path& folder) {
    std::vector<spool_file> claimed;
    for (auto& left : list_record_files(folder)) {
        const std::string name = left.path.string();
        auto adopted = adopt_record_file(std::move(left));
        if (!adopted) continue; // its process lives
        const auto bytes = read_bytes(adopted->descriptor.get(), 0, adopted->what.bytes);
        if (!bytes) {
            spdlog::critical("spool: cannot read {}: {}", name, printable(bytes.error().detail));
            continue;
        }
        const auto records = read_webhook_records(*bytes);
        if (records.tail_bytes > 0) {
            spdlog::warn("spool: {} ends with {} bytes of a webhook that was not accepted", name,
                         records.tail_bytes);
        }
        claimed.push_back({.file = *std::move(adopted), .webhooks = records.all.size()});
    }
    return claimed;
}

void spool_queue::take_in(std::vector<spool_file> claimed) {
    for (auto& left : claimed) {
        newest_ms_ = std::max(newest_ms_, left.file.what.begun_ms);
        bytes_ += left.file.what.bytes;
        webhooks_ += left.webhooks;
        files_.push_back(std::move(left));
    }
}

void spool_queue::adopt_left_overs() {
    take_in(claim_left_overs(settings_.folder));
}

awaitable<bool> spool_queue::adopt_later_left_overs() {
    if (!files_.empty()) co_return false;
    auto claimed = co_await offload(pool_, [folder = settings_.folder] { return claim_left_overs(folder); });
    if (!files_.empty() || claimed.empty()) co_return false; // the next look finds them again
    take_in(std::move(claimed));
    co_return true;
}

awaitable<result<void>> spool_queue::append(std::int64_t received_ms, std::string body) {
    const std::uint64_t size = record_header_bytes + body.size();
    if (bytes_ + uncommitted_bytes_ + size > settings_.most_bytes) {
        co_return fail(errc::too_large, "the spool is full");
    }
    if (!gathering_) gathering_ = std::make_shared<commit>(executor_);
    const auto mine = gathering_;
    append_webhook_record(mine->bytes, received_ms, body);
    ++mine->webhooks;
    uncommitted_bytes_ += size;
    if (!committing_) {
        committing_ = true;
        tasks_.start("spool", commit_gathered());
    }
    while (!mine->outcome) co_await mine->done.async_wait(asio::as_tuple(use_awaitable));
    co_return *mine->outcome;
}

awaitable<void> spool_queue::commit_gathered() {
    while (gathering_) {
        const auto batch = std::exchange(gathering_, nullptr);
        commit_job job{.folder = settings_.folder, .bytes = batch->bytes};
        const bool fresh =
            files_.empty() || !continuable_ || files_.back().file.what.bytes >= settings_.file_bytes;
        if (fresh) {
            // Order is that of the names, whatever the clock does.
            newest_ms_ = job.begin_ms = std::max(unix_ms_now(), newest_ms_ + 1);
        } else {
            job.descriptor = files_.back().file.descriptor.get();
            job.at = files_.back().file.what.bytes;
        }
        auto done = co_await offload(pool_, [job = std::move(job)] { return commit_to_disk(job); });
        learn(*batch, std::move(done.begun), std::move(done.outcome), fresh);
        batch->done.cancel();
    }
    committing_ = false;
    commits_ended_.cancel();
}

void spool_queue::learn(commit& done, open_record_file begun, append_outcome outcome, bool fresh) {
    ++commits_;
    uncommitted_bytes_ -= done.bytes.size();
    if (!outcome.problem.empty()) {
        continuable_ = outcome.continuable && !fresh;
        done.outcome = fail(errc::unavailable, std::move(outcome.problem));
        return;
    }
    if (fresh) {
        newest_ms_ = std::max(newest_ms_, begun.what.begun_ms);
        files_.push_back({.file = std::move(begun)});
        continuable_ = true;
    }
    files_.back().file.what.bytes += done.bytes.size();
    files_.back().webhooks += done.webhooks;
    bytes_ += done.bytes.size();
    webhooks_ += done.webhooks;
    done.outcome.emplace();
}

awaitable<std::optional<spool_chunk>> spool_queue::next() {
    while (!is_empty()) {
        if (!files_.empty() && files_.front().taken < files_.front().file.what.bytes) {
            const auto& oldest = files_.front();
            const std::string name = oldest.file.what.path.string();
            auto bytes = co_await offload(
                pool_, [descriptor = oldest.file.descriptor.get(), from = oldest.taken,
                        until = oldest.file.what.bytes] { return read_bytes(descriptor, from, until); });
            if (bytes) {
                spool_chunk chunk{.bytes = std::make_unique<const std::string>(*std::move(bytes)),
                                  .records = {}};
                chunk.records = read_webhook_records(*chunk.bytes);
                settling_ = files_.size() == 1 && chunk.records.all.size() <= few_webhooks;
                co_return chunk;
            }
            spdlog::critical("spool: cannot read {}, what is in it is not handed over: {}", name,
                             printable(bytes.error().detail));
            files_.front().unreadable = true;
            take(files_.front().file.what.bytes - files_.front().taken, files_.front().webhooks);
        } else if (!files_.empty() && (files_.size() > 1 || !committing_)) {
            co_await remove_oldest();
        } else {
            settling_ = true;
            co_await commits_ended_.async_wait(asio::as_tuple(use_awaitable));
        }
    }
    stop_settling();
    co_return std::nullopt;
}

void spool_queue::take(std::size_t bytes, std::size_t webhooks) {
    spool_file& oldest = files_.front();
    oldest.taken += bytes;
    webhooks = std::min(webhooks, oldest.webhooks);
    oldest.webhooks -= webhooks;
    webhooks_ -= webhooks;
}

// Not durably: what comes back after a power cut is recognised when it is handed over again.
awaitable<void> spool_queue::remove_oldest() {
    const spool_file gone = std::move(files_.front());
    files_.pop_front();
    bytes_ -= gone.file.what.bytes;
    if (gone.unreadable) co_return; // for whoever repairs the disk
    co_await offload(pool_, [path = gone.file.what.path] { return ::unlink(path.c_str()); });
}

awaitable<void> spool_queue::settled() {
    while (settling_) co_await settled_.async_wait(asio::as_tuple(use_awaitable));
}

void spool_queue::stop_settling() {
    settling_ = false;
    settled_.cancel();
}

awaitable<void> spool_queue::finish() {
    stop_settling();
    co_await tasks_.finish(write_grace);
}

} // namespace atende
