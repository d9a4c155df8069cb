// Several processes on one Redis, crashes, stopping: nothing lost, nothing doubled.
#include "integration/engine_fixture.hpp"
#include "turns/record_codec.hpp"

#include <map>

namespace atende {
namespace {

using namespace std::chrono_literals;
using texts = std::vector<std::string>;

class Replicas : public test::engine_test {
protected:
    // What a process did before it died: claimed, perhaps planned, perhaps began to send.
    claimed_turn dead_worker_claims() {
        settings.lease = 150ms;
        made.reset();
        hand_over(test::message(customer, "m1", "oi"));
        return claim();
    }
    std::size_t all_sent() const {
        std::size_t count = 0;
        for (const auto& p : processes) count += p->handler.sent.size();
        return count;
    }
};

TEST_F(Replicas, NeverAnswerTheSameTurnTwice) {
    auto& one = start_process();
    auto& two = start_process();
    constexpr int customers = 100;
    for (int i = 0; i < customers; ++i) {
        const auto who = test::conversation_of(std::to_string(i));
        receive(i % 2 == 0 ? one : two, test::message(who, "a" + std::to_string(i), "oi", 30ms));
        receive(i % 3 == 0 ? one : two, test::message(who, "b" + std::to_string(i), "tem moto?", 30ms));
    }
    ASSERT_TRUE(loop.until([&] { return all_sent() >= customers; }));
    ASSERT_TRUE(loop.until([&] { return one.engine.running() + two.engine.running() == 0; }));
    loop.await(sleep_for(100ms)); // several sweeps more
    std::map<std::string, int> answers;
    for (const auto& p : processes) {
        for (const auto& to : p->handler.sent_to) ++answers[to.contact.value];
    }
    EXPECT_EQ(answers.size(), static_cast<std::size_t>(customers));
    for (const auto& [who, count] : answers) EXPECT_EQ(count, 1) << who;
}

TEST_F(Replicas, ALongThoughtKeepsItsLease) {
    settings.lease = 600ms;
    auto& one = start_process();
    one.handler.holds_thoughts = true;
    receive(one, test::message(customer, "m1", "oi"));
    ASSERT_TRUE(loop.until([&] { return one.handler.turns.size() == 1; }));
    auto& two = start_process();
    loop.await(sleep_for(1'500ms)); // more than two leases
    one.handler.holds_thoughts = false;
    ASSERT_TRUE(settles());
    EXPECT_EQ(one.handler.sent, texts{"re: oi"});
    EXPECT_TRUE(two.handler.turns.empty());
}

TEST_F(Replicas, AThoughtThatDiedIsThoughtByAnother) {
    dead_worker_claims();
    auto& other = start_process();
    ASSERT_TRUE(settles());
    EXPECT_EQ(other.handler.sent, texts{"re: oi"});
    EXPECT_EQ(other.handler.turns.at(0).attempt, 2);
}

TEST_F(Replicas, AnAnswerThatWasPlannedIsSentByAnotherNotThoughtAgain) {
    plan(dead_worker_claims(), {"um", "dois"});
    auto& other = start_process();
    ASSERT_TRUE(settles());
    EXPECT_EQ(other.handler.sent, (texts{"um", "dois"}));
    EXPECT_TRUE(other.handler.turns.empty());
}

TEST_F(Replicas, ASendThatMayHaveLeftIsNotRepeatedByAnother) {
    const auto turn = dead_worker_claims();
    const auto sends = plan(turn, {"um", "dois"}).sends;
    begin_send(turn.epoch, sends[0].id);
    auto& other = start_process();
    ASSERT_TRUE(settles());
    EXPECT_EQ(other.handler.sent, texts{"dois"});
    EXPECT_EQ(command({"ZCARD", keys.missing()}).integer, 1);
}

TEST_F(Replicas, AWorkerThatLostItsTurnSendsNothing) {
    auto& slow = start_process();
    slow.handler.holds_thoughts = true;
    receive(slow, test::message(customer, "m1", "oi"));
    ASSERT_TRUE(loop.until([&] { return slow.handler.turns.size() == 1; }));
    let_lease_expire();
    const auto stolen = claim();
    slow.handler.holds_thoughts = false;
    ASSERT_TRUE(loop.until([&] { return slow.engine.running() == 0; }));
    EXPECT_TRUE(slow.handler.sent.empty());
    EXPECT_EQ(plan(stolen, {"olá"}).what, plan_outcome::verdict::planned);
    let_lease_expire();
    ASSERT_TRUE(settles());
    EXPECT_EQ(slow.handler.sent, texts{"olá"}) << "the thief died too";
}

TEST_F(Replicas, AnAnswerCutShortByAnotherProcessIsNobodyTakingOver) {
    auto& slow = start_process();
    slow.handler.answers = {"um", "dois"};
    slow.handler.holds_sends = true;
    receive(slow, test::message(customer, "m1", "oi"));
    ASSERT_TRUE(loop.until([&] { return slow.handler.sent.size() == 1; }));
    let_lease_expire();
    claim();
    slow.handler.holds_sends = false;
    ASSERT_TRUE(loop.until([&] { return slow.engine.running() == 0; }));
    EXPECT_EQ(slow.handler.sent, texts{"um"});
    EXPECT_EQ(std::ranges::count(slow.seen, stage::sent), 1);
    EXPECT_EQ(std::ranges::count(slow.seen, stage::paused), 0);
}

TEST_F(Replicas, AnswerOnceThoughTheConnectionsBreak) {
    settings.lease = 300ms;
    auto& shop = start_process();
    shop.handler.answers = {"um", "dois", "três"};
    for (int i = 0; i < 5; ++i) {
        shop.handler.sent.clear();
        shop.handler.holds_thoughts = true;
        shop.handler.turns.clear();
        receive(shop, test::message(customer, "m" + std::to_string(i), "oi"));
        ASSERT_TRUE(loop.until([&] { return !shop.handler.turns.empty(); }));
        command({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
        shop.handler.holds_thoughts = false;
        ASSERT_TRUE(settles());
        EXPECT_EQ(shop.handler.sent, (texts{"um", "dois", "três"}));
    }
}

TEST_F(Replicas, StoppingLetsATurnUnderWayEnd) {
    auto& shop = start_process();
    shop.handler.holds_sends = true;
    shop.handler.answers = {"um", "dois"};
    receive(shop, test::message(customer, "m1", "oi"));
    ASSERT_TRUE(loop.until([&] { return shop.handler.sent.size() == 1; }));
    bool stopped = false;
    asio::co_spawn(loop.executor(), shop.engine.stop(20s),
                   [&](const std::exception_ptr&) { stopped = true; });
    loop.await(sleep_for(20ms));
    EXPECT_FALSE(stopped);
    shop.handler.holds_sends = false;
    ASSERT_TRUE(loop.until([&] { return stopped; }));
    EXPECT_EQ(shop.handler.sent, (texts{"um", "dois"}));
    EXPECT_TRUE(is_idle());
}

TEST_F(Replicas, StoppingDuringASlowSendKeepsItsLeaseAndHandsBackTheRest) {
    settings.lease = 300ms;
    auto& stopping = start_process();
    stopping.handler.holds_sends = true;
    stopping.handler.answers = {"um", "dois"};
    receive(stopping, test::message(customer, "m1", "oi"));
    ASSERT_TRUE(loop.until([&] { return stopping.handler.sent.size() == 1; }));
    bool stopped = false;
    asio::co_spawn(loop.executor(), stopping.engine.stop(10ms),
                   [&](const std::exception_ptr&) { stopped = true; });
    auto& other = start_process();
    const auto until = redis_time_ms() + 700; // more than two leases
    ASSERT_TRUE(loop.until([&] { return redis_time_ms() > until; }));
    EXPECT_TRUE(other.handler.sent.empty()) << "the first part is still under way";
    stopping.handler.holds_sends = false;
    ASSERT_TRUE(loop.until([&] { return stopped; }));
    ASSERT_TRUE(settles());
    EXPECT_EQ(other.handler.sent, texts{"dois"});
    EXPECT_EQ(command({"ZCARD", keys.ambiguous()}).integer, 0);
}

TEST_F(Replicas, StoppingHandsBackWhatTakesTooLong) {
    auto& stopping = start_process();
    stopping.handler.holds_thoughts = true;
    receive(stopping, test::message(customer, "m1", "oi"));
    ASSERT_TRUE(loop.until([&] { return stopping.handler.turns.size() == 1; }));
    stopping.stop(20ms);
    EXPECT_EQ(stopping.engine.running(), 0U);
    auto& other = start_process();
    ASSERT_TRUE(loop.until([&] { return other.handler.sent.size() == 1; }, 5s))
        << "long before the lease of 15 s";
    EXPECT_EQ(other.handler.turns.at(0).attempt, 1) << "no crash";
    EXPECT_TRUE(stopping.handler.sent.empty());
    ASSERT_TRUE(settles());
}

TEST_F(Replicas, AStoppedProcessBeginsNothing) {
    auto& shop = start_process();
    shop.stop(0ms);
    receive(shop, test::message(customer, "m1", "oi"));
    loop.await(sleep_for(100ms)); // sweeps would have come
    EXPECT_TRUE(shop.handler.turns.empty());
    EXPECT_FALSE(is_idle()) << "it waits for the next process";
}

TEST_F(Replicas, WhatANewerVersionWroteIsLeftToIt) {
    hand_over(test::message(customer, "m1", "oi"));
    command({"HSET", keys.state(), "format", std::to_string(newest_format() + 1)});
    start_process();
    EXPECT_TRUE(std::holds_alternative<of_newer_version>(try_claim()));
    for (int i = 0; i < 20; ++i) try_claim(); // neither a failed attempt nor a poisoned message
    EXPECT_EQ(command({"HEXISTS", keys.state(), "attempt"}).integer, 0);
    EXPECT_EQ(command({"LLEN", keys.inbox()}).integer, 1);
    EXPECT_EQ(command({"ZCARD", keys.due()}).integer, 1);
    hand_over(test::message(customer, "m2", "tem a XY?"));
    EXPECT_EQ(command({"HGET", keys.state(), "format"}).text, std::to_string(newest_format() + 1))
        << "an older version does not take it back";

    command({"HSET", keys.state(), "format", "1"}); // as if the worker had learnt it
    ASSERT_TRUE(settles());
    EXPECT_EQ(processes.front()->handler.sent, texts{"re: oi tem a XY?"});
}

TEST_F(Replicas, RecordsWithoutAFormatAreTheFirst) {
    hand_over(test::message(customer, "m1", "oi"));
    EXPECT_EQ(command({"HGET", keys.state(), "format"}).text, "1");
    command({"HDEL", keys.state(), "format"});
    auto& shop = start_process();
    ASSERT_TRUE(settles());
    EXPECT_EQ(shop.handler.sent, texts{"re: oi"});
}

} // namespace
} // namespace atende
