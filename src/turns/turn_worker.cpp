#include "turns/turn_worker.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <atende/platform/broken_variant.hpp>
#include <atende/platform/log.hpp>
#include <atende/platform/unix_time.hpp>

namespace atende {
namespace {

std::vector<message_id> ids_of(const turn& what) {
    std::vector<message_id> ids;
    for (const auto& message : what.messages) ids.push_back(message.id);
    return ids;
}

} // namespace

turn_worker::turn_worker(const asio::any_io_executor& executor, turn_store& store, turn_handler& handler,
                         turn_engine_settings settings, progress_sink watch)
    : executor_(executor),
      gate_(executor),
      store_(store),
      handler_(handler),
      settings_(settings),
      watch_(std::move(watch)) {}

void turn_worker::tell(const conversation_id& conversation, stage what, std::string detail) const {
    if (watch_)
        watch_({.conversation = conversation,
                .what = what,
                .at_ms = unix_ms_now(),
                .detail = std::move(detail)});
}

awaitable<milliseconds> turn_worker::work(conversation_id conversation) {
    co_await asio::this_coro::throw_if_cancelled(false);
    auto claim = co_await store_.claim(conversation);
    if (!claim) {
        spdlog::warn("turn {}: cannot claim: {}", conversation.text(), printable(claim.error().detail));
        co_return milliseconds(0);
    }
    if (const auto* early = std::get_if<not_due>(&*claim)) {
        if (early->person_took_over) tell_person(conversation);
        co_return early->due_in;
    }
    if (const auto* dead = std::get_if<set_aside>(&*claim)) {
        tell(conversation, stage::failed, "");
        spdlog::critical("turn {}: {} message(s) set aside after repeated failures; see `atende dead list`",
                         conversation.text(), dead->messages);
        co_return milliseconds(1); // the others' turn
    }
    if (std::holds_alternative<of_newer_version>(*claim)) {
        tell_newer(conversation);
        co_return milliseconds(0); // the sweep comes by again
    }
    auto& mine = std::get<claimed_turn>(*claim);
    tell_begun(conversation, mine.what);
    if (mine.interrupted_sends > 0) {
        spdlog::error(
            "[SEND] {} {} sends of an interrupted process have an unknown outcome and will not be repeated",
            conversation.text(), mine.interrupted_sends);
    }
    if (mine.person_took_over) tell_person(conversation);
    const ending end = co_await attend(conversation, mine);
    // A cancelled turn is handed back too, so that another process need not wait for the lease.
    co_await asio::this_coro::reset_cancellation_state();
    if (end.what == ending::kind::cut_off) co_await forgive_attempt(conversation);
    if (end.what == ending::kind::handed_back) co_return end.delay;
    if (end.what == ending::kind::hand_back)
        co_return co_await hand_back(conversation, mine.epoch, end.delay);
    co_return milliseconds(0);
}

// Whoever cancels this cancels the turn; the lease is kept for as long as the turn then needs to end.
awaitable<turn_worker::ending> turn_worker::attend(const conversation_id& conversation, claimed_turn& claim) {
    using namespace asio::experimental::awaitable_operators;
    attendance here{.ended = asio::steady_timer(executor_)};
    const auto first =
        co_await (run_to_end(conversation, claim, here) || keep_lease(conversation, claim.epoch, here));
    ending end = first.index() == 0 ? std::get<0>(first) : ending{};
    if (end.what == ending::kind::let_go && here.redis_was_away) end.what = ending::kind::cut_off;
    co_return end;
}

awaitable<turn_worker::ending> turn_worker::run_to_end(const conversation_id& conversation,
                                                       claimed_turn& claim, attendance& here) {
    const ending end = co_await run(conversation, claim);
    here.over = true;
    here.ended.cancel();
    co_return end;
}

turn_risk turn_worker::risk_of(int attempt) const {
    if (attempt < settings_.first_suspect_attempt) return turn_risk::usual;
    return attempt < settings_.first_lone_attempt ? turn_risk::suspect : turn_risk::alone;
}

// The operators above swallow exceptions, so none may leave here.
awaitable<turn_worker::ending> turn_worker::run(const conversation_id& conversation, claimed_turn& claim) {
    std::string failure;
    try {
        const int attempt = claim.what.attempt;
        const auto admission = co_await gate_.enter(risk_of(attempt));
        if (attempt > 1) {
            const auto begun = co_await store_.begin_attempt(conversation, claim.epoch, attempt);
            if (!begun || !*begun) co_return ending{};
        }
        co_return co_await pass(conversation, claim);
    } catch (const std::exception& e) {
        failure = e.what();
    }
    const auto cancellation = co_await asio::this_coro::cancellation_state;
    if (cancellation.cancelled() != asio::cancellation_type::none)
        co_return ending{.what = ending::kind::hand_back};
    spdlog::error("turn {} failed (attempt {}): {}", conversation.text(), claim.what.attempt,
                  printable(failure));
    tell(conversation, stage::failed, "again");
    co_await store_.note_failure(conversation, failure);
    co_return ending{};
}

awaitable<void> turn_worker::forgive_attempt(const conversation_id& conversation) {
    for (int tries = 1; tries <= most_repeats && !stopping_; ++tries) {
        if (co_await store_.forgive_attempt(conversation)) co_return;
        co_await sleep_for(first_repeat * tries);
    }
}

awaitable<turn_worker::ending> turn_worker::pass(const conversation_id& conversation, claimed_turn& claim) {
    if (!claim.uncertain_sends.empty())
        co_await look_for_uncertain(conversation, std::move(claim.uncertain_sends));
    if (!claim.pending_sends.empty()) {
        sends_to_make pending{.intents = std::move(claim.pending_sends),
                              .answers = {},
                              .of_turn = claim.deferrals == 0,
                              .then_hand_back = {}};
        if (claim.inbox_size == 0) pending.then_hand_back = milliseconds(0);
        const ending sent = co_await send_all(conversation, claim.epoch, std::move(pending));
        if (sent.what != ending::kind::hand_back) co_return sent;
    }
    if (claim.inbox_size == 0) co_return ending{.what = ending::kind::hand_back};
    if (stopping_) co_return ending{.what = ending::kind::hand_back};
    co_await asio::this_coro::reset_cancellation_state(asio::enable_terminal_cancellation());
    auto answers = ids_of(claim.what);
    turn_decision decision;
    if (!claim.what.messages.empty()) {
        auto journal = [this, &conversation, &claim](std::string entry, bool commits) {
            return write_journal(conversation, claim, std::move(entry), commits);
        };
        decision = co_await handler_.think(std::move(claim.what), std::move(journal));
    }
    co_return co_await apply(conversation, claim, std::move(decision), std::move(answers));
}

awaitable<turn_worker::ending> turn_worker::apply(const conversation_id& conversation,
                                                  const claimed_turn& claim, turn_decision decision,
                                                  std::vector<message_id> answers) {
    // What PLAN has begun is sent: whoever cancels in between would leave a send that never leaves.
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    if (decision.what == turn_decision::verdict::abandon) co_return ending{};
    const bool deferred = decision.what == turn_decision::verdict::defer;
    // With replicas a send begins by a step of its own: if they do not have it in time, it can be taken back.
    decision.plan.begin_first = store_.settings().replicas == 0;
    auto outcome = co_await commit(conversation, claim, decision);
    if (!outcome) {
        spdlog::error("turn {}: cannot plan: {}", conversation.text(), printable(outcome.error().detail));
        co_return ending{.what = ending::kind::cut_off};
    }
    switch (outcome->what) {
    case plan_outcome::verdict::planned: break;
    case plan_outcome::verdict::superseded:
        spdlog::info("turn {}: the customer wrote more; thinking again", conversation.text());
        co_return ending{.what = ending::kind::hand_back};
    case plan_outcome::verdict::tripped:
        shout_tripped(conversation, *outcome);
        tell_over(conversation, {.intents = {}, .answers = std::move(answers), .then_hand_back = {}});
        co_return ending{.what = ending::kind::hand_back};
    case plan_outcome::verdict::held: // only when the process is stopping
        co_return ending{.what = ending::kind::hand_back};
    case plan_outcome::verdict::paused:
        if (outcome->person_took_over) tell_person(conversation);
        spdlog::info("[BLOCK] {} a person took over; the answer is dropped", conversation.text());
        tell(conversation, stage::paused, "");
        tell_over(conversation, {.intents = {}, .answers = std::move(answers), .then_hand_back = {}});
        co_return ending{.what = ending::kind::hand_back};
    case plan_outcome::verdict::fenced:
        spdlog::warn("turn {}: another process took over; the answer is dropped", conversation.text());
        co_return ending{};
    }
    sends_to_make sends{.intents = std::move(outcome->sends),
                        .answers = std::move(answers),
                        .of_turn = !deferred,
                        .then_hand_back = milliseconds(0)};
    sends.first_has_begun = !deferred && decision.plan.begin_first;
    if (deferred) {
        sends.then_hand_back = doubled(settings_.first_deferral, settings_.longest_deferral, claim.deferrals);
    }
    const ending sent = co_await send_all(conversation, claim.epoch, std::move(sends));
    if (decision.plan.hand_over) tell_handed_over(conversation);
    co_return sent;
}

// Asks again while a person may have taken over, and when an answer of Redis was lost: PLAN answers a worker
// the same however often it asks.
awaitable<result<plan_outcome>> turn_worker::commit(const conversation_id& conversation,
                                                    const claimed_turn& claim,
                                                    const turn_decision& decision) {
    const bool deferred = decision.what == turn_decision::verdict::defer;
    for (int failures = 0;;) {
        auto outcome = deferred ? co_await store_.defer(conversation, claim.epoch, decision.notice)
                                : co_await store_.plan(conversation, claim, decision.plan);
        if (!outcome) {
            if (outcome.error().code == errc::rejected || ++failures > most_repeats || stopping_)
                co_return outcome;
            co_await sleep_for(first_repeat * failures);
        } else if (outcome->what == plan_outcome::verdict::held && !stopping_) {
            co_await sleep_for(outcome->wait + milliseconds(1));
        } else {
            co_return outcome;
        }
    }
}

awaitable<bool> turn_worker::write_journal(const conversation_id& conversation, const claimed_turn& claim,
                                           std::string entry, bool commits) {
    for (int failures = 0;;) {
        const auto written = co_await store_.journal(conversation, claim, entry, commits);
        if (written) co_return *written;
        if (written.error().code == errc::rejected || ++failures > most_repeats) {
            spdlog::warn("turn {}: the journal cannot be written: {}", conversation.text(),
                         printable(written.error().detail));
            co_return false;
        }
        co_await sleep_for(first_repeat * failures);
    }
}

void turn_worker::tell_begun(const conversation_id& conversation, const turn& what) const {
    if (!watch_) return;
    watch_({.conversation = conversation,
            .what = stage::begun,
            .at_ms = unix_ms_now(),
            .answers = ids_of(what),
            .watched = what.watched});
}

void turn_worker::tell_person(const conversation_id& conversation) const {
    spdlog::info("[OUTGOING] {} a person wrote from the shop's account", conversation.text());
    spdlog::info("[BLOCK] {} the bot is silent for {} min", conversation.text(),
                 std::chrono::ceil<std::chrono::minutes>(store_.settings().human_pause).count());
    tell(conversation, stage::paused, "");
}

void turn_worker::tell_handed_over(const conversation_id& conversation) const {
    spdlog::info("[BLOCK] {} handed over to a person; the bot is silent for {} min", conversation.text(),
                 std::chrono::ceil<std::chrono::minutes>(store_.settings().hand_over_pause).count());
    tell(conversation, stage::paused, "hand-over");
}

void turn_worker::tell_newer(const conversation_id& conversation) {
    const auto now = std::chrono::steady_clock::now();
    if (now < next_newer_line_) return;
    next_newer_line_ = now + std::chrono::minutes(1);
    spdlog::warn("turn {}: written by a newer version and left to it; others may be, too",
                 conversation.text());
}

void turn_worker::shout_tripped(const conversation_id& conversation, const plan_outcome& outcome) const {
    spdlog::critical(
        "[BLOCK] {} the bot answered too often ({}) and is silent for {} min; a person should look",
        conversation.text(), printable(outcome.limit),
        std::chrono::ceil<std::chrono::minutes>(outcome.wait).count());
    tell(conversation, stage::paused, outcome.limit);
}

// Ends when the lease is lost, which ends the turn; or when the turn is over. Not when it is cancelled: a
// send under way still needs its lease.
awaitable<void> turn_worker::keep_lease(const conversation_id& conversation, std::int64_t epoch,
                                        attendance& here) {
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    while (!here.over) {
        here.ended.expires_after(store_.settings().lease / 3);
        co_await here.ended.async_wait(asio::as_tuple(use_awaitable));
        if (here.over) co_return;
        if (broken("no_lease_renewal")) continue;
        const auto held = co_await store_.renew(conversation, epoch);
        if (!held) here.redis_was_away = true;
        if (held && !*held) {
            spdlog::warn("[BLOCK] {} a person or another process took over; the thought is dropped",
                         conversation.text());
            co_return;
        }
    }
}

awaitable<milliseconds> turn_worker::hand_back(const conversation_id& conversation, std::int64_t epoch,
                                               milliseconds delay) {
    const auto left = co_await store_.finish(conversation, epoch, delay);
    co_return left ? left->due_in : milliseconds(0);
}

} // namespace atende
