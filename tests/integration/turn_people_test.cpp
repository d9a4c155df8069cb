// Echo or person: what is held, who took over, and how the bot comes back. The flood breaker.
#include "integration/store_fixture.hpp"

namespace atende {
namespace {

using namespace std::chrono_literals;
using begun = begin_outcome::verdict;
using fate = event_receipt::fate;
using texts = std::vector<std::string>;
using verdict = plan_outcome::verdict;

class People : public test::store_test {
protected:
    People() { settings.echo_hold = 60s; }

    claimed_turn turn_of(const std::string& id, const std::string& said) {
        hand_over(test::message(customer, id, said, 0ms));
        return claim();
    }
    event_receipt shop_writes(const std::string& mid, const std::string& said) {
        return hand_over(test::echo_of(customer, mid, said));
    }
    // As if it had been held for its whole time.
    void let_hold_end() {
        auto items = command({"LRANGE", keys.held(), "0", "-1"}).items;
        command({"DEL", keys.held()});
        for (auto& item : items) {
            const auto at = item.text.find("\"until_ms\":") + 11;
            item.text.replace(at, item.text.find_first_of(",}", at) - at, "1");
            command({"RPUSH", keys.held(), item.text});
        }
        command({"HSET", keys.state(), "held_until", "1"});
        command({"ZADD", keys.due(), "0", keys.member()});
    }
    bool is_paused() { return command({"HEXISTS", keys.state(), "pause"}).integer == 1; }
};

TEST_F(People, AnUnknownEchoIsHeldBeforeItIsAPerson) {
    const auto receipt = shop_writes("mid.1", "Oi, aqui é a Ana");
    EXPECT_EQ(receipt.what, fate::held);
    EXPECT_GT(receipt.due_in, 50s);
    EXPECT_FALSE(is_paused());
    let_hold_end();
    EXPECT_TRUE(std::holds_alternative<not_due>(try_claim())) << "nothing is left to do";
    EXPECT_TRUE(is_paused());
    end_pause();
    EXPECT_EQ(texts_of(turn_of("m1", "obrigado").what.history), texts{"Oi, aqui é a Ana"});
}

TEST_F(People, NothingIsSentWhileItIsUndecided) {
    const auto turn = turn_of("m1", "oi");
    const auto sends = plan(turn, {"um", "dois"}).sends;
    ASSERT_EQ(begin_send(turn.epoch, sends[0].id), begun::go);
    end_send(sends[0].id, send_status::delivered, "mid.ours");
    shop_writes("mid.person", "deixa comigo");
    EXPECT_EQ(begin_send(turn.epoch, sends[1].id), begun::held) << "also between two parts of one answer";
    let_hold_end();
    EXPECT_EQ(begin_send(turn.epoch, sends[1].id), begun::paused);
    EXPECT_EQ(command({"EXISTS", keys.queue()}).integer, 0) << "the second part is cancelled";
}

TEST_F(People, AThoughtWaitsForTheDecisionAndIsDroppedIfItWasAPerson) {
    const auto turn = turn_of("m1", "oi");
    shop_writes("mid.person", "deixa comigo");
    EXPECT_EQ(plan(turn, {"olá"}).what, verdict::held);
    let_hold_end();
    EXPECT_EQ(plan(turn, {"olá"}).what, verdict::paused);
    EXPECT_FALSE(loop.await(store().renew(customer, turn.epoch)).value());
}

TEST_F(People, AHandOverSilencesTheBotOnceItsWordsHaveLeft) {
    settings.hand_over_pause = 90s;
    const auto turn = turn_of("m1", "quero falar com uma pessoa");
    turn_plan decided{.texts = {"claro", "já vem alguém"}, .hand_over = true};
    const auto sends = loop.await(store().plan(customer, turn, decided)).value().sends;
    ASSERT_EQ(sends.size(), 2U);
    for (const auto& send : sends) {
        EXPECT_FALSE(is_paused());
        ASSERT_EQ(begin_send(turn.epoch, send.id), begun::go) << "its own words still leave";
        end_send(send.id, send_status::delivered, "mid." + std::to_string(send.id));
    }
    finish(turn.epoch);
    EXPECT_TRUE(is_paused());
    EXPECT_EQ(command({"HGET", keys.state(), "paused_by"}).text, "hand-over");
    EXPECT_GT(hand_over(test::message(customer, "m2", "oi?", 0ms)).due_in, 60s) << "it waits for the person";
}

TEST_F(People, AHandOverOutlivesTheWorkerThatDecidedIt) {
    settings.hand_over_pause = 90s;
    const auto turn = turn_of("m1", "quero falar com uma pessoa");
    loop.await(store().plan(customer, turn, {.texts = {"já vem alguém"}, .hand_over = true}));
    let_lease_expire();
    const auto next = claim();
    ASSERT_EQ(next.pending_sends.size(), 1U);
    ASSERT_EQ(begin_send(next.epoch, next.pending_sends[0].id), begun::go);
    end_send(next.pending_sends[0].id, send_status::delivered, "mid.1");
    finish(next.epoch);
    EXPECT_TRUE(is_paused());
}

TEST_F(People, WhatIsWrittenWhileTheWordsOfAHandOverLeaveWaitsForThePerson) {
    settings.hand_over_pause = 90s;
    for (const auto end : {send_status::delivered, send_status::rejected, send_status::ambiguous}) {
        command({"FLUSHALL"});
        const auto turn = turn_of("m1", "quero falar com uma pessoa");
        turn_plan decided{.texts = {"já vem alguém"}, .hand_over = true};
        const auto send = loop.await(store().plan(customer, turn, decided)).value().sends.at(0);
        ASSERT_EQ(begin_send(turn.epoch, send.id), begun::go);
        end_send(send.id, send_status::retry);
        finish(turn.epoch, 10s);
        const auto next = turn_of("m2", "é urgente");
        EXPECT_EQ(next.inbox_size, 0U) << "else the bot answers after it has said good-bye";
        ASSERT_EQ(next.pending_sends.size(), 1U);
        ASSERT_EQ(begin_send(next.epoch, send.id), begun::go);
        end_send(send.id, end, "mid.1");
        EXPECT_GT(finish(next.epoch), 0s);
        EXPECT_TRUE(is_paused()) << "however the send ended";
        EXPECT_EQ(command({"HEXISTS", keys.state(), "hand_over"}).integer, 0);
        end_pause();
        let_lease_expire();
        EXPECT_EQ(texts_of(claim().what.messages), texts{"é urgente"}) << "if nobody has answered";
    }
}

TEST_F(People, AHandOverWhoseSendsAreGoneSilencesTheBotOnceAndNotForEver) {
    const auto turn = turn_of("m1", "quero falar com uma pessoa");
    loop.await(store().plan(customer, turn, {.texts = {"já vem alguém"}, .hand_over = true}));
    command({"DEL", keys.queue(), keys.outbox()});
    hand_over(test::message(customer, "m2", "é urgente", 0ms));
    let_lease_expire(); // its worker died
    const auto next = claim();
    EXPECT_EQ(next.inbox_size, 0U);
    finish(next.epoch);
    EXPECT_TRUE(is_paused());
    end_pause();
    let_lease_expire();
    EXPECT_EQ(texts_of(claim().what.messages), texts{"é urgente"});
}

TEST_F(People, WhoTakesOverNeedsNoHandOver) {
    const auto turn = turn_of("m1", "quero falar com uma pessoa");
    loop.await(store().plan(customer, turn, {.texts = {"já vem alguém"}, .hand_over = true}));
    loop.await(store().pause(customer, 60s));
    loop.await(store().pause(customer, 0ms)); // and lets the bot answer again
    const auto later = turn_of("m2", "resolvido, mais uma coisa");
    const auto send = plan(later, {"diga"}).sends.at(0);
    ASSERT_EQ(begin_send(later.epoch, send.id), begun::go);
    end_send(send.id, send_status::delivered, "mid.2");
    finish(later.epoch);
    EXPECT_FALSE(is_paused());
}

TEST_F(People, AnEchoThatWasOursAfterAllSilencesNobody) {
    const auto turn = turn_of("m1", "oi");
    const auto send = plan(turn, {"olá"}).sends.at(0);
    ASSERT_EQ(begin_send(turn.epoch, send.id), begun::go);
    shop_writes("mid.ours", "ola (the platform changed the text)");
    end_send(send.id, send_status::delivered, "mid.ours");
    finish(turn.epoch);
    let_hold_end();
    EXPECT_TRUE(std::holds_alternative<not_due>(try_claim()));
    EXPECT_FALSE(is_paused());
}

TEST_F(People, AHeldEchoDoesNotShortenTheQuietWindow) {
    settings.echo_hold = 1ms;
    hand_over(test::message(customer, "m1", "oi", 60s));
    shop_writes("mid.1", "deixa comigo");
    loop.await(sleep_for(3ms));
    const auto outcome = try_claim();
    ASSERT_TRUE(std::holds_alternative<not_due>(outcome));
    EXPECT_TRUE(is_paused()) << "the person took over, and nobody answered the customer early";
}

TEST_F(People, AWordTypedByThePersonPausesOrResumesAtOnce) {
    settings.pause_words = {"#pausa"};
    settings.resume_words = {"#bot"};
    EXPECT_EQ(shop_writes("mid.1", " #pausa ").what, fate::taken_over);
    EXPECT_GT(hand_over(test::message(customer, "m1", "alguém?", 0ms)).due_in, 60s);
    const auto resumed = shop_writes("mid.2", "#bot");
    EXPECT_EQ(resumed.what, fate::resumed);
    EXPECT_LE(resumed.due_in, 1ms) << "the message that waited is answered now";
    let_lease_expire();
    EXPECT_EQ(texts_of(claim().what.messages), texts{"alguém?"});
    EXPECT_EQ(shop_writes("mid.2", "#bot").what, fate::duplicate);
}

TEST_F(People, AnAutomaticMessageIsNobodyTakingOver) {
    settings.automation_texts = {"Estamos fechados agora."};
    EXPECT_EQ(shop_writes("mid.1", "Estamos fechados agora.").what, fate::recorded);
    EXPECT_FALSE(is_paused());
}

TEST_F(People, AnEchoThatFailsLeavesNoTraceAndCountsWhenRepeated) {
    settings.echo_hold = 0ms;
    for (const auto& key : keys.all()) {
        command({"FLUSHALL"});
        command({"SET", key, "of another type"});
        EXPECT_FALSE(loop.await(store().hand_over({test::echo_of(customer, "mid.1", "deixa comigo")})))
            << key;
        EXPECT_EQ(command({"DBSIZE"}).integer, 1) << key;
        command({"DEL", key});
        EXPECT_EQ(shop_writes("mid.1", "deixa comigo").what, fate::taken_over) << key;
        EXPECT_EQ(command({"LLEN", keys.history()}).integer, 1) << key;
    }
}

class LatePerson : public People {
protected:
    LatePerson() {
        settings.echo_hold = 0ms;
        settings.human_pause = 30min;
    }
    event_receipt shop_wrote(const std::string& mid, const std::string& said, milliseconds ago) {
        auto echo = test::echo_of(customer, mid, said);
        echo.kept = ago;
        return hand_over(std::move(echo));
    }
    // What a customer who writes now has to wait for.
    milliseconds silence(const std::string& id = "m1") {
        return hand_over(test::message(customer, id, "alguém?", 0ms)).due_in;
    }
};

TEST_F(LatePerson, TheSilenceBeganWhenThePersonWrote) {
    EXPECT_EQ(shop_wrote("mid.1", "deixa comigo", 20min).due_in, 10min);
    const auto left = silence();
    EXPECT_LE(left, 10min + 1ms) << "INGEST rounds the time up";
    EXPECT_GT(left, 9min);
}

TEST_F(LatePerson, TheSilenceMayBeOver) {
    EXPECT_EQ(shop_wrote("mid.1", "deixa comigo", 2h).due_in, 0min);
    EXPECT_LE(silence(), 1ms);
    let_lease_expire();
    EXPECT_EQ(texts_of(claim().what.history), texts{"deixa comigo"}) << "but the words are remembered";
}

TEST_F(LatePerson, ALaterPauseIsNotCutShort) {
    shop_writes("mid.2", "já volto");
    shop_wrote("mid.1", "deixa comigo", 25min);
    EXPECT_GT(silence(), 25min);
}

TEST_F(LatePerson, AnOldPauseWordNeitherPausesNorResumes) {
    settings.pause_words = {"#pausa"};
    EXPECT_EQ(shop_wrote("mid.1", "#pausa", 20min).due_in, 10min);
    shop_wrote("mid.2", "#pausa", 2h);
    EXPECT_GT(silence(), 9min) << "the first one is in force";
}

TEST_F(LatePerson, AClockThatWentBackGivesNoMoreThanTheWholeSilence) {
    EXPECT_EQ(shop_wrote("mid.1", "deixa comigo", -2h).due_in, 30min);
}

TEST_F(People, AnOperatorPausesAndResumes) {
    hand_over(test::message(customer, "m1", "oi", 0ms));
    EXPECT_EQ(loop.await(store().pause(customer, 600s)).value().what, fate::taken_over);
    EXPECT_TRUE(std::holds_alternative<not_due>(try_claim())) << "what waited is the person's to answer";
    hand_over(test::message(customer, "m2", "alô?", 0ms));
    EXPECT_EQ(loop.await(store().pause(customer, 0ms)).value().what, fate::resumed);
    const auto turn = claim();
    EXPECT_EQ(texts_of(turn.what.messages), texts{"alô?"});
    EXPECT_EQ(texts_of(turn.what.history), texts{"oi"});
}

TEST_F(People, WhoIsAnsweredTooOftenIsLeftToAPerson) {
    settings.most_answers_in_ten_minutes = 2;
    settings.most_rapid_turns = 100;
    for (const auto* id : {"m1", "m2"}) {
        const auto turn = turn_of(id, "oi");
        EXPECT_EQ(plan(turn, {"olá"}).what, verdict::planned);
        finish(turn.epoch);
        command({"DEL", keys.queue(), keys.outbox()});
    }
    const auto flood = turn_of("m3", "oi");
    const auto outcome = plan(flood, {"olá"});
    EXPECT_EQ(outcome.what, verdict::tripped);
    EXPECT_EQ(outcome.limit, "ten minutes");
    const auto again = plan(flood, {"olá"}); // the first answer was lost
    EXPECT_EQ(again.what, verdict::tripped) << "else nobody is told that a person should look";
    EXPECT_EQ(again.limit, "ten minutes");
    EXPECT_GT(again.wait, 60s);
    EXPECT_LE(again.wait, outcome.wait);
    EXPECT_GT(finish(flood.epoch), 60s) << "its message is kept until the pause is over";
}

TEST_F(People, ATurnThatALimitStoppedIsNotThoughtAgainIfItsWorkerDies) {
    settings.most_rapid_turns = 0;
    settings.look_for_uncertain = 0ms;
    const auto flood = turn_of("m1", "oi");
    const auto notice = loop.await(store().defer(customer, flood.epoch, "um momento")).value().sends.at(0);
    begin_send(flood.epoch, notice.id);
    end_send(notice.id, send_status::ambiguous);
    ASSERT_EQ(plan(flood, {"olá"}).what, verdict::tripped);
    let_lease_expire();
    const auto look = claim(); // what has to be looked for does not wait
    EXPECT_EQ(look.uncertain_sends.size(), 1U);
    EXPECT_TRUE(look.what.messages.empty());
    EXPECT_EQ(command({"HEXISTS", keys.state(), "attempt"}).integer, 0) << "nobody died of its messages";
    finish(look.epoch);
    let_lease_expire();
    EXPECT_GT(std::get<not_due>(try_claim()).due_in, 1s);
    end_pause();
    let_lease_expire();
    EXPECT_EQ(texts_of(claim().what.messages), texts{"oi"});
    EXPECT_EQ(plan(flood, {"olá"}).what, verdict::fenced);
}

TEST_F(People, ALimitHoldsForAnyTenMinutes) {
    settings.most_answers_in_ten_minutes = 2;
    settings.most_rapid_turns = 100;
    const auto answered = [&](const char* id) {
        const auto turn = turn_of(id, "oi");
        const auto outcome = plan(turn, {"olá"}).what;
        finish(turn.epoch);
        command({"DEL", keys.queue(), keys.outbox()});
        return outcome;
    };
    const auto first_was = [&](std::chrono::milliseconds ago) {
        const auto newest = std::stoll(command({"LINDEX", keys.answers(), "0"}).text);
        command({"LSET", keys.answers(), "-1", std::to_string(newest - ago.count())});
    };
    answered("m1");
    answered("m2");
    first_was(11min);
    EXPECT_EQ(answered("m3"), verdict::planned);
    first_was(9min);
    EXPECT_EQ(answered("m4"), verdict::tripped);
    EXPECT_EQ(loop.await(store().pause(customer, 0ms)).value().what, fate::resumed);
    EXPECT_EQ(plan(claim(), {"olá"}).what, verdict::planned) << "the operator has looked";
}

TEST_F(People, APauseIsNotForgottenWithTheConversation) {
    settings.history_ttl = 1h;
    loop.await(store().pause(customer, 48h));
    hand_over(test::message(customer, "m1", "oi"));
    EXPECT_GT(command({"PTTL", keys.state()}).integer, milliseconds(47h).count());
}

TEST_F(People, ABotOnTheOtherSideIsNotAnsweredForEver) {
    settings.most_rapid_turns = 3;
    int answered = 0;
    plan_outcome outcome;
    for (int i = 0; i < 10 && outcome.what != verdict::tripped; ++i) {
        const auto turn = turn_of("m" + std::to_string(i), "sou um robô");
        outcome = plan(turn, {"eu também"});
        for (const auto& send : outcome.sends) {
            begin_send(turn.epoch, send.id);
            end_send(send.id, send_status::delivered, "mid." + std::to_string(i));
            ++answered;
        }
        finish(turn.epoch);
    }
    EXPECT_EQ(outcome.what, verdict::tripped);
    EXPECT_EQ(outcome.limit, "ping-pong");
    EXPECT_EQ(answered, 3);
}

} // namespace
} // namespace atende
