#include "intake/record_files.hpp"
#include "intake/redis_trouble.hpp"
#include "intake/webhook_records.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <atende/intake/replay.hpp>
#include <atende/platform/log.hpp>
#include <atende/platform/unix_time.hpp>
#include <deque>
#include <list>
#include <memory>

namespace atende {
namespace {

constexpr std::int64_t clock_margin_ms = 10LL * 60'000;
// A webhook is written a little after it was received, maybe into a file that was begun in between.
constexpr std::int64_t write_delay_ms = 60'000;
constexpr int skips_before_yield = 256;

struct loaded_file {
    std::unique_ptr<const std::string> bytes; // what the records point into
    webhook_records records;
    std::size_t next = 0;
    std::string problem;
};

loaded_file load(const std::filesystem::path& path) {
    loaded_file loaded;
    auto bytes = read_whole(path);
    if (!bytes) {
        std::error_code ignored;
        // Deleted meanwhile because of its age.
        if (std::filesystem::exists(path, ignored)) loaded.problem = bytes.error().detail;
        return loaded;
    }
    loaded.bytes = std::make_unique<const std::string>(*std::move(bytes));
    loaded.records = read_webhook_records(*loaded.bytes);
    return loaded;
}

// All files of the journal as one stream. Holds only those in memory whose times overlap.
class journal_reader {
public:
    journal_reader(std::filesystem::path folder, replay_range range, asio::thread_pool& pool)
        : folder_(std::move(folder)),
          range_(range),
          pool_(pool) {}

    awaitable<void> open() {
        const auto found = co_await offload(pool_, [folder = folder_] { return list_record_files(folder); });
        for (const auto& file : found) {
            if (day_end_ms(file) > range_.from_ms && file.begun_ms - write_delay_ms < range_.until_ms)
                unopened_.push_back(file);
        }
    }

    // Valid until the next call; nothing at the end.
    awaitable<std::optional<webhook_record>> next() {
        std::erase_if(opened_, [](const loaded_file& file) { return file.next == file.records.all.size(); });
        while (!unopened_.empty() &&
               (opened_.empty() || unopened_.front().begun_ms - write_delay_ms <= earliest()->received_ms)) {
            const auto path = unopened_.front().path;
            unopened_.pop_front();
            add(co_await offload(pool_, [path] { return load(path); }), path);
        }
        if (opened_.empty()) co_return std::nullopt;
        loaded_file& from = *std::ranges::min_element(opened_, {}, received);
        co_return from.records.all[from.next++];
    }

    [[nodiscard]] std::size_t unreadable() const { return unreadable_; }

private:
    static std::int64_t received(const loaded_file& file) { return file.records.all[file.next].received_ms; }
    const webhook_record* earliest() const {
        const auto& file = *std::ranges::min_element(opened_, {}, received);
        return &file.records.all[file.next];
    }

    void add(loaded_file file, const std::filesystem::path& path) {
        unreadable_ += file.records.damaged + (file.problem.empty() ? 0 : 1);
        if (!file.problem.empty()) spdlog::error("replay: {}", printable(file.problem));
        if (file.records.damaged > 0)
            spdlog::error("replay: {} damaged stretches in {}", file.records.damaged, path.string());
        if (!file.records.all.empty()) opened_.push_back(std::move(file));
    }

    std::filesystem::path folder_;
    replay_range range_;
    asio::thread_pool& pool_;
    std::deque<record_file> unopened_;
    std::list<loaded_file> opened_;
    std::size_t unreadable_ = 0;
};

void count(replay_counts& counts, const std::vector<event_receipt>& receipts) {
    const auto known = std::ranges::count(receipts, event_receipt::fate::duplicate, &event_receipt::what);
    counts.duplicates += static_cast<std::size_t>(known);
    counts.handed_over += receipts.size() - static_cast<std::size_t>(known);
}

awaitable<void> replay_one(const webhook_record& record, event_desk& desk, replay_counts& counts) {
    ++counts.webhooks;
    const auto events = desk.read(record.body, record.received_ms);
    if (!events) {
        ++counts.unreadable;
        spdlog::error("replay: a webhook received at {} ms: {}", record.received_ms,
                      printable(events.error().detail));
        co_return;
    }
    counts.events += events->size();
    const auto receipts = co_await desk.hand_over(*events, event_desk::redeliveries::unlogged);
    if (receipts) {
        count(counts, *receipts);
    } else if (redis_trouble_of(receipts.error()) == redis_trouble::one_event) {
        ++counts.unreadable;
    } else {
        counts.cut_short = receipts.error();
    }
}

} // namespace

awaitable<replay_counts> replay(std::filesystem::path folder, replay_range range, event_desk& desk,
                                asio::thread_pool& files) {
    const auto executor = co_await asio::this_coro::executor;
    const std::int64_t remembered_ms =
        unix_ms_now() - desk.store_settings().dedupe_ttl.count() + clock_margin_ms;
    range.from_ms = std::max(range.from_ms, remembered_ms);
    replay_counts counts;
    journal_reader journal(std::move(folder), range, files);
    co_await journal.open();
    int skipped = 0;
    while (const auto record = co_await journal.next()) {
        if (record->received_ms < range.from_ms || record->received_ms >= range.until_ms) {
            if (++skipped % skips_before_yield == 0) co_await asio::post(executor, use_awaitable);
            continue;
        }
        co_await replay_one(*record, desk, counts);
        if (counts.cut_short) break;
        counts.reached_ms = record->received_ms;
    }
    counts.unreadable += journal.unreadable();
    co_return counts;
}

} // namespace atende
