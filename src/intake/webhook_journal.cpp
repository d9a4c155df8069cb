#include "intake/log_limit.hpp"
#include "intake/record_files.hpp"
#include "intake/webhook_records.hpp"

#include <boost/asio/as_tuple.hpp>

#include <algorithm>
#include <atende/intake/webhook_journal.hpp>
#include <atende/platform/log.hpp>
#include <atende/platform/unix_time.hpp>
#include <vector>

namespace atende {
namespace {

// While the disk does not keep up.
constexpr std::size_t most_gathered_bytes = 16 << 20;
// Buffers beyond this are given back after a burst.
constexpr std::size_t most_spare_bytes = 2 << 20;
constexpr auto write_grace = std::chrono::seconds(2);

// One run of bytes: a webhook's memory is free again at once, and by the thread that allocated it.
struct gathered_webhooks {
    struct one {
        std::int64_t received_ms = 0;
        std::size_t size = 0;
    };
    std::vector<one> all;
    std::string bodies;
};

struct writing {
    std::filesystem::path folder;
    gathered_webhooks webhooks;
    int descriptor = -1; // negative: a new file is begun, and old ones are deleted for it
    std::uint64_t at = 0;
    std::int64_t now_ms = 0;
    std::int64_t oldest_kept_ms = 0;
    std::uint64_t most_bytes = 0; // beside the new file
};

struct written {
    gathered_webhooks
        emptied; // their memory is used again: growing it anew costs more than the rest of `add`
    open_record_file begun;
    std::uint64_t end = 0;
    append_outcome outcome;
};

written write(writing job) {
    written done;
    std::string bytes;
    bytes.reserve(job.webhooks.bodies.size() + job.webhooks.all.size() * record_header_bytes);
    std::string_view rest = job.webhooks.bodies;
    for (const auto& one : job.webhooks.all) {
        append_webhook_record(bytes, one.received_ms, rest.substr(0, one.size));
        rest.remove_prefix(one.size);
    }
    job.webhooks.all.clear();
    job.webhooks.bodies.clear();
    if (job.webhooks.bodies.capacity() <= most_spare_bytes) done.emptied = std::move(job.webhooks);
    int descriptor = job.descriptor;
    if (descriptor < 0) {
        prune_record_files(job.folder, job.oldest_kept_ms,
                           job.most_bytes - std::min<std::uint64_t>(job.most_bytes, bytes.size()));
        auto begun = create_record_file(job.folder, job.now_ms);
        if (!begun) {
            done.outcome = {.problem = begun.error().detail, .continuable = false};
            return done;
        }
        done.begun = *std::move(begun);
        descriptor = done.begun.descriptor.get();
    }
    done.outcome = append_bytes(descriptor, job.at, bytes, durability::page_cache);
    done.end = job.at + (done.outcome.problem.empty() ? bytes.size() : 0);
    return done;
}

} // namespace

struct webhook_journal::writer {
    writer(asio::any_io_executor executor, asio::thread_pool& pool, webhook_journal_settings given)
        : settings(std::move(given)),
          files(pool),
          pause(executor),
          housekeeping_pause(executor),
          tasks(executor) {
        if (!settings.now_ms) settings.now_ms = unix_ms_now;
        settings.file_bytes = std::min(settings.file_bytes, settings.most_bytes / 4);
    }

    awaitable<void> write_gathered();
    awaitable<void> keep_house();
    writing next_job();
    void learn(written done, std::size_t webhooks);
    void lose(std::size_t webhooks, std::string_view why);

    webhook_journal_settings settings;
    asio::thread_pool& files;
    webhook_journal_state state;
    gathered_webhooks gathered;
    gathered_webhooks spare;
    open_record_file file;
    bool running = false;
    bool stopping = false;
    asio::steady_timer pause;
    asio::steady_timer housekeeping_pause;
    log_limit complaints{std::chrono::seconds(60)};
    task_group tasks;
};

writing webhook_journal::writer::next_job() {
    writing job;
    job.folder = settings.folder;
    job.webhooks = std::exchange(gathered, std::exchange(spare, {}));
    job.now_ms = settings.now_ms();
    job.oldest_kept_ms = job.now_ms - settings.keep.count();
    job.most_bytes = settings.most_bytes - settings.file_bytes;
    const bool usable = file.descriptor.is_open() && file.what.bytes < settings.file_bytes &&
                        utc_day(file.what.begun_ms) == utc_day(job.now_ms);
    if (usable) {
        job.descriptor = file.descriptor.get();
        job.at = file.what.bytes;
    }
    return job;
}

void webhook_journal::writer::learn(written done, std::size_t webhooks) {
    spare = std::move(done.emptied);
    if (done.begun.descriptor.is_open()) file = std::move(done.begun);
    file.what.bytes = done.end;
    if (!done.outcome.continuable) file = {};
    if (done.outcome.problem.empty()) {
        state.written += webhooks;
        return;
    }
    ++state.errors;
    lose(webhooks, done.outcome.problem);
}

void webhook_journal::writer::lose(std::size_t webhooks, std::string_view why) {
    state.lost += webhooks;
    if (const int lost = complaints.happened(static_cast<int>(webhooks))) {
        spdlog::error("journal: {} webhooks are not in {}: {} (they are stored; only replaying them is not "
                      "possible)",
                      lost, settings.folder.string(), printable(why));
    }
}

awaitable<void> webhook_journal::writer::write_gathered() {
    while (!gathered.all.empty()) {
        if (!stopping) {
            pause.expires_after(settings.gather);
            co_await pause.async_wait(asio::as_tuple(use_awaitable));
        }
        writing job = next_job();
        const std::size_t webhooks = job.webhooks.all.size();
        auto done =
            co_await offload(files, [job = std::move(job)]() mutable { return write(std::move(job)); });
        learn(std::move(done), webhooks);
    }
    running = false;
}

// Nothing may be written for days.
awaitable<void> webhook_journal::writer::keep_house() {
    while (!stopping) {
        const std::int64_t oldest_kept_ms = settings.now_ms() - settings.keep.count();
        co_await offload(files, [folder = settings.folder, oldest_kept_ms, most = settings.most_bytes] {
            prune_record_files(folder, oldest_kept_ms, most);
            return true;
        });
        if (stopping) co_return;
        housekeeping_pause.expires_after(std::chrono::hours(1));
        co_await housekeeping_pause.async_wait(asio::as_tuple(use_awaitable));
    }
}

webhook_journal::webhook_journal(asio::any_io_executor executor, asio::thread_pool& files,
                                 webhook_journal_settings settings)
    : writer_(std::make_unique<writer>(std::move(executor), files, std::move(settings))) {}

webhook_journal::~webhook_journal() = default;

void webhook_journal::start() {
    writer_->tasks.start("journal housekeeping", writer_->keep_house());
}

void webhook_journal::add(std::int64_t received_ms, std::string_view body) {
    gathered_webhooks& gathered = writer_->gathered;
    if (writer_->stopping) return writer_->lose(1, "the process is ending");
    if (gathered.bodies.size() + body.size() > most_gathered_bytes)
        return writer_->lose(1, "the disk does not keep up");
    gathered.bodies += body;
    gathered.all.push_back({.received_ms = received_ms, .size = body.size()});
    if (writer_->running) return;
    writer_->running = true;
    writer_->tasks.start("journal", writer_->write_gathered());
}

const webhook_journal_state& webhook_journal::state() const {
    return writer_->state;
}

awaitable<void> webhook_journal::stop() {
    writer_->stopping = true;
    writer_->pause.cancel();
    writer_->housekeeping_pause.cancel();
    co_await writer_->tasks.finish(write_grace);
}

} // namespace atende
