// Whole turns by the engine: when it wakes, what it thinks about, what it sends.
#include "integration/engine_fixture.hpp"

namespace atende {
namespace {

using namespace std::chrono_literals;
using texts = std::vector<std::string>;
using thought = test::recording_handler::thought;

class TurnEngine : public test::engine_test {};

TEST_F(TurnEngine, WakesByItsOwnTimerAndNeverEarly) {
    engine_settings.sweep_interval = 3'600'000ms;
    auto& shop = start_process();
    std::vector<std::int64_t> thought_at;
    for (int i = 0; i < 5; ++i) {
        const std::int64_t sent_at = redis_time_ms();
        receive(shop, test::message(customer, "m" + std::to_string(i), "oi", 120ms));
        const auto already = shop.handler.turns.size();
        ASSERT_TRUE(loop.until([&] { return shop.handler.turns.size() > already; }, 5s))
            << "no sweep would find it";
        EXPECT_GE(redis_time_ms(), sent_at + 120);
        ASSERT_TRUE(settles());
    }
    EXPECT_EQ(shop.handler.sent.size(), 5U);
}

TEST_F(TurnEngine, ABurstIsOneTurnWithOneAnswer) {
    auto& shop = start_process();
    for (const char* part : {"oi", "tem", "a XY 150?", "vermelha"})
        receive(shop, test::message(customer, part, part, 150ms));
    ASSERT_TRUE(settles());
    EXPECT_EQ(shop.handler.sent, texts{"re: oi tem a XY 150? vermelha"});
    EXPECT_EQ(shop.handler.turns.size(), 1U);
}

TEST_F(TurnEngine, AMessageWhileThinkingJoinsTheTurn) {
    auto& shop = start_process();
    shop.handler.holds_thoughts = true;
    receive(shop, test::message(customer, "m1", "tem moto?"));
    ASSERT_TRUE(loop.until([&] { return shop.handler.turns.size() == 1; }));
    receive(shop, test::message(customer, "m2", "vermelha"));
    shop.handler.holds_thoughts = false;
    ASSERT_TRUE(settles());
    EXPECT_EQ(shop.handler.sent, texts{"re: tem moto? vermelha"}) << "never lost, never answered twice";
    EXPECT_EQ(shop.handler.turns.back().attempt, 1) << "not a crash";
}

TEST_F(TurnEngine, ATurnThatMayNotBeThoughtTwiceIsAnsweredAndTheRestToo) {
    settings.most_supersedes = 0;
    auto& shop = start_process();
    shop.handler.holds_thoughts = true;
    receive(shop, test::message(customer, "m1", "um"));
    ASSERT_TRUE(loop.until([&] { return shop.handler.turns.size() == 1; }));
    receive(shop, test::message(customer, "m2", "dois"));
    shop.handler.holds_thoughts = false;
    ASSERT_TRUE(settles());
    EXPECT_EQ(shop.handler.sent, (texts{"re: um", "re: dois"}));
}

TEST_F(TurnEngine, AnAnswerMayBeSilence) {
    auto& shop = start_process();
    receive(shop, test::message(customer, "m1", "oi"));
    hand_over(test::unsend(customer, "m1"));
    ASSERT_TRUE(settles());
    EXPECT_TRUE(shop.handler.sent.empty()) << "everything was taken back";
}

TEST_F(TurnEngine, WhatAnotherProcessReceivedIsFoundBySweeping) {
    auto& shop = start_process();
    hand_over(test::message(customer, "m1", "oi"));
    ASSERT_TRUE(settles());
    EXPECT_EQ(shop.handler.sent, texts{"re: oi"});
}

TEST_F(TurnEngine, ABugInTheAgentIsTriedAgainThenSetAside) {
    settings.lease = 100ms;
    settings.most_attempts = 2;
    auto& shop = start_process();
    shop.handler.next_thoughts.assign(10, thought::fail);
    receive(shop, test::message(customer, "m1", "veneno"));
    ASSERT_TRUE(loop.until([&] { return command({"HLEN", keys.dead()}).integer == 1; }));
    EXPECT_EQ(shop.handler.turns.size(), 2U);
    EXPECT_EQ(shop.handler.turns.back().attempt, 2);
    shop.handler.next_thoughts.clear();
    receive(shop, test::message(customer, "m2", "oi"));
    ASSERT_TRUE(settles());
    EXPECT_EQ(shop.handler.sent, texts{"re: oi"});
}

TEST_F(TurnEngine, TurnsThatKeepKillingTheirWorkersAreTriedOneAfterTheOther) {
    const auto other = test::conversation_of("1002"), bystander = test::conversation_of("1003");
    command({"HSET", conversation_keys(other).state(), "attempt", "3"}); // as three crashes leave it
    command({"HSET", keys.state(), "attempt", "3"});
    auto& shop = start_process();
    shop.handler.holds_thoughts = true;
    receive(shop, test::message(other, "o1", "outro"));
    ASSERT_TRUE(loop.until([&] { return shop.handler.turns.size() == 1; }));
    receive(shop, test::message(customer, "m1", "veneno"));
    ASSERT_TRUE(loop.until([&] { return command({"HGET", keys.state(), "state"}).text == "run"; }));
    receive(shop, test::message(bystander, "b1", "oi"));
    ASSERT_TRUE(loop.until([&] { return shop.handler.turns.size() == 2; }));
    EXPECT_EQ(shop.handler.turns.back().messages.front().text, "oi") << "who killed nobody does not wait";
    EXPECT_EQ(command({"HGET", keys.state(), "attempt"}).text, "3") << "waiting is no attempt";
    shop.handler.holds_thoughts = false;
    ASSERT_TRUE(settles());
    EXPECT_EQ(shop.handler.turns.back().messages.front().text, "veneno");
    EXPECT_EQ(shop.handler.sent.size(), 3U);
}

TEST_F(TurnEngine, ADeferredTurnIsAnsweredLaterWithOneNotice) {
    auto& shop = start_process();
    shop.handler.next_thoughts = {thought::defer, thought::defer, thought::defer};
    receive(shop, test::message(customer, "m1", "oi"));
    ASSERT_TRUE(settles());
    EXPECT_EQ(shop.handler.sent, (texts{"um momento", "re: oi"}));
    EXPECT_EQ(shop.handler.turns.size(), 4U);
}

TEST_F(TurnEngine, ASendThatDidNotHappenIsRepeatedInOrder) {
    auto& shop = start_process();
    shop.handler.answers = {"um", "dois"};
    shop.handler.next_outcomes = {{.status = send_status::retry}, {.status = send_status::retry}};
    receive(shop, test::message(customer, "m1", "oi"));
    ASSERT_TRUE(settles());
    EXPECT_EQ(shop.handler.sent, (texts{"um", "um", "um", "dois"}));
    EXPECT_EQ(shop.handler.turns.size(), 1U) << "not thought again";
}

TEST_F(TurnEngine, ASendIsNotRepeatedForEver) {
    engine_settings.most_send_attempts = 2;
    auto& shop = start_process();
    shop.handler.answers = {"um", "dois"};
    shop.handler.next_outcomes = {{.status = send_status::retry}, {.status = send_status::retry}};
    receive(shop, test::message(customer, "m1", "oi"));
    ASSERT_TRUE(settles());
    EXPECT_EQ(shop.handler.sent, (texts{"um", "um", "dois"}));
}

TEST_F(TurnEngine, WhatWasRefusedOrIsUncertainIsNotRepeated) {
    auto& shop = start_process();
    shop.handler.answers = {"um", "dois", "três"};
    shop.handler.next_outcomes = {{.status = send_status::rejected}, {.status = send_status::ambiguous}};
    receive(shop, test::message(customer, "m1", "oi"));
    ASSERT_TRUE(settles());
    EXPECT_EQ(shop.handler.sent, (texts{"um", "dois", "três"}));
    EXPECT_EQ(shop.handler.looked_for, (texts{"dois", "dois", "dois"}));
    EXPECT_EQ(command({"ZCARD", keys.missing()}).integer, 2) << "listed: this customer got neither";
    EXPECT_EQ(command({"ZCARD", keys.ambiguous()}).integer, 0);
}

TEST_F(TurnEngine, AnUncertainSendIsLookedForUntilThePlatformAnswers) {
    auto& shop = start_process();
    shop.handler.next_outcomes = {{.status = send_status::ambiguous}};
    shop.handler.blind_looks = 6;
    receive(shop, test::message(customer, "m1", "oi"));
    ASSERT_TRUE(settles());
    EXPECT_EQ(shop.handler.looked_for.size(), 7U);
    EXPECT_EQ(command({"ZCARD", keys.missing()}).integer, 1);
    EXPECT_EQ(shop.handler.sent, texts{"re: oi"}) << "and never repeated";
}

TEST_F(TurnEngine, AnUncertainSendIsNotLookedForForEver) {
    engine_settings.most_looks = 5;
    auto& shop = start_process();
    shop.handler.next_outcomes = {{.status = send_status::ambiguous}};
    shop.handler.blind_looks = 100;
    receive(shop, test::message(customer, "m1", "oi"));
    ASSERT_TRUE(settles());
    EXPECT_EQ(shop.handler.looked_for.size(), 5U);
    EXPECT_EQ(command({"ZCARD", keys.ambiguous()}).integer, 1) << "left to a person";
    EXPECT_EQ(command({"ZCARD", keys.missing()}).integer, 0);
}

TEST_F(TurnEngine, AnUncertainSendThatIsFoundOnThePlatformIsSettled) {
    auto& shop = start_process();
    shop.handler.next_outcomes = {{.status = send_status::ambiguous}};
    shop.handler.found = {message_id("mid.found")};
    receive(shop, test::message(customer, "m1", "oi"));
    ASSERT_TRUE(settles());
    EXPECT_EQ(shop.handler.sent, texts{"re: oi"});
    EXPECT_EQ(shop.handler.looked_for, texts{"re: oi"});
    EXPECT_EQ(command({"ZCARD", keys.ambiguous()}).integer, 0);
}

TEST_F(TurnEngine, APersonWhoTakesOverIsNotTalkedOver) {
    auto& shop = start_process();
    shop.handler.holds_thoughts = true;
    receive(shop, test::message(customer, "m1", "oi"));
    ASSERT_TRUE(loop.until([&] { return shop.handler.turns.size() == 1; }));
    EXPECT_EQ(hand_over(test::echo_of(customer, "mid.person", "Oi, aqui é a Ana")).what,
              event_receipt::fate::taken_over);
    shop.handler.holds_thoughts = false;
    ASSERT_TRUE(settles());
    EXPECT_TRUE(shop.handler.sent.empty());
}

TEST_F(TurnEngine, ATurnThatALimitStoppedIsHandedBackByWhoIsToldOfThePause) {
    auto& shop = start_process();
    shop.handler.holds_thoughts = true;
    receive(shop, test::message(customer, "m1", "oi"));
    ASSERT_TRUE(loop.until([&] { return shop.handler.turns.size() == 1; }));
    command({"HSET", keys.state(), "pause", std::to_string(redis_time_ms() + 600'000), "paused_by", "day"});
    shop.handler.holds_thoughts = false;
    EXPECT_TRUE(loop.until([&] { return shop.engine.running() == 0; }));
    EXPECT_EQ(command({"HEXISTS", keys.state(), "state"}).integer, 0) << "nobody waits for its lease";
    EXPECT_GT(std::stoll(command({"ZSCORE", keys.due(), keys.member()}).text), redis_time_ms() + 500'000);
    EXPECT_TRUE(shop.handler.sent.empty());
}

TEST_F(TurnEngine, TwoHundredCustomersAreAnsweredAtOnceAndOnceEach) {
    auto& shop = start_process();
    shop.handler.holds_thoughts = true;
    for (int i = 0; i < 200; ++i)
        receive(shop, test::message(test::conversation_of(std::to_string(i)), "m" + std::to_string(i),
                                    std::to_string(i)));
    ASSERT_TRUE(loop.until([&] { return shop.handler.turns.size() == 200; })) << "nobody waits for another";
    EXPECT_EQ(shop.engine.running(), 200U);
    shop.handler.holds_thoughts = false;
    ASSERT_TRUE(loop.until([&] { return shop.engine.running() == 0; }));
    std::ranges::sort(shop.handler.sent);
    EXPECT_EQ(std::ranges::unique(shop.handler.sent).size(), 0U);
    EXPECT_EQ(shop.handler.sent.size(), 200U);
}

} // namespace
} // namespace atende
