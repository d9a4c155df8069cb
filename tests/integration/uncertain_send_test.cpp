// A send of unknown outcome: looked for, and what is made of what is found.
#include "integration/store_fixture.hpp"

namespace atende {
namespace {

using namespace std::chrono_literals;

class Uncertain : public test::store_test {
protected:
    Uncertain() { settings.look_for_uncertain = 0ms; }

    // The id of a send whose outcome nobody knows.
    std::int64_t uncertain_send_of(const std::string& text) {
        hand_over(test::message(customer, "question about " + text, "oi", 0ms));
        const auto turn = claim();
        const auto id = plan(turn, {text}).sends.at(0).id;
        begin_send(turn.epoch, id);
        end_send(id, send_status::ambiguous);
        finish(turn.epoch);
        return id;
    }
    send_fate resolve(std::int64_t send, const look& seen) {
        return loop.await(store().resolve_send(customer, send, seen)).value();
    }
};

TEST_F(Uncertain, ASendOfUnknownOutcomeIsLookedForUntilItIsFound) {
    const auto id = uncertain_send_of("olá");
    EXPECT_EQ(command({"ZCARD", keys.ambiguous()}).integer, 1);
    const auto look = claim();
    ASSERT_EQ(look.uncertain_sends.size(), 1U);
    EXPECT_EQ(look.uncertain_sends[0].text, "olá");
    EXPECT_EQ(look.inbox_size, 0U);
    EXPECT_EQ(resolve(id, {.again = 60s}), send_fate::open);
    EXPECT_GT(finish(look.epoch), 50s) << "and again later";
    let_lease_expire();
    EXPECT_TRUE(std::holds_alternative<not_due>(try_claim())) << "not before its time";
    EXPECT_EQ(resolve(id, {.found = {message_id("mid.1")}}), send_fate::delivered);
    EXPECT_EQ(resolve(id, {.conclusive = true}), send_fate::settled);
    EXPECT_EQ(command({"ZCARD", keys.ambiguous()}).integer, 0);
    EXPECT_EQ(hand_over(test::echo_of(customer, "mid.1", "olá")).what, event_receipt::fate::own_echo);
}

TEST_F(Uncertain, AnotherSendWithTheSameTextIsNotIt) {
    hand_over(test::message(customer, "m1", "oi"));
    answer("olá", "mid.first");
    const auto id = uncertain_send_of("olá");
    EXPECT_EQ(resolve(id, {.found = {message_id("mid.first")}}), send_fate::open);
    EXPECT_EQ(command({"ZCARD", keys.ambiguous()}).integer, 1);
    EXPECT_EQ(resolve(id, {.found = {message_id("mid.first"), message_id("mid.second")}}),
              send_fate::delivered);
    EXPECT_EQ(hand_over(test::echo_of(customer, "mid.second", "olá")).what, event_receipt::fate::own_echo);
}

TEST_F(Uncertain, ASendThatDidNotArriveIsListedApartAndNeverRepeated) {
    const auto id = uncertain_send_of("olá");
    EXPECT_EQ(resolve(id, {.conclusive = true}), send_fate::missing);
    EXPECT_EQ(command({"ZCARD", keys.ambiguous()}).integer, 0);
    EXPECT_EQ(command({"ZCARD", keys.missing()}).integer, 1);
    let_lease_expire();
    const auto next = claim();
    EXPECT_TRUE(next.pending_sends.empty());
    EXPECT_TRUE(next.uncertain_sends.empty());
    EXPECT_EQ(finish(next.epoch), 0ms) << "and nobody looks any more";
}

TEST_F(Uncertain, WhatDidNotArriveIsDeliveredOnceItsEchoComesAfterAll) {
    settings.echo_claim_window = 1'000ms;
    const auto id = uncertain_send_of("olá");
    const std::int64_t begun =
        std::stoll(command({"HGET", keys.outbox(), "begun:" + std::to_string(id)}).text);
    resolve(id, {.conclusive = true});
    command({"HINCRBY", keys.outbox(), "begun:" + std::to_string(id), "-60000"}); // a minute ago
    auto written_now = test::echo_of(customer, "mid.person", "olá");
    written_now.what.occurred_at_ms = begun;
    EXPECT_EQ(hand_over(written_now).what, event_receipt::fate::taken_over) << "a person repeats the words";
    EXPECT_EQ(command({"ZCARD", keys.missing()}).integer, 1);
    auto late = test::echo_of(customer, "mid.ours", "olá");
    late.what.occurred_at_ms = begun - 59'500;
    EXPECT_EQ(hand_over(late).what, event_receipt::fate::own_echo);
    EXPECT_EQ(command({"ZCARD", keys.missing()}).integer, 0);
}

TEST_F(Uncertain, AWorkerThatWakesUpStillSaysWhatBecameOfASendCalledMissing) {
    const auto delivered = uncertain_send_of("olá");
    resolve(delivered, {.conclusive = true});
    end_send(delivered, send_status::delivered, "mid.1");
    EXPECT_EQ(command({"ZCARD", keys.missing()}).integer, 0);
    const auto unknown = uncertain_send_of("olá?");
    resolve(unknown, {.conclusive = true});
    end_send(unknown, send_status::ambiguous); // its request may have left just now
    EXPECT_EQ(command({"ZCARD", keys.missing()}).integer, 0);
    EXPECT_EQ(command({"ZCARD", keys.ambiguous()}).integer, 1) << "so it is looked for from the beginning";
    EXPECT_EQ(claim().uncertain_sends.at(0).looks, 0);
}

TEST_F(Uncertain, AWorkerThatDiesWhileItLooksLeavesTheLookToTheNext) {
    settings.lease = 1ms;
    const auto id = uncertain_send_of("olá");
    ASSERT_EQ(claim().uncertain_sends.size(), 1U);
    loop.await(sleep_for(milliseconds(5)));
    const auto next = claim();
    ASSERT_EQ(next.uncertain_sends.size(), 1U);
    EXPECT_EQ(next.uncertain_sends[0].id, id);
}

TEST_F(Uncertain, EachUncertainSendHasItsOwnTime) {
    const auto first = uncertain_send_of("um");
    EXPECT_EQ(resolve(first, {.again = 60s}), send_fate::open);
    const auto second = uncertain_send_of("dois");
    const auto look = claim();
    ASSERT_EQ(look.uncertain_sends.size(), 1U) << "the first is not looked for before its time";
    EXPECT_EQ(look.uncertain_sends[0].id, second);
    EXPECT_EQ(resolve(second, {.conclusive = true}), send_fate::missing);
    EXPECT_GT(finish(look.epoch), 50s);
}

TEST_F(Uncertain, LookingForASendDoesNotShortenTheQuietWindow) {
    uncertain_send_of("olá");
    hand_over(test::message(customer, "m2", "quero", 60s));
    const auto look = claim();
    EXPECT_EQ(look.uncertain_sends.size(), 1U);
    EXPECT_TRUE(look.what.messages.empty());
    EXPECT_GT(finish(look.epoch), 5s);
}

} // namespace
} // namespace atende
