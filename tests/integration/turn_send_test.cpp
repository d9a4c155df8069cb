// PLAN's sends, SEND-BEGIN, SEND-END, ECHO: sent in order, once, and recognised when they come back.
#include "integration/store_fixture.hpp"

#include <algorithm>
#include <atende/turns/operator_store.hpp>
#include <set>

namespace atende {
namespace {

using namespace std::chrono_literals;
using fate = event_receipt::fate;
using texts = std::vector<std::string>;
using verdict = plan_outcome::verdict;

class Send : public test::store_test {
protected:
    // A claimed turn with these texts planned.
    claimed_turn planned_turn(const texts& answers) {
        hand_over(test::message(customer, "m1", "oi"));
        auto turn = claim();
        turn.pending_sends = plan(turn, answers).sends;
        return turn;
    }
    claimed_turn claim_after_crash() {
        let_lease_expire();
        return claim();
    }
    static texts texts_of_sends(const claimed_turn& turn) {
        texts all;
        for (const auto& send : turn.pending_sends) all.push_back(send.text);
        return all;
    }
};

TEST_F(Send, OrderIsKeptAcrossACrash) {
    const auto turn = planned_turn({"um", "dois", "três"});
    ASSERT_EQ(turn.pending_sends.size(), 3U);
    EXPECT_LT(turn.pending_sends[0].id, turn.pending_sends[1].id);
    EXPECT_EQ(begin_send(turn.epoch, turn.pending_sends[0].id), begin_outcome::verdict::go);
    end_send(turn.pending_sends[0].id, send_status::delivered, "mid.1");
    const auto next = claim_after_crash();
    EXPECT_EQ(texts_of_sends(next), (texts{"dois", "três"}));
    EXPECT_EQ(next.inbox_size, 0U) << "the turn is answered already";
    EXPECT_EQ(next.interrupted_sends, 0);
}

TEST_F(Send, OneThatWasBegunAndNeverEndedIsNotRepeated) {
    const auto turn = planned_turn({"um", "dois"});
    EXPECT_EQ(begin_send(turn.epoch, turn.pending_sends[0].id), begin_outcome::verdict::go);
    const auto next = claim_after_crash();
    EXPECT_EQ(next.interrupted_sends, 1);
    EXPECT_EQ(texts_of_sends(next), texts{"dois"});
    EXPECT_EQ(command({"ZCARD", keys.ambiguous()}).integer, 1) << "shown to the operator";
    EXPECT_EQ(claim_after_crash().interrupted_sends, 0) << "and only once";
}

TEST_F(Send, TheSameOneCannotBeBegunTwice) {
    const auto turn = planned_turn({"um"});
    const auto id = turn.pending_sends[0].id;
    EXPECT_EQ(begin_send(turn.epoch, id), begin_outcome::verdict::go);
    EXPECT_EQ(begin_send(turn.epoch, id), begin_outcome::verdict::gone);
    end_send(id, send_status::delivered, "mid.1");
    EXPECT_EQ(begin_send(turn.epoch, id), begin_outcome::verdict::gone);
}

TEST_F(Send, TheFirstMayBeginAsItIsPlanned) {
    hand_over(test::message(customer, "m1", "oi"));
    const auto turn = claim();
    const turn_plan decided{.texts = {"um", "dois"}, .begin_first = true};
    const auto sends = loop.await(store().plan(customer, turn, decided)).value().sends;
    EXPECT_EQ(begin_send(turn.epoch, sends[0].id), begin_outcome::verdict::gone) << "it has begun already";
    const auto next = claim_after_crash();
    EXPECT_EQ(next.interrupted_sends, 1) << "so nobody repeats it";
    EXPECT_EQ(texts_of_sends(next), texts{"dois"});
}

TEST_F(Send, WithTheLastOneTheConversationIsHandedBack) {
    const auto turn = planned_turn({"um"});
    const auto id = turn.pending_sends[0].id;
    begin_send(turn.epoch, id);
    hand_over(test::message(customer, "m2", "e mais", 500ms));
    const send_outcome delivered{.status = send_status::delivered, .id = message_id("mid.1")};
    const auto end = [&] {
        return loop.await(store().end_last_send(customer, id, delivered, turn.epoch, 0ms)).value().due_in;
    };
    const auto due_in = end();
    EXPECT_GT(due_in, 0ms);
    EXPECT_LE(due_in, 501ms); // INGEST rounds up
    EXPECT_EQ(end(), 0ms) << "again, because the answer was lost: changes nothing";
    EXPECT_EQ(hand_over(test::echo_of(customer, "mid.1", "um")).what, fate::own_echo);
    let_lease_expire();
    EXPECT_EQ(texts_of(claim().what.messages), texts{"e mais"});
}

TEST_F(Send, AWorkerThatLostItsLeaseHandsNothingBack) {
    const auto turn = planned_turn({"um"});
    const auto id = turn.pending_sends[0].id;
    begin_send(turn.epoch, id);
    hand_over(test::message(customer, "m2", "e mais"));
    const auto next = claim_after_crash();
    const send_outcome delivered{.status = send_status::delivered, .id = message_id("mid.late")};
    EXPECT_EQ(loop.await(store().end_last_send(customer, id, delivered, turn.epoch, 0ms)).value().due_in,
              0ms);
    EXPECT_TRUE(loop.await(store().renew(customer, next.epoch)).value()) << "the new worker's lease stands";
    EXPECT_EQ(hand_over(test::echo_of(customer, "mid.late", "um")).what, fate::own_echo);
}

TEST_F(Send, AnOldWorkerCannotTakeBackASendThatAnotherHasBegun) {
    const auto old = planned_turn({"um"});
    const auto id = old.pending_sends[0].id;
    const auto current = claim_after_crash();
    ASSERT_EQ(begin_send(current.epoch, id), begin_outcome::verdict::go);
    const send_outcome not_sent{.status = send_status::retry};
    loop.await(store().end_last_send(customer, id, not_sent, old.epoch, 0ms)).value();
    EXPECT_EQ(claim_after_crash().interrupted_sends, 1) << "on the wire, so never planned again";
}

TEST_F(Send, OneThatSurelyDidNotHappenStaysFirst) {
    const auto turn = planned_turn({"um", "dois"});
    begin_send(turn.epoch, turn.pending_sends[0].id);
    end_send(turn.pending_sends[0].id, send_status::retry);
    EXPECT_EQ(finish(turn.epoch, 5'000ms), 5'000ms);
    const auto next = claim_after_crash();
    EXPECT_EQ(texts_of_sends(next), (texts{"um", "dois"}));
    EXPECT_EQ(next.pending_sends[0].attempt, 1);
    EXPECT_EQ(next.pending_sends[1].attempt, 0);
}

TEST_F(Send, RejectedAndAmbiguousOnesLeaveTheQueue) {
    const auto turn = planned_turn({"um", "dois", "três"});
    begin_send(turn.epoch, turn.pending_sends[0].id);
    end_send(turn.pending_sends[0].id, send_status::rejected);
    begin_send(turn.epoch, turn.pending_sends[1].id);
    end_send(turn.pending_sends[1].id, send_status::ambiguous);
    EXPECT_EQ(command({"ZCARD", keys.ambiguous()}).integer, 1);
    EXPECT_EQ(texts_of_sends(claim_after_crash()), texts{"três"});
}

TEST_F(Send, AWorkerThatLostItsLeaseCanStillSayThatItSent) {
    const auto turn = planned_turn({"um"});
    const auto id = turn.pending_sends[0].id;
    begin_send(turn.epoch, id);
    claim_after_crash();
    end_send(id, send_status::delivered, "mid.late");
    EXPECT_EQ(hand_over(test::echo_of(customer, "mid.late", "um")).what, fate::own_echo);
}

TEST_F(Send, OurOwnMessageComingBackIsNotAPerson) {
    hand_over(test::message(customer, "m1", "oi"));
    answer("olá", "mid.ours");
    EXPECT_EQ(hand_over(test::echo_of(customer, "mid.ours", "olá")).what, fate::own_echo);
    EXPECT_EQ(hand_over(test::echo_of(customer, "mid.ours", "olá")).what, fate::duplicate);
    EXPECT_EQ(hand_over(test::message(customer, "m2", "obrigado", 0ms)).due_in, 0ms) << "no pause";
}

TEST_F(Send, AnEchoMayOvertakeTheAnswerToOurSend) {
    const auto turn = planned_turn({"olá, tudo bem?"});
    const auto id = turn.pending_sends[0].id;
    begin_send(turn.epoch, id);
    EXPECT_EQ(hand_over(test::echo_of(customer, "mid.1", "olá,\ntudo bem?")).what, fate::own_echo);
    end_send(id, send_status::ambiguous); // our connection broke, but the echo had proved it
    EXPECT_EQ(command({"ZCARD", keys.ambiguous()}).integer, 0);
    EXPECT_EQ(finish(turn.epoch), 0ms);
    EXPECT_EQ(command({"EXISTS", keys.outbox()}).integer, 0) << "tidied up";
}

TEST_F(Send, AnEchoSettlesASendOfUnknownOutcome) {
    const auto turn = planned_turn({"olá"});
    begin_send(turn.epoch, turn.pending_sends[0].id);
    end_send(turn.pending_sends[0].id, send_status::ambiguous);
    finish(turn.epoch);
    EXPECT_EQ(hand_over(test::echo_of(customer, "mid.1", "olá")).what, fate::own_echo);
    EXPECT_EQ(hand_over(test::echo_of(customer, "mid.2", "olá")).what, fate::taken_over)
        << "one send, one echo";
}

TEST_F(Send, TheSameTextMuchLaterIsAPerson) {
    settings.echo_claim_window = 1'000ms;
    const auto turn = planned_turn({"olá"});
    const auto id = std::to_string(turn.pending_sends[0].id);
    begin_send(turn.epoch, turn.pending_sends[0].id);
    end_send(turn.pending_sends[0].id, send_status::ambiguous);
    command({"HINCRBY", keys.outbox(), "begun:" + id, "-5000"});
    EXPECT_EQ(hand_over(test::echo_of(customer, "mid.1", "olá")).what, fate::taken_over);
}

TEST_F(Send, APersonWhoWritesTakesOver) {
    hand_over(test::message(customer, "m1", "oi"));
    answer("olá");
    hand_over(test::message(customer, "m2", "quero falar com alguém"));
    const auto turn = claim();
    const auto sends = plan(turn, {"um", "dois"}).sends;
    hand_over(test::message(customer, "m3", "alô?"));
    const auto receipt = hand_over(test::echo_of(customer, "mid.person", "Oi, aqui é a Ana"));
    EXPECT_EQ(receipt.what, fate::taken_over);
    EXPECT_EQ(receipt.due_in, settings.human_pause);
    EXPECT_EQ(receipt.cancelled_sends, 2);
    EXPECT_EQ(begin_send(turn.epoch, sends[0].id), begin_outcome::verdict::paused);
    EXPECT_EQ(finish(turn.epoch), 0ms);
    EXPECT_EQ(std::get<not_due>(try_claim()).due_in, 0ms) << "nothing of it is the bot's any more";

    const auto waits = hand_over(test::message(customer, "m4", "obrigado", 0ms));
    EXPECT_GT(waits.due_in, settings.human_pause - 60s) << "the person may still answer";
    end_pause();
    let_lease_expire();
    const auto next = claim();
    EXPECT_EQ(texts_of(next.what.messages), texts{"obrigado"});
    EXPECT_EQ(texts_of(next.what.history),
              (texts{"oi", "olá", "quero falar com alguém", "um", "dois", "alô?", "Oi, aqui é a Ana"}));
    EXPECT_EQ(next.what.history.back().who, speaker::person);
}

TEST_F(Send, ATakeoverWhileThinkingDropsTheThought) {
    hand_over(test::message(customer, "m1", "oi"));
    const auto turn = claim();
    hand_over(test::echo_of(customer, "mid.person", "deixa comigo"));
    EXPECT_EQ(plan(turn, {"olá"}).what, verdict::paused);
    EXPECT_EQ(loop.await(store().defer(customer, turn.epoch, "x"))->what, verdict::paused);
    EXPECT_FALSE(loop.await(store().renew(customer, turn.epoch)).value());
    end_pause();
    EXPECT_EQ(plan(turn, {"olá"}).what, verdict::fenced) << "even after the pause";
}

TEST_F(Send, ATakeoverLeavesASendUnderWayToBeRecorded) {
    const auto turn = planned_turn({"um", "dois"});
    begin_send(turn.epoch, turn.pending_sends[0].id);
    EXPECT_EQ(hand_over(test::echo_of(customer, "mid.person", "deixa comigo")).cancelled_sends, 1);
    end_send(turn.pending_sends[0].id, send_status::delivered, "mid.1");
    EXPECT_EQ(command({"EXISTS", keys.outbox()}).integer, 0);
    EXPECT_EQ(command({"EXISTS", keys.queue()}).integer, 0);
}

TEST_F(Send, OneThatDidNotLeaveIsForgottenWhenAPersonTookOverMeanwhile) {
    const auto turn = planned_turn({"um"});
    begin_send(turn.epoch, turn.pending_sends[0].id);
    hand_over(test::echo_of(customer, "mid.person", "deixa comigo"));
    const send_outcome not_sent{.status = send_status::retry, .id = {}, .reason = {}};
    loop.await(store().end_last_send(customer, turn.pending_sends[0].id, not_sent, turn.epoch, 1s));
    EXPECT_EQ(command({"EXISTS", keys.outbox(), keys.queue()}).integer, 0)
        << "nothing for anybody to look at";
}

TEST_F(Send, OneThatWasRefusedIsListedWithTheReason) {
    const auto turn = planned_turn({"um"});
    const auto id = turn.pending_sends[0].id;
    begin_send(turn.epoch, id);
    const send_outcome refused{.status = send_status::rejected, .id = {}, .reason = "10/2534022"};
    ASSERT_TRUE(loop.await(store().end_send(customer, id, refused)));
    operator_store view(*redis, settings);
    const auto listed = loop.await(view.ambiguous(10)).value();
    ASSERT_EQ(listed.size(), 1U);
    EXPECT_EQ(listed[0].send.state, "rejected");
    EXPECT_EQ(listed[0].send.reason, "10/2534022");
    EXPECT_EQ(listed[0].send.text, "um");
    EXPECT_TRUE(loop.await(view.drop_ambiguous(customer, id)).value());
    EXPECT_TRUE(loop.await(view.ambiguous(10)).value().empty());
}

TEST_F(Send, AnUncertainOneIsForgottenInTheEnd) {
    hand_over(test::message(customer, "m1", "oi"));
    const auto turn = claim();
    for (const bool notice : {true, false}) {
        const auto outcome = notice ? loop.await(store().defer(customer, turn.epoch, "um momento")).value()
                                    : plan(turn, {"olá"});
        begin_send(turn.epoch, outcome.sends.at(0).id);
        end_send(outcome.sends.at(0).id, send_status::ambiguous);
        EXPECT_GT(command({"PTTL", keys.outbox()}).integer, 0);
        command({"DEL", keys.outbox()});
    }
}

// Every key that belongs to one customer goes away by itself.
TEST_F(Send, NothingOfAnIdleConversationStaysForEver) {
    settings.look_for_uncertain = 1ms;
    hand_over({test::message(customer, "m1", "oi"), test::message(customer, "m2", "tudo bem?")});
    hand_over({test::edit(customer, "m2", "tudo?"), test::unsend(customer, "m1")});
    const auto deferred = claim();
    for (const auto& send : loop.await(store().defer(customer, deferred.epoch, "um momento"))->sends) {
        begin_send(deferred.epoch, send.id);
        end_send(send.id, send_status::ambiguous);
    }
    const auto check = [this] {
        const std::set<std::string> of_all{keys.due(), keys.events(), keys.ambiguous(), keys.missing(),
                                           keys.dead()};
        for (const auto& key : command({"KEYS", "*"}).items) {
            if (of_all.contains(key.text)) continue;
            EXPECT_GT(command({"PTTL", key.text}).integer, 0) << key.text;
            EXPECT_NE(key.text.find(shard_prefix(shard_of(keys.member()))), std::string::npos)
                << "another slot: " << key.text;
        }
        EXPECT_EQ(command({"ZCARD", keys.due()}).integer, 0);
    };
    const auto look_in_vain = [this] {
        loop.await(sleep_for(milliseconds(2)));
        const auto look = claim();
        for (const auto& send : look.uncertain_sends)
            loop.await(store().resolve_send(customer, send.id, {})).value();
        finish(look.epoch);
    };
    finish(deferred.epoch);
    let_lease_expire();
    look_in_vain();
    let_lease_expire();
    answer("olá", "mid.1");
    hand_over(test::echo_of(customer, "mid.1", "olá"));
    check();
    hand_over(test::message(customer, "m3", "mais"));
    const auto turn = claim();
    const auto sends = plan(turn, {"a", "b", "c"}).sends;
    begin_send(turn.epoch, sends[0].id);
    end_send(sends[0].id, send_status::rejected);
    begin_send(turn.epoch, sends[1].id);
    end_send(sends[1].id, send_status::ambiguous);
    hand_over(test::echo_of(customer, "mid.person", "deixa comigo"));
    hand_over({.what = test::event_of(customer, "r", read_receipt{message_id("x")})});
    look_in_vain();
    check();
}

} // namespace
} // namespace atende
