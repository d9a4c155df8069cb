// What a conversation remembers, for whom, and that what is forgotten is gone.
#include "integration/store_fixture.hpp"

#include <algorithm>
#include <atende/turns/auditor.hpp>
#include <atende/turns/operator_store.hpp>

namespace atende {
namespace {

using namespace std::chrono_literals;
using texts = std::vector<std::string>;

class Memory : public test::store_test {
protected:
    Memory() { settings.profile = "shop"; }

    operator_store& view() {
        if (!view_) view_.emplace(*redis, settings);
        return *view_;
    }
    claimed_turn turn_of(const std::string& id, const std::string& said) {
        hand_over(test::message(customer, id, said, 0ms));
        return claim();
    }
    // A whole turn, made by `profile`.
    void talk(const std::string& id, const std::string& said, const std::string& profile = "shop") {
        const auto turn = turn_of(id, said);
        turn_plan decided{.texts = {"re: " + said}};
        decided.history = {entry(turn, speaker::customer, said, profile),
                           entry(turn, speaker::bot, "re: " + said, profile)};
        decided.history[0].ids = {message_id(id)};
        send(turn, decided);
    }
    void forget_by_plan(const claimed_turn& turn) { send(turn, {.texts = {"esqueci"}, .forget = true}); }
    void send(const claimed_turn& turn, const turn_plan& decided) {
        const auto planned = loop.await(store().plan(customer, turn, decided)).value();
        ASSERT_EQ(planned.what, plan_outcome::verdict::planned);
        for (const auto& one : planned.sends) {
            ASSERT_EQ(begin_send(turn.epoch, one.id), begin_outcome::verdict::go);
            end_send(one.id, send_status::delivered, "mid.ours" + std::to_string(one.id));
        }
        finish(turn.epoch);
    }
    static history_entry entry(const claimed_turn& turn, speaker who, std::string text,
                               const std::string& profile) {
        return {.who = who,
                .text = std::move(text),
                .profile = profile + "@0123456789ab",
                .turn = turn.what.number};
    }
    bool remember(const claimed_turn& basis, const contact_notes& notes) {
        return loop.await(store().remember(basis.what, notes)).value();
    }
    static contact_notes notes_through(std::int64_t through) {
        return {.who = {{.text = "Ana", .turns = {1}}, {.text = "de Recife", .turns = {2}}},
                .wants = {{.text = "XY 150", .turns = {1, 2}}},
                .lead = {{"name", "Ana"}},
                .through = through,
                .messages = {{.id = message_id("m1"), .turn = 1}, {.id = message_id("m2"), .turn = 2}}};
    }
    // Every key of Redis whose name or content has the words.
    std::vector<std::string> keys_with(const std::string& words) {
        std::vector<std::string> found;
        for (const auto& key : command({"KEYS", "*"}).items) {
            const auto type = command({"TYPE", key.text}).text;
            redis_reply content;
            if (type == "hash") content = command({"HGETALL", key.text});
            if (type == "list") content = command({"LRANGE", key.text, "0", "-1"});
            if (type == "string") content = command({"GET", key.text});
            if (type == "zset") content = command({"ZRANGE", key.text, "0", "-1"});
            if (type == "set") content = command({"SMEMBERS", key.text});
            if (type == "stream") content = command({"XRANGE", key.text, "-", "+"});
            if (holds(content, words)) found.push_back(key.text);
        }
        return found;
    }
    void expect_audited() {
        auditor audits(*redis, settings);
        for (int pass = 0; pass < 2 * 64; ++pass) ASSERT_TRUE(loop.await(audits.step()));
        EXPECT_EQ(audits.total(), 0);
    }

private:
    static bool holds(const redis_reply& reply, const std::string& words) {
        return reply.text.contains(words) ||
               std::ranges::any_of(reply.items, [&](const auto& one) { return holds(one, words); });
    }
    std::optional<operator_store> view_;
};

TEST_F(Memory, EveryEntryKnowsItsTurn) {
    talk("m1", "oi");
    hand_over(test::echo_of(customer, "mid.person", "aqui é a Bia")); // of no turn of its own
    end_pause();
    talk("m2", "obrigada");
    const auto turn = turn_of("m3", "e agora?");
    std::vector<std::int64_t> numbers;
    for (const auto& one : turn.what.history) numbers.push_back(one.turn);
    EXPECT_EQ(numbers, (std::vector<std::int64_t>{1, 1, 1, 2, 2}));
}

TEST_F(Memory, EntriesOfOlderVersionsAreOfTheTurnBeforeTheFirstKnown) {
    command({"RPUSH", keys.history(), "m0\n{\"at\":1,\"text\":\"antes\",\"who\":\"customer\"}"});
    command({"HSET", keys.state(), "turn", "4"});
    EXPECT_EQ(turn_of("m1", "oi").what.history.at(0).turn, 4);
}

TEST_F(Memory, AnotherProfileIsNotGivenWhatThisOneMade) {
    talk("m1", "meu nome é Ana");
    const auto first = turn_of("m2", "e eu?");
    ASSERT_TRUE(remember(first, notes_through(1)));
    finish(first.epoch);
    settings.profile = "other";
    made.reset();
    const auto theirs = claim();
    EXPECT_TRUE(theirs.what.history.empty());
    EXPECT_EQ(theirs.what.notes, contact_notes{});
    finish(theirs.epoch);
    settings.profile = "shop";
    made.reset();
    const auto ours = claim();
    EXPECT_EQ(texts_of(ours.what.history), (texts{"meu nome é Ana", "re: meu nome é Ana"}));
    EXPECT_EQ(ours.what.notes.who.size(), 2U);
}

TEST_F(Memory, WhatNoProfileMadeBelongsToWhoeverReads) {
    hand_over(test::echo_of(customer, "mid.person", "aqui é a Bia"));
    end_pause();
    settings.profile = "other";
    EXPECT_EQ(texts_of(turn_of("m1", "oi").what.history), texts{"aqui é a Bia"});
}

TEST_F(Memory, AccountsAndContactsAreApart) {
    talk("m1", "meu nome é Ana");
    ASSERT_TRUE(remember(turn_of("m2", "oi"), notes_through(1)));
    auto other_account = customer, other_contact = customer;
    other_account.account = account_id("17841400000000002");
    other_contact.contact = contact_id("1002");
    for (const auto& other : {other_account, other_contact}) {
        hand_over(test::message(other, "x" + other.text(), "quem sou eu?", 0ms));
        auto outcome = loop.await(store().claim(other)).value();
        if (std::holds_alternative<not_due>(outcome)) {
            loop.await(sleep_for(1ms));
            outcome = loop.await(store().claim(other)).value();
        }
        const auto& turn = std::get<claimed_turn>(outcome).what;
        EXPECT_TRUE(turn.history.empty()) << other.text();
        EXPECT_EQ(turn.notes, contact_notes{}) << other.text();
    }
}

TEST_F(Memory, NotesAreKeptWithTheHistoryAndShownToTheOperator) {
    talk("m1", "oi");
    const auto turn = turn_of("m2", "tudo?");
    ASSERT_TRUE(remember(turn, notes_through(1)));
    finish(turn.epoch);
    const auto next = claim();
    auto expected = notes_through(1);
    expected.profile = "shop";
    EXPECT_EQ(next.what.notes, expected);
    EXPECT_GT(command({"PTTL", keys.notes()}).integer, 0);
    const auto shown = loop.await(view().show(customer)).value();
    ASSERT_TRUE(shown);
    EXPECT_EQ(shown->notes, std::vector{expected});
}

TEST_F(Memory, OnlyOneOfTwoWhoMadeNotesKeepsThem) {
    talk("m1", "oi");
    const auto turn = turn_of("m2", "tudo?");
    EXPECT_TRUE(remember(turn, notes_through(1)));
    auto late = notes_through(1);
    late.who.clear();
    EXPECT_FALSE(remember(turn, late));
    finish(turn.epoch);
    const auto next = claim();
    EXPECT_EQ(next.what.notes.who.size(), 2U);
    EXPECT_TRUE(remember(next, notes_through(2))) << "made from what is there now";
}

TEST_F(Memory, UnsendingAMessageDropsWhatWasNotedOfItsTurn) {
    talk("m1", "sou a Ana");
    const auto turn = turn_of("m2", "de Recife");
    ASSERT_TRUE(remember(turn, notes_through(2)));
    EXPECT_EQ(hand_over(test::unsend(customer, "m1")).what, event_receipt::fate::amended);
    finish(turn.epoch);
    auto notes = claim().what.notes;
    EXPECT_EQ(notes.who, (std::vector<note>{{.text = "de Recife", .turns = {2}}}));
    EXPECT_TRUE(notes.wants.empty());
    EXPECT_EQ(notes.through, 2);
    EXPECT_EQ(notes.lead.at("name"), "Ana") << "the shop has it";
}

TEST_F(Memory, UnsendingReachesNotesWhoseMessageIsRememberedNoMore) {
    talk("m1", "sou a Ana");
    const auto turn = turn_of("m2", "oi");
    ASSERT_TRUE(remember(turn, notes_through(1)));
    command({"DEL", keys.history()});
    hand_over(test::unsend(customer, "m1"));
    finish(turn.epoch);
    EXPECT_EQ(claim().what.notes.who.size(), 1U);
}

TEST_F(Memory, NotesMadeWhileAMessageWasUnsentAreRefused) {
    talk("m1", "meu CPF é 529.982.247-25");
    const auto turn = turn_of("m2", "oi");
    hand_over(test::unsend(customer, "m1"));
    EXPECT_FALSE(remember(turn, notes_through(1)));
    EXPECT_EQ(command({"EXISTS", keys.notes()}).integer, 0);
}

TEST_F(Memory, ACustomerWhoAsksForItIsForgottenInTheStepThatAnswers) {
    talk("m1", "meu segredo: sou a Ana");
    command({"XADD", keys.live(), "*", "type", "content", "data", "segredo"});
    command({"HSET", keys.dead(), keys.member() + " m0", R"({"item":"m0\n{\"text\":\"segredo\"}"})"});
    const auto turn = turn_of("m2", "/esquecer segredo");
    ASSERT_TRUE(remember(turn, notes_through(1)));
    hand_over(test::message(customer, "m3", "e a moto?", 0ms)); // after it: not forgotten
    const auto again =
        loop.await(store().plan(customer, turn, {.texts = {"esqueci"}, .forget = true})).value();
    ASSERT_EQ(again.what, plan_outcome::verdict::superseded);
    finish(turn.epoch);
    auto both = claim();
    forget_by_plan(both);
    EXPECT_TRUE(keys_with("segredo").empty());
    EXPECT_TRUE(keys_with("Ana").empty());
    const auto next = turn_of("m4", "oi");
    EXPECT_TRUE(next.what.history.empty());
    EXPECT_EQ(next.what.notes, contact_notes{});
    EXPECT_GT(next.what.number, both.what.number) << "operation ids do not begin anew";
    EXPECT_FALSE(remember(turn, notes_through(1))) << "made of what is forgotten";
    expect_audited();
}

TEST_F(Memory, AnOperatorForgetsAContactWithAllThatWaits) {
    talk("m1", "segredo um");
    const auto turn = turn_of("m2", "segredo dois");
    ASSERT_TRUE(remember(turn, notes_through(1)));
    loop.await(store().journal(customer, turn, "segredo no diário", false)).value();
    settings.echo_hold = 60s;
    made.reset();
    hand_over(test::echo_of(customer, "mid.x", "segredo de uma pessoa"));
    hand_over(test::message(customer, "m3", "segredo três", 0ms));
    command({"XADD", keys.live(), "*", "type", "content", "data", "segredo"});
    command({"SET", keys.watched(), "1"});
    command({"HSET", keys.dead(), keys.member() + " m0", R"({"item":"m0\n{\"text\":\"segredo\"}"})"});
    command({"HSET", keys.dead(), keys.member() + "9 m0", R"({"item":"m0\n{\"text\":\"de outro\"}"})"});
    hand_over(test::edit(customer, "m99", "segredo antes da hora"));

    const auto done = loop.await(view().forget(customer)).value();
    EXPECT_TRUE(done.known);
    EXPECT_TRUE(done.working);
    EXPECT_TRUE(keys_with("segredo").empty());
    EXPECT_EQ(command({"HLEN", keys.dead()}).integer, 1) << "another contact's";
    EXPECT_EQ(command({"EXISTS", keys.watched(), keys.answers(), keys.inbox(), keys.journal()}).integer, 0);
    EXPECT_EQ(loop.await(store().plan(customer, turn, {.texts = {"re: segredo"}})).value().what,
              plan_outcome::verdict::fenced)
        << "what was being thought of it";
    EXPECT_FALSE(remember(turn, notes_through(1)));
    EXPECT_EQ(command({"ZSCORE", keys.due(), keys.member()}).what, redis_reply::kind::nil) << "nothing waits";
    expect_audited();
    EXPECT_TRUE(loop.await(view().forget(customer)).value().known) << "again does no harm";
}

TEST_F(Memory, ForgettingLetsASendUnderWayEndAndNamesNoOther) {
    const auto turn = turn_of("m1", "oi");
    const auto sends = plan(turn, {"um", "dois"}).sends;
    ASSERT_EQ(begin_send(turn.epoch, sends[0].id), begin_outcome::verdict::go);
    ASSERT_TRUE(loop.await(view().forget(customer)).value().known);
    EXPECT_NE(begin_send(turn.epoch, sends[1].id), begin_outcome::verdict::go);
    end_send(sends[0].id, send_status::delivered, "mid.1");
    EXPECT_EQ(hand_over(test::echo_of(customer, "mid.1", "um")).what, event_receipt::fate::own_echo);
    EXPECT_EQ(command({"EXISTS", keys.outbox()}).integer, 0);
}

TEST_F(Memory, ForgettingKeepsAPauseAndClosesSendsOfUnknownOutcome) {
    const auto turn = turn_of("m1", "oi");
    const auto sends = plan(turn, {"segredo"}).sends;
    begin_send(turn.epoch, sends[0].id);
    end_send(sends[0].id, send_status::ambiguous);
    loop.await(store().pause(customer, 60s)).value();
    ASSERT_TRUE(loop.await(view().forget(customer)).value().known);
    EXPECT_TRUE(loop.await(view().ambiguous(10)).value().empty());
    EXPECT_TRUE(keys_with("segredo").empty());
    EXPECT_EQ(loop.await(view().show(customer)).value()->now.paused_by, "person");
}

TEST_F(Memory, AHandOverThatWasNotSaidYetIsForgotten) {
    const auto turn = turn_of("m1", "quero falar com uma pessoa");
    loop.await(store().plan(customer, turn, {.texts = {"já vem alguém"}, .hand_over = true})).value();
    ASSERT_TRUE(loop.await(view().forget(customer)).value().known);
    const auto next = turn_of("m2", "oi");
    EXPECT_EQ(next.inbox_size, 1U);
    finish(next.epoch);
    EXPECT_EQ(command({"HEXISTS", keys.state(), "pause"}).integer, 0);
}

TEST_F(Memory, ForgettingWhoIsNotKnownSaysSo) {
    EXPECT_FALSE(loop.await(view().forget(customer)).value().known);
    EXPECT_TRUE(command({"KEYS", "*"}).items.empty()) << "and leaves nothing behind";
}

TEST_F(Memory, EventsThatNeededNoAnswerAreForgottenOneByOne) {
    auto other = customer;
    other.contact = contact_id("1002");
    for (int i = 0; i < 450; ++i) {
        const auto n = std::to_string(i);
        for (const auto& who : {customer, other})
            command({"XADD", keys.events(), "*", "event",
                     R"({"conversation":")" + who.text() + R"(","message":")" + n + R"("})"});
    }
    ASSERT_TRUE(loop.await(view().forget_events(customer)));
    EXPECT_EQ(command({"XLEN", keys.events()}).integer, 450);
    EXPECT_TRUE(keys_with(customer.text() + "\"").empty());
}

} // namespace
} // namespace atende
