#include "intake/log_limit.hpp"
#include "intake/redis_trouble.hpp"

#include <algorithm>
#include <atende/intake/intake.hpp>
#include <atende/platform/broken_variant.hpp>
#include <atende/platform/log.hpp>
#include <atende/platform/unix_time.hpp>

namespace atende {
namespace {

// The simulator's webhooks are not worth keeping.
bool all_simulated(const std::vector<gathered_event>& events) {
    return std::ranges::all_of(
        events, [](const gathered_event& given) { return is_simulated(given.what.conversation.account); });
}

} // namespace

struct intake::log_limits {
    log_limit refused{std::chrono::seconds(5)};
    log_limit spool_failed{std::chrono::seconds(30)};
    log_limit spooled{std::chrono::seconds(30)};
};

intake::intake(event_desk& desk, webhook_spool& spool, webhook_journal& journal, intake_settings settings)
    : desk_(desk),
      spool_(spool),
      journal_(journal),
      settings_(std::move(settings)),
      limits_(std::make_unique<log_limits>()) {
    if (!settings_.now) settings_.now = [] { return std::chrono::steady_clock::now(); };
}

intake::~intake() = default;

awaitable<intake::fate> intake::take(std::vector<gathered_event> events, std::string body) {
    const std::int64_t received_ms = unix_ms_now();
    fate done = fate::spooled;
    if (!spool_.is_empty()) co_await spool_.settled();
    if (spool_.is_empty()) {
        const auto receipts = co_await desk_.hand_over(events);
        if (receipts) {
            done = fate::stored;
        } else if (broken("ack_before_append")) {
            co_return fate::stored;
        } else if (!goes_to_spool(receipts.error())) {
            note_refused(receipts.error());
            co_return fate::refused;
        }
    }
    if (done == fate::spooled && !broken("spool_forgets")) {
        const auto kept = co_await spool_.append(received_ms, body);
        if (!kept) {
            if (const int times = limits_->spool_failed.happened())
                spdlog::critical("[RECV] Redis is away, and {} webhook(s) could not be kept in the spool, "
                                 "answered 503 so that Meta repeats them: {}",
                                 times, printable(kept.error().detail));
            co_return fate::refused;
        }
        if (const int times = limits_->spooled.happened())
            spdlog::warn("[RECV] {} webhook(s) kept in the spool until Redis has taken them", times);
    }
    if (!all_simulated(events)) journal_.add(received_ms, body);
    co_return done;
}

bool intake::goes_to_spool(const error& failure) const {
    if (redis_trouble_of(failure) == redis_trouble::one_event) return false;
    const auto& absence = desk_.absence();
    return absence && settings_.now() - absence->since >= settings_.spool_after;
}

void intake::note_refused(const error& failure) {
    if (const int times = limits_->refused.happened())
        spdlog::error("[RECV] {} webhook(s) not stored, answered 503 so that Meta repeats them: {}", times,
                      printable(failure.detail));
}

intake_state intake::state() const {
    intake_state now{
        .redis_away_since_ms = std::nullopt, .spool = spool_.state(), .journal = journal_.state()};
    if (const auto& absence = desk_.absence()) now.redis_away_since_ms = absence->since_ms;
    return now;
}

} // namespace atende
