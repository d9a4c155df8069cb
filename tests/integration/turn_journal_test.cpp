// What survives a crash between claim and plan, and an answer of Redis that was lost.
#include "integration/store_fixture.hpp"

namespace atende {
namespace {

using namespace std::chrono_literals;
using texts = std::vector<std::string>;
using verdict = plan_outcome::verdict;

class Journal : public test::store_test {
protected:
    bool write(const claimed_turn& turn, const std::string& entry, bool commits = false) {
        return loop.await(store().journal(customer, turn, entry, commits)).value();
    }
    claimed_turn claim_after_crash() {
        let_lease_expire();
        return claim();
    }
};

TEST_F(Journal, TheNextWorkerGoesOnFromThere) {
    hand_over(test::message(customer, "m1", "oi"));
    const auto turn = claim();
    EXPECT_TRUE(write(turn, "asked"));
    EXPECT_TRUE(write(turn, "results"));
    const auto next = claim_after_crash();
    EXPECT_EQ(next.what.journal, (texts{"asked", "results"}));
    EXPECT_EQ(plan(next, {"olá"}).what, verdict::planned);
    finish(next.epoch);
    hand_over(test::message(customer, "m2", "mais", 0ms));
    command({"DEL", keys.queue()});
    EXPECT_TRUE(claim_after_crash().what.journal.empty()) << "it was about that turn";
}

TEST_F(Journal, AnOldWorkerStartsNothing) {
    hand_over(test::message(customer, "m1", "oi"));
    const auto old = claim();
    const auto current = claim_after_crash();
    EXPECT_FALSE(write(old, "asked"));
    EXPECT_TRUE(write(current, "asked"));
    hand_over(test::echo_of(customer, "mid.person", "deixa comigo"));
    EXPECT_FALSE(write(current, "results")) << "a person took over";
}

TEST_F(Journal, AThoughtIsOnlyGoodForWhatItHadRead) {
    hand_over(test::message(customer, "m1", "oi"));
    write(claim(), "asked");
    hand_over(test::message(customer, "m2", "não, espera"));
    const auto next = claim_after_crash();
    EXPECT_TRUE(next.what.journal.empty());
    EXPECT_EQ(texts_of(next.what.messages), (texts{"oi", "não, espera"}));
}

TEST_F(Journal, AnEditMakesItAnotherThought) {
    hand_over(test::message(customer, "m1", "a 125"));
    write(claim(), "asked");
    hand_over({test::edit(customer, "m1", "a 150")});
    EXPECT_TRUE(claim_after_crash().what.journal.empty());
}

TEST_F(Journal, OnceAToolMayHaveChangedSomethingTheTurnStaysAsItIs) {
    hand_over(test::message(customer, "m1", "meu telefone é…"));
    write(claim(), "asked", true);
    hand_over(test::message(customer, "m2", "e outra coisa"));
    const auto next = claim_after_crash();
    EXPECT_EQ(next.what.journal, texts{"asked"});
    EXPECT_EQ(texts_of(next.what.messages), texts{"meu telefone é…"});
    EXPECT_EQ(next.what.number, 1) << "its operation ids are the same again";
    EXPECT_EQ(plan(next, {"anotado"}, true).what, verdict::planned);
    finish(next.epoch);
    command({"DEL", keys.queue()});
    EXPECT_EQ(texts_of(claim_after_crash().what.messages), texts{"e outra coisa"});
}

// In each of the ways in which a turn goes on although the customer has changed what it read.
TEST_F(Journal, WhatIsUnsentOrEditedAfterItWasReadIsNotRememberedAsItWasRead) {
    enum class because { committed, superseded_enough, partial };
    for (const auto why : {because::committed, because::superseded_enough, because::partial}) {
        command({"FLUSHALL"});
        settings.most_supersedes = why == because::superseded_enough ? 0 : 2;
        made.reset();
        hand_over({test::message(customer, "m1", "CPF 529.982.247-25"),
                   test::message(customer, "m2", "a 125"), test::message(customer, "m3", "vermelha")});
        auto turn = claim();
        turn.partial = why == because::partial;
        if (why == because::committed) EXPECT_TRUE(write(turn, "asked", true));
        hand_over({test::unsend(customer, "m1"), test::edit(customer, "m2", "a 150")});
        ASSERT_EQ(plan(turn, {"anotado"}).what, verdict::planned);
        const auto remembered = command({"LRANGE", keys.history(), "0", "-1"}).items;
        ASSERT_EQ(remembered.size(), 4U);
        EXPECT_FALSE(remembered[0].text.contains("529")) << "its words are gone for good";
        EXPECT_EQ(hand_over(test::unsend(customer, "m1")).what, event_receipt::fate::duplicate);
        finish(turn.epoch);
        hand_over(test::message(customer, "m4", "e aí?"));
        EXPECT_EQ(texts_of(claim_after_crash().what.history), (texts{"", "a 150", "vermelha", "anotado"}));
        EXPECT_TRUE(command({"LINDEX", keys.history(), "1"}).text.contains("\"edit\":1"))
            << "which one it is";
    }
}

// Whether the turn is over by then or not.
TEST_F(Journal, AnEditLeavesTheMarksAroundTheWordsThatWereRead) {
    for (const bool answered : {false, true}) {
        command({"FLUSHALL"});
        hand_over({test::message(customer, "m1", "quero essa"), test::message(customer, "m2", "senha")});
        const auto turn = claim();
        const turn_plan decided{
            .history = {{.text = "[story]\nquero essa\n[áudio] vermelha",
                         .ids = {message_id("m1")},
                         .before = "[story]",
                         .after = "[áudio] vermelha"},
                        {.text = "senha\n[áudio] 1234", .ids = {message_id("m2")}, .after = "[áudio] 1234"}},
            .committed = true};
        const auto amend = [this] {
            hand_over({test::edit(customer, "m1", "quero a outra"), test::unsend(customer, "m2")});
        };
        if (!answered) amend();
        ASSERT_EQ(loop.await(store().plan(customer, turn, decided)).value().what, verdict::planned);
        if (answered) amend();
        finish(turn.epoch);
        EXPECT_FALSE(command({"LINDEX", keys.history(), "1"}).text.contains("1234"));
        hand_over(test::edit(customer, "m1", "quero a azul", 2));
        hand_over(test::message(customer, "m3", "e aí?"));
        EXPECT_EQ(texts_of(claim_after_crash().what.history),
                  (texts{"[story]\nquero a azul\n[áudio] vermelha", ""}));
    }
}

TEST_F(Journal, WhatWasEditedBeforeItWasReadIsRememberedAsItWasRead) {
    hand_over({test::message(customer, "m1", "olha"), test::message(customer, "m2", "senha 1234")});
    hand_over(test::edit(customer, "m1", "olha esta"));
    const auto turn = claim();
    hand_over(test::unsend(customer, "m2"));
    const auto said = [&turn](std::string id, std::string text) {
        return history_entry{.text = std::move(text),
                             .ids = {message_id(std::move(id))},
                             .profile = "loja@0123456789ab",
                             .turn = turn.what.number};
    };
    const turn_plan decided{.history = {said("m1", "olha esta [uma imagem]"), said("m2", "senha 1234")},
                            .committed = true};
    ASSERT_EQ(loop.await(store().plan(customer, turn, decided)).value().what, verdict::planned);
    finish(turn.epoch);
    settings.profile = "loja";
    made.reset();
    hand_over(test::message(customer, "m3", "e aí?"));
    const auto remembered = claim_after_crash().what.history;
    EXPECT_EQ(texts_of(remembered), (texts{"olha esta [uma imagem]", ""}));
    EXPECT_EQ(remembered.at(1).turn, turn.what.number) << "all else of it is known";
    EXPECT_EQ(remembered.at(1).profile, "loja@0123456789ab");
}

TEST_F(Journal, WhatIsStoredAgainBecauseAnAnswerWasLostIsThereOnce) {
    hand_over(test::message(customer, "m1", "oi"));
    const auto turn = claim();
    EXPECT_TRUE(write(turn, "asked"));
    EXPECT_TRUE(write(turn, "asked"));
    EXPECT_EQ(claim_after_crash().what.journal, texts{"asked"}) << "or the tool would be called twice";
}

TEST_F(Journal, ATurnWhoseToolFailedIsNotThoughtAgainForANewMessageEither) {
    hand_over(test::message(customer, "m1", "meu telefone é…"));
    const auto turn = claim();
    write(turn, "asked", true);
    hand_over(test::message(customer, "m2", "e outra coisa"));
    EXPECT_EQ(plan(turn, {"não consegui anotar"}, false).what, verdict::planned);
}

TEST_F(Journal, PlanAskedAgainAfterATakeoverSendsNothing) {
    hand_over(test::message(customer, "m1", "oi"));
    const auto turn = claim();
    turn_plan decided{.texts = {"um", "dois"}, .begin_first = true};
    const auto asked = [&] { return loop.await(store().plan(customer, turn, decided)).value().what; };
    ASSERT_EQ(asked(), verdict::planned);
    loop.await(store().pause(customer, 600s));
    EXPECT_EQ(asked(), verdict::paused);
    EXPECT_EQ(command({"EXISTS", keys.queue(), keys.outbox()}).integer, 0)
        << "nothing is left of what never left";
}

TEST_F(Journal, PlanAskedAgainWhileAPersonMayBeWritingWaits) {
    settings.echo_hold = 60s;
    hand_over(test::message(customer, "m1", "oi"));
    const auto turn = claim();
    turn_plan decided{.texts = {"um"}, .begin_first = true};
    const auto asked = [&] { return loop.await(store().plan(customer, turn, decided)).value(); };
    const auto id = "state:" + std::to_string(asked().sends.at(0).id);
    hand_over(test::echo_of(customer, "mid.x", "é da loja?"));
    EXPECT_EQ(asked().what, verdict::held);
    EXPECT_EQ(command({"HGET", keys.outbox(), id}).text, "planned") << "it has not begun";
    command({"DEL", keys.held()});
    EXPECT_EQ(asked().what, verdict::planned);
    EXPECT_EQ(command({"HGET", keys.outbox(), id}).text, "sending");
}

TEST_F(Journal, PlanAnswersTheSameWhenItIsAskedAgain) {
    hand_over(test::message(customer, "m1", "oi"));
    const auto turn = claim();
    const auto first = plan(turn, {"um", "dois"});
    hand_over(test::message(customer, "m2", "e mais"));
    const auto again = plan(turn, {"um", "dois"});
    ASSERT_EQ(again.what, verdict::planned);
    ASSERT_EQ(again.sends.size(), 2U);
    EXPECT_EQ(again.sends[0].id, first.sends[0].id);
    EXPECT_EQ(command({"LLEN", keys.queue()}).integer, 2) << "planned once";
    EXPECT_EQ(command({"LLEN", keys.inbox()}).integer, 1) << "and nobody else's message is gone";
}

TEST_F(Journal, WhereThePlatformAskedToWaitANewMessageDoesNotHurry) {
    for (const auto asked : {0s, 60s}) {
        command({"FLUSHALL"});
        hand_over(test::message(customer, "m1", "oi"));
        const auto turn = claim();
        const auto id = plan(turn, {"olá"}).sends.at(0).id;
        begin_send(turn.epoch, id);
        const send_outcome later{.status = send_status::retry, .id = {}, .reason = {}, .retry_in = asked};
        EXPECT_GT(loop.await(store().end_last_send(customer, id, later, turn.epoch, 60s)).value().due_in,
                  50s);
        EXPECT_EQ(hand_over(test::message(customer, "m2", "alô?", 0ms)).due_in > 50s, asked > 0s);
    }
}

} // namespace
} // namespace atende
