// CLAIM, RENEW, PLAN, DEFER, FINISH: one worker at a time, nothing lost, nothing answered twice.
#include "integration/store_fixture.hpp"

namespace atende {
namespace {

using namespace std::chrono_literals;
using texts = std::vector<std::string>;
using verdict = plan_outcome::verdict;

class Claim : public test::store_test {
protected:
    bool renew(std::int64_t epoch) { return loop.await(store().renew(customer, epoch)).value(); }
    plan_outcome defer(std::int64_t epoch, const std::string& notice) {
        return loop.await(store().defer(customer, epoch, notice)).value();
    }
    bool begin_attempt(const claimed_turn& turn) {
        return loop.await(store().begin_attempt(customer, turn.epoch, turn.what.attempt)).value();
    }
    std::int64_t idle_in_claim() { return std::get<not_due>(try_claim()).due_in.count(); }
};

TEST_F(Claim, IsIdleEarlyOrGranted) {
    EXPECT_EQ(idle_in_claim(), 0);
    hand_over(test::message(customer, "m1", "oi", 60'000ms));
    EXPECT_GT(idle_in_claim(), 0);
    hand_over(test::message(customer, "m2", "oi", 0ms));
    const auto turn = claim();
    EXPECT_EQ(turn.what.conversation, customer);
    EXPECT_EQ(turn.what.number, 1);
    EXPECT_EQ(turn.what.attempt, 1);
    EXPECT_EQ(turn.inbox_size, 2U);
}

TEST_F(Claim, IsHeldByOneWorkerUntilItsLeaseExpires) {
    hand_over(test::message(customer, "m1", "oi"));
    const auto first = claim();
    const auto refused = std::get<not_due>(try_claim());
    EXPECT_GT(refused.due_in, 0ms);
    EXPECT_LE(refused.due_in, settings.lease);
    EXPECT_TRUE(renew(first.epoch));
    let_lease_expire();
    const auto second = claim();
    EXPECT_GT(second.epoch, first.epoch);
    EXPECT_EQ(second.what.attempt, 2);
    EXPECT_EQ(texts_of(second.what.messages), texts{"oi"});
}

TEST_F(Claim, AnEpochIsNotGivenAgainAfterAFailoverForgotIt) {
    hand_over(test::message(customer, "m1", "oi"));
    const auto before = claim();
    command({"HDEL", keys.state(), "epoch", "state"});
    loop.await(sleep_for(milliseconds(1))); // an epoch is no earlier than its claim, in ms
    let_lease_expire();
    const auto after = claim();
    EXPECT_GT(after.epoch, before.epoch);
    EXPECT_EQ(plan(before, {"velha"}).what, verdict::fenced);
}

TEST_F(Claim, AFencedWorkerCanDoNothingMore) {
    hand_over(test::message(customer, "m1", "oi"));
    const auto old = claim();
    let_lease_expire();
    const auto current = claim();
    EXPECT_FALSE(renew(old.epoch));
    EXPECT_EQ(plan(old, {"velha"}).what, verdict::fenced);
    EXPECT_EQ(defer(old.epoch, "um momento").what, verdict::fenced);
    EXPECT_EQ(finish(old.epoch), 0ms);
    const auto planned = plan(current, {"nova"});
    ASSERT_EQ(planned.what, verdict::planned);
    EXPECT_EQ(begin_send(old.epoch, planned.sends[0].id), begin_outcome::verdict::fenced);
    EXPECT_EQ(begin_send(current.epoch, planned.sends[0].id), begin_outcome::verdict::go);
}

TEST_F(Claim, RenewingKeepsItFromOthers) {
    hand_over(test::message(customer, "m1", "oi"));
    const auto turn = claim();
    let_lease_expire();
    EXPECT_TRUE(renew(turn.epoch));
    EXPECT_GT(idle_in_claim(), 0);
}

TEST_F(Claim, AMessageThatKillsEveryWorkerIsSetAsideAlone) {
    settings.most_attempts = 3;
    settings.attempts_before_bisection = 2;
    hand_over({test::message(customer, "m1", "veneno"), test::message(customer, "m2", "oi")});
    EXPECT_EQ(texts_of(claim().what.messages), (texts{"veneno", "oi"}));
    for (int attempt = 2; attempt <= 3; ++attempt) {
        let_lease_expire();
        const auto alone = claim();
        EXPECT_EQ(alone.what.attempt, attempt);
        EXPECT_TRUE(begin_attempt(alone));
        EXPECT_EQ(texts_of(alone.what.messages), texts{"veneno"}) << "its neighbours do not share its fate";
        EXPECT_TRUE(alone.partial);
    }
    loop.await(store().note_failure(customer, "a bug in the agent"));
    let_lease_expire();
    EXPECT_EQ(std::get<set_aside>(try_claim()).messages, 1);
    const auto letters = command({"HVALS", keys.dead()}).items;
    ASSERT_EQ(letters.size(), 1U);
    EXPECT_NE(letters[0].text.find("veneno"), std::string::npos) << "a person can still read it";
    EXPECT_NE(letters[0].text.find("a bug in the agent"), std::string::npos);

    const auto innocent = claim();
    EXPECT_EQ(innocent.what.attempt, 1);
    EXPECT_EQ(texts_of(innocent.what.messages), texts{"oi"});
    EXPECT_EQ(plan(innocent, {"olá"}).what, verdict::planned);
    finish(innocent.epoch);
    hand_over(test::message(customer, "m3", "e agora?"));
    EXPECT_EQ(texts_of(claim().what.messages), texts{"e agora?"});
}

TEST_F(Claim, OnlyAnAttemptThatBeganCounts) {
    hand_over(test::message(customer, "m1", "oi"));
    const auto first = claim();
    for (int lost = 0; lost < 10; ++lost) { // its answer never came, or its process died in the queue
        let_lease_expire();
        EXPECT_EQ(claim().what.attempt, 2);
    }
    let_lease_expire();
    const auto second = claim();
    EXPECT_FALSE(begin_attempt(first)) << "another's by now";
    EXPECT_TRUE(begin_attempt(second));
    let_lease_expire();
    EXPECT_EQ(claim().what.attempt, 3);
}

TEST_F(Claim, OneMessageOfSeveralIsAnsweredAsATurnOfItsOwn) {
    settings.attempts_before_bisection = 2;
    hand_over({test::message(customer, "m1", "um"), test::message(customer, "m2", "dois")});
    claim();
    let_lease_expire();
    const auto first = claim();
    EXPECT_EQ(plan(first, {"re: um"}).what, verdict::planned) << "what was left out supersedes nothing";
    finish(first.epoch);
    let_lease_expire();
    auto next = claim();
    EXPECT_EQ(texts_of(next.what.messages), texts{"dois"});
}

TEST_F(Claim, SettingATurnAsideKeepsWhatWasPlannedBefore) {
    settings.most_attempts = 1;
    hand_over(test::message(customer, "m1", "oi"));
    plan(claim(), {"olá"});
    hand_over(test::message(customer, "m2", "veneno"));
    let_lease_expire();
    claim();
    let_lease_expire();
    EXPECT_TRUE(std::holds_alternative<set_aside>(try_claim()));
    const auto left = claim();
    ASSERT_EQ(left.pending_sends.size(), 1U);
    EXPECT_EQ(left.pending_sends[0].text, "olá");
}

TEST_F(Claim, HandingBackForgetsCrashes) {
    hand_over(test::message(customer, "m1", "oi"));
    for (int i = 0; i < 10; ++i) {
        const auto turn = claim();
        EXPECT_EQ(turn.what.attempt, 1);
        EXPECT_GT(finish(turn.epoch), 0ms) << "its message is still to be answered";
        let_lease_expire();
    }
}

TEST_F(Claim, PlanningAnswersExactlyWhatWasClaimed) {
    hand_over(test::message(customer, "m1", "oi"));
    const auto turn = claim();
    hand_over(test::message(customer, "m2", "mais uma", 3'000ms));
    ASSERT_EQ(plan(turn, {"olá"}, true).what, verdict::planned) << "committed: thought is not thrown away";
    const auto due = finish(turn.epoch);
    EXPECT_GT(due, 0ms);
    let_lease_expire();
    const auto next = claim();
    EXPECT_EQ(next.what.number, 2);
    EXPECT_EQ(texts_of(next.what.messages), texts{"mais uma"});
    EXPECT_EQ(texts_of(next.what.history), (texts{"oi", "olá"}));
}

TEST_F(Claim, NewerMessagesSupersedeAThoughtTwiceAtMost) {
    hand_over(test::message(customer, "m1", "um"));
    for (int i = 2; i <= 3; ++i) {
        const auto turn = claim();
        hand_over(test::message(customer, "m" + std::to_string(i), std::to_string(i)));
        EXPECT_EQ(plan(turn, {"olá"}).what, verdict::superseded);
        EXPECT_GT(finish(turn.epoch), 0ms);
        let_lease_expire();
    }
    const auto last = claim();
    EXPECT_EQ(last.what.messages.size(), 3U);
    hand_over(test::message(customer, "m4", "4"));
    EXPECT_EQ(plan(last, {"olá"}).what, verdict::planned) << "else a busy customer is never answered";
    finish(last.epoch);
    let_lease_expire();
    const auto rest = claim();
    EXPECT_EQ(texts_of(rest.what.messages), texts{"4"});
    hand_over(test::message(customer, "m5", "5"));
    EXPECT_EQ(plan(rest, {"x"}).what, verdict::superseded) << "the next turn may be superseded again";
}

TEST_F(Claim, AnEditWhileThinkingSupersedes) {
    hand_over(test::message(customer, "m1", "125?"));
    const auto turn = claim();
    hand_over(test::edit(customer, "m1", "150?"));
    EXPECT_EQ(plan(turn, {"a 125…"}).what, verdict::superseded);
    EXPECT_GT(finish(turn.epoch), 0ms);
    let_lease_expire();
    const auto again = claim();
    EXPECT_EQ(texts_of(again.what.messages), texts{"150?"});
    EXPECT_EQ(plan(again, {"a 150…"}).what, verdict::planned);
}

TEST_F(Claim, AMessageWhileThinkingIsDueAfterItsOwnQuietWindow) {
    hand_over(test::message(customer, "m1", "oi"));
    const auto turn = claim();
    hand_over(test::message(customer, "m2", "oi", 4'000ms));
    EXPECT_GT(idle_in_claim(), 4'000) << "the lease is not touched";
    plan(turn, {"olá"}, true);
    const auto due = finish(turn.epoch);
    EXPECT_GT(due, 0ms);
    EXPECT_LE(due, 4'001ms);
}

TEST_F(Claim, FinishWaitsAtLeastTheDelay) {
    hand_over(test::message(customer, "m1", "oi"));
    const auto turn = claim();
    EXPECT_EQ(finish(turn.epoch, 30'000ms), 30'000ms);
    EXPECT_GT(idle_in_claim(), 29'000);
}

TEST_F(Claim, ADeferredTurnTellsTheCustomerOnce) {
    hand_over(test::message(customer, "m1", "oi"));
    for (int round = 0; round < 3; ++round) {
        const auto turn = claim();
        EXPECT_EQ(turn.deferrals, round);
        const auto outcome = defer(turn.epoch, "um momento");
        ASSERT_EQ(outcome.what, verdict::planned);
        EXPECT_EQ(outcome.sends.size(), round == 0 ? 1U : 0U);
        for (const auto& send : outcome.sends) {
            EXPECT_EQ(send.text, "um momento");
            EXPECT_EQ(begin_send(turn.epoch, send.id), begin_outcome::verdict::go);
            end_send(send.id, send_status::delivered, "mid.notice");
        }
        EXPECT_EQ(finish(turn.epoch, 15'000ms), 15'000ms);
        let_lease_expire();
    }
    answer("agora sim");
    hand_over(test::message(customer, "m2", "oi"));
    EXPECT_EQ(defer(claim().epoch, "um momento").sends.size(), 1U) << "another turn, another notice";
}

TEST_F(Claim, DeferringWithoutANoticeSaysNothing) {
    hand_over(test::message(customer, "m1", "oi"));
    const auto turn = claim();
    EXPECT_TRUE(defer(turn.epoch, "").sends.empty());
    EXPECT_EQ(defer(turn.epoch, "um momento").sends.size(), 1U) << "once there is something to say";
}

// The messages an answer left over begin a turn of their own: their own cap, their own notice.
TEST_F(Claim, WhatIsLeftOverStartsAfresh) {
    hand_over(test::message(customer, "m1", "um"));
    const auto deferred = claim();
    end_send(defer(deferred.epoch, "um momento").sends.at(0).id, send_status::delivered, "mid.1");
    finish(deferred.epoch);
    let_lease_expire();
    const auto turn = claim();
    command({"HINCRBY", keys.state(), "first", "-60000"}); // as if all this had taken a minute
    hand_over(test::message(customer, "m2", "dois"));
    ASSERT_EQ(plan(turn, {"olá"}, true).what, verdict::planned);
    finish(turn.epoch);
    EXPECT_GT(hand_over(test::message(customer, "m3", "tres", 5'000ms)).due_in, 4'000ms);
    let_lease_expire();
    const auto rest = claim();
    EXPECT_EQ(texts_of(rest.what.messages), (texts{"dois", "tres"}));
    EXPECT_EQ(rest.deferrals, 0);
    EXPECT_EQ(defer(rest.epoch, "um momento").sends.size(), 1U);
}

TEST_F(Claim, TheHistoryIsCutAtItsLength) {
    settings.history_length = 4;
    for (int i = 0; i < 4; ++i) {
        hand_over(test::message(customer, "m" + std::to_string(i), "p" + std::to_string(i)));
        answer("r" + std::to_string(i));
    }
    hand_over(test::message(customer, "m9", "oi"));
    EXPECT_EQ(texts_of(claim().what.history), (texts{"p2", "r2", "p3", "r3"}));
}

TEST_F(Claim, AShopMayRememberNothing) {
    settings.history_length = 0;
    hand_over(test::message(customer, "m1", "oi"));
    answer("olá");
    hand_over(test::message(customer, "m2", "e aí?"));
    EXPECT_TRUE(claim().what.history.empty());
}

TEST_F(Claim, AnAttemptThatEndedWithRedisIsNotHeldAgainstTheTurn) {
    settings.most_attempts = 2;
    hand_over(test::message(customer, "m1", "oi"));
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(claim().what.attempt, 1);
        ASSERT_TRUE(loop.await(store().forgive_attempt(customer)));
        let_lease_expire();
    }
}

TEST_F(Claim, ARenewalAfterTheHandBackChangesNothing) {
    hand_over(test::message(customer, "m1", "oi"));
    const auto turn = claim();
    hand_over(test::message(customer, "m2", "alô?", 50ms));
    plan(turn, {});
    finish(turn.epoch);
    const auto due = command({"ZSCORE", keys.due(), keys.member()}).text;
    loop.await(store().renew(customer, turn.epoch));
    EXPECT_EQ(command({"ZSCORE", keys.due(), keys.member()}).text, due);
}

TEST_F(Claim, ASimulatedCustomerIsLeftToTheProcessOfItsPage) {
    const conversation_id simulated{.platform = platform_kind::instagram,
                                    .account = account_id("sim_account"),
                                    .contact = contact_id("sim_ana")};
    hand_over(test::message(simulated, "m1", "oi", 0ms));
    hand_over(test::message(customer, "m2", "oi", 0ms));
    EXPECT_TRUE(loop.until([&] { return loop.await(store().overdue(10))->size() == 1; }));
    const conversation_keys its_keys(simulated);
    command({"ZADD", its_keys.due(), "0", its_keys.member()});
    EXPECT_EQ(loop.await(store().overdue(10))->size(), 2U) << "which may have died";
}

TEST_F(Claim, TheSweepFindsWhatNobodyLooksAfter) {
    hand_over(test::message(customer, "m1", "oi"));
    hand_over(test::message(test::conversation_of("later"), "m2", "oi", 60'000ms));
    let_lease_expire();
    EXPECT_EQ(loop.await(store().overdue(10)).value(), std::vector{customer});
    claim();
    EXPECT_TRUE(loop.await(store().overdue(10))->empty()) << "leased";
    let_lease_expire();
    EXPECT_EQ(loop.await(store().overdue(10))->size(), 1U);
}

} // namespace
} // namespace atende
