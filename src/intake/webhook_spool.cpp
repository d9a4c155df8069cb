#include "intake/redis_trouble.hpp"
#include "intake/spool_queue.hpp"

#include <boost/asio/as_tuple.hpp>

#include <algorithm>
#include <atende/intake/webhook_spool.hpp>
#include <atende/platform/log.hpp>
#include <iterator>

namespace atende {
namespace {

// Of one round trip: enough that a Redis that syncs every write to its disk does not make draining slow.
constexpr std::size_t most_webhooks_at_once = 32;
constexpr std::size_t most_events_at_once = 64;
constexpr auto drain_grace = std::chrono::seconds(5); // a Redis that does not answer is given up before

// Webhooks that are handed over together.
struct parcel {
    std::vector<gathered_event> events;
    std::size_t webhooks = 0;
    std::size_t end = 0; // in the chunk
};

enum class handed { taken, refused, stopped };

} // namespace

struct webhook_spool::drain {
    drain(asio::any_io_executor executor, asio::thread_pool& files, event_desk& given,
          const webhook_spool_settings& settings)
        : queue(executor, files,
                {.folder = settings.folder,
                 .most_bytes = settings.most_bytes,
                 .file_bytes = settings.file_bytes}),
          desk(given),
          retry(settings.retry),
          look_every(settings.look_for_left_overs),
          pause(executor),
          look_pause(executor),
          tasks(executor) {}

    void begin();
    awaitable<void> look_for_left_overs();
    awaitable<void> run();
    awaitable<void> hand_over_all();
    awaitable<bool> hand_over(const spool_chunk& chunk);
    [[nodiscard]] parcel packed(const webhook_records& records, std::size_t first, std::size_t most) const;
    awaitable<handed> give(const parcel& what);

    spool_queue queue;
    event_desk& desk;
    std::chrono::milliseconds retry;
    std::chrono::milliseconds look_every;
    asio::steady_timer pause;
    asio::steady_timer look_pause;
    std::size_t handed_over = 0; // since it began
    bool running = false;
    bool stopping = false;
    task_group tasks;
};

void webhook_spool::drain::begin() {
    if (running || stopping) return;
    running = true;
    tasks.start("spool drain", run());
}

// Of replicas that ended for good while Redis was away.
awaitable<void> webhook_spool::drain::look_for_left_overs() {
    while (!stopping) {
        look_pause.expires_after(look_every);
        co_await look_pause.async_wait(asio::as_tuple(use_awaitable));
        if (stopping || !co_await queue.adopt_later_left_overs()) continue;
        spdlog::warn("[RECV] another process left {} webhooks in the spool: they are handed over",
                     queue.webhooks());
        begin();
    }
}

awaitable<void> webhook_spool::drain::run() {
    std::exception_ptr failure;
    try {
        co_await hand_over_all();
    } catch (...) {
        failure = std::current_exception();
    }
    running = false; // the next webhook begins anew
    queue.stop_settling();
    if (failure) std::rethrow_exception(failure);
}

awaitable<void> webhook_spool::drain::hand_over_all() {
    handed_over = 0;
    while (!stopping) {
        const auto chunk = co_await queue.next();
        if (!chunk) {
            spdlog::info("[RECV] {} webhooks of the spool handed over to Redis: it is empty", handed_over);
            co_return;
        }
        if (!co_await hand_over(*chunk)) co_return;
    }
}

awaitable<bool> webhook_spool::drain::hand_over(const spool_chunk& chunk) {
    if (chunk.records.damaged > 0)
        spdlog::critical("spool: {} damaged stretches were skipped; what stood there is in the journal",
                         chunk.records.damaged);
    std::size_t first = 0;
    std::size_t at = 0;
    std::size_t most = most_webhooks_at_once;
    while (first < chunk.records.all.size()) {
        const parcel next = packed(chunk.records, first, most);
        const handed how = co_await give(next);
        if (how == handed::stopped) co_return false;
        if (how == handed::refused && next.webhooks > 1) { // by one of them: find out which
            most = 1;
            continue;
        }
        if (how == handed::refused)
            spdlog::critical(
                "[RECV] a webhook of the spool, received at {} ms, was skipped: Redis did not take it",
                chunk.records.all[first].received_ms);
        queue.take(next.end - at, next.webhooks);
        at = next.end;
        first += next.webhooks;
        handed_over += next.webhooks;
    }
    queue.take(chunk.bytes->size() - at, 0);
    co_return true;
}

parcel webhook_spool::drain::packed(const webhook_records& records, std::size_t first,
                                    std::size_t most) const {
    parcel packed;
    for (std::size_t i = first; i < records.all.size(); ++i) {
        if (packed.webhooks == most || packed.events.size() >= most_events_at_once) break;
        const webhook_record& record = records.all[i];
        auto events = desk.read(record.body, record.received_ms);
        if (!events) {
            spdlog::critical("[RECV] a webhook of the spool, received at {} ms, was skipped: {}",
                             record.received_ms, printable(events.error().detail));
        } else {
            std::ranges::move(*events, std::back_inserter(packed.events));
        }
        ++packed.webhooks;
        packed.end = record.end;
    }
    return packed;
}

awaitable<handed> webhook_spool::drain::give(const parcel& what) {
    while (!stopping) {
        const auto receipts = co_await desk.hand_over(what.events);
        if (receipts) co_return handed::taken;
        if (redis_trouble_of(receipts.error()) == redis_trouble::one_event) co_return handed::refused;
        queue.stop_settling();
        pause.expires_after(retry);
        co_await pause.async_wait(asio::as_tuple(use_awaitable));
    }
    co_return handed::stopped;
}

webhook_spool::webhook_spool(asio::any_io_executor executor, asio::thread_pool& files, event_desk& desk,
                             webhook_spool_settings settings)
    : drain_(std::make_unique<drain>(std::move(executor), files, desk, settings)) {}

webhook_spool::~webhook_spool() = default;

void webhook_spool::start() {
    drain_->queue.adopt_left_overs();
    drain_->tasks.start("spool left-overs", drain_->look_for_left_overs());
    if (drain_->queue.is_empty()) return;
    spdlog::warn("[RECV] {} webhooks are left in the spool: they are handed over first",
                 drain_->queue.webhooks());
    drain_->begin();
}

bool webhook_spool::is_empty() const {
    return drain_->queue.is_empty();
}

awaitable<void> webhook_spool::settled() {
    return drain_->queue.settled();
}

awaitable<result<void>> webhook_spool::append(std::int64_t received_ms, std::string body) {
    auto kept = co_await drain_->queue.append(received_ms, std::move(body));
    if (kept) drain_->begin();
    co_return kept;
}

webhook_spool_state webhook_spool::state() const {
    return {
        .bytes = drain_->queue.bytes(), .webhooks = drain_->queue.webhooks(), .draining = drain_->running};
}

void webhook_spool::stop_draining() {
    drain_->stopping = true;
    drain_->pause.cancel();
    drain_->look_pause.cancel();
}

awaitable<void> webhook_spool::finish() {
    stop_draining();
    co_await drain_->queue.finish();
    co_await drain_->tasks.finish(drain_grace);
}

} // namespace atende
