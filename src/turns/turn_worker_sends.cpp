// The sending half of turn_worker: what was planned leaves in order, once, and what may have left is looked
// for.
#include "turns/send_log.hpp"
#include "turns/turn_worker.hpp"

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <atende/platform/log.hpp>
#include <atende/platform/unix_time.hpp>

namespace atende {
namespace {

// The first look is the store's to time, at a twelfth of the time to the verdict; the second comes at a
// third, the third with the verdict, if the platform answers.
constexpr int early_looks = 2;

milliseconds next_look(const turn_engine_settings& settings, int looks) {
    if (looks == 0) return settings.verdict_after / 4;
    if (looks == 1) return settings.verdict_after * 2 / 3;
    if (looks + 1 >= settings.most_looks) return milliseconds(0);
    return doubled(settings.verdict_after * 2, settings.longest_between_looks, looks - early_looks);
}

} // namespace

milliseconds turn_worker::backoff_of(const send_intent& intent) const {
    return doubled(settings_.first_send_retry, settings_.longest_send_retry, intent.attempt);
}

awaitable<void> turn_worker::look_for_uncertain(const conversation_id& conversation,
                                                std::vector<uncertain_send> sends) {
    for (auto& send : sends) {
        send_intent sent{.id = send.id, .text = std::move(send.text), .audio = std::move(send.audio)};
        auto found = co_await handler_.find_sent(conversation, std::move(sent), send.begun);
        if (!found)
            spdlog::warn("[SEND] {} #{} cannot be looked for: {}", conversation.text(), send.id,
                         printable(found.error().detail));
        look seen{.conclusive = found && send.looks >= early_looks,
                  .again = next_look(settings_, send.looks)};
        if (found) seen.found = *std::move(found);
        const auto fate = co_await store_.resolve_send(conversation, send.id, seen);
        if (fate) log_fate(conversation, send, *fate, send.looks == early_looks);
    }
}

awaitable<turn_worker::ending> turn_worker::send_all(const conversation_id& conversation, std::int64_t epoch,
                                                     sends_to_make sends) {
    // A send that has begun is always recorded; each is bounded by the channel's own deadline.
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    bool told = false;
    for (std::size_t i = 0; i < sends.intents.size(); ++i) {
        const auto& intent = sends.intents[i];
        if (i > 0 || !sends.first_has_begun) {
            if (stopping_ && std::chrono::steady_clock::now() >= last_send_) {
                co_return ending{.what = ending::kind::hand_back}; // the next process sends what is planned
            }
            const auto begun = co_await begin(conversation, epoch, intent);
            if (!begun) { // it may have begun for Redis, but surely nothing was sent
                const send_outcome not_sent{
                    .status = send_status::retry, .id = {}, .reason = begun.error().detail};
                co_return co_await record_send(conversation, epoch, intent, not_sent, backoff_of(intent));
            }
            if (begun->what == begin_outcome::verdict::gone) continue;
            if (begun->what == begin_outcome::verdict::held)
                co_return ending{.what = ending::kind::hand_back};
            if (begun->what != begin_outcome::verdict::go) {
                tell_blocked(conversation, intent, *begun);
                co_return ending{};
            }
        }
        const send_outcome outcome = co_await send(conversation, intent);
        auto then_hand_back = i + 1 == sends.intents.size() ? sends.then_hand_back : std::nullopt;
        if (outcome.status == send_status::retry)
            then_hand_back = std::max(outcome.retry_in, backoff_of(intent));
        told = i + 1 == sends.intents.size() && outcome.status != send_status::retry;
        if (told) tell_over(conversation, sends);
        const ending recorded = co_await record_send(conversation, epoch, intent, outcome, then_hand_back);
        if (then_hand_back) co_return recorded;
    }
    if (!told) tell_over(conversation, sends);
    co_return ending{.what = ending::kind::hand_back,
                     .delay = sends.then_hand_back.value_or(milliseconds(0))};
}

// Held: only when the process is stopping.
awaitable<result<begin_outcome>> turn_worker::begin(const conversation_id& conversation, std::int64_t epoch,
                                                    const send_intent& intent) {
    while (true) {
        auto begun = co_await store_.begin_send(conversation, epoch, intent.id);
        if (!begun || begun->what != begin_outcome::verdict::held || stopping_) co_return begun;
        co_await sleep_for(begun->wait + milliseconds(1));
    }
}

awaitable<send_outcome> turn_worker::send(const conversation_id& conversation, const send_intent& intent) {
    const auto begun = std::chrono::steady_clock::now();
    send_outcome outcome = co_await handler_.send(conversation, intent);
    if (outcome.status == send_status::retry && intent.attempt + 1 >= settings_.most_send_attempts) {
        outcome.status = send_status::rejected;
    }
    log_send(conversation, intent, outcome,
             std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - begun));
    tell_outcome(conversation, intent, outcome);
    co_return outcome;
}

awaitable<turn_worker::ending> turn_worker::record_send(const conversation_id& conversation,
                                                        std::int64_t epoch, const send_intent& intent,
                                                        const send_outcome& outcome,
                                                        std::optional<milliseconds> then_hand_back) {
    // Losing this fact turns a delivered message into one of unknown outcome: worth some patience.
    for (int attempt = 1; attempt <= most_repeats; ++attempt) {
        error failure;
        if (then_hand_back) {
            auto left =
                co_await store_.end_last_send(conversation, intent.id, outcome, epoch, *then_hand_back);
            if (left) co_return ending{.what = ending::kind::handed_back, .delay = left->due_in};
            failure = std::move(left.error());
        } else {
            auto recorded = co_await store_.end_send(conversation, intent.id, outcome);
            if (recorded) break;
            failure = std::move(recorded.error());
        }
        spdlog::warn("[SEND] {} #{} cannot record the outcome: {}", conversation.text(), intent.id,
                     printable(failure.detail));
        co_await sleep_for(first_repeat * attempt);
    }
    co_return ending{};
}

void turn_worker::tell_outcome(const conversation_id& conversation, const send_intent& intent,
                               const send_outcome& outcome) const {
    if (outcome.status != send_status::delivered) return tell(conversation, stage::not_sent, outcome.reason);
    if (!watch_) return;
    watch_({.conversation = conversation,
            .what = stage::sent,
            .at_ms = unix_ms_now(),
            .detail = intent.text,
            .number = intent.id});
}

// Before the last send is recorded: what a crash in between repeats is told twice, not never.
void turn_worker::tell_over(const conversation_id& conversation, const sends_to_make& sends) const {
    if (!sends.of_turn) return tell(conversation, stage::failed, "again");
    if (!watch_) return;
    watch_({.conversation = conversation,
            .what = stage::complete,
            .at_ms = unix_ms_now(),
            .answers = sends.answers});
}

void turn_worker::tell_blocked(const conversation_id& conversation, const send_intent& intent,
                               const begin_outcome& why) const {
    if (why.person_took_over) tell_person(conversation);
    const bool paused = why.what == begin_outcome::verdict::paused;
    spdlog::info("[BLOCK] {} #{} not sent: {}", conversation.text(), intent.id,
                 paused ? "a person took over" : "another process took over");
    if (paused) tell(conversation, stage::paused, "");
}

} // namespace atende
