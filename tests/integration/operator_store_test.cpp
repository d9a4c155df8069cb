// What an operator sees and may change, on a real Redis.
#include "integration/store_fixture.hpp"

#include <array>
#include <atende/turns/operator_store.hpp>
#include <set>

namespace atende {
namespace {

using namespace std::chrono_literals;
using condition = conversation_summary::condition;
using texts = std::vector<std::string>;

class Operator : public test::store_test {
protected:
    std::optional<operator_store> opened;

    operator_store& view() {
        if (!opened) opened.emplace(*redis, settings);
        return *opened;
    }
    conversation_summary summary() {
        auto shown = loop.await(view().show(customer)).value();
        if (!shown) throw std::runtime_error("nothing is known of the customer");
        return shown->now;
    }
    conversation_view shown() { return loop.await(view().show(customer)).value().value(); }
    std::int64_t unaccounted() {
        const auto known = command({"HMGET", keys.state(), "received", "consumed"});
        const auto count = [&known](std::size_t i) { return std::atoll(known.items.at(i).text.c_str()); };
        return count(0) - count(1) - command({"LLEN", keys.inbox()}).integer;
    }
    // A turn whose every worker dies.
    void set_aside_all() {
        const int usual = std::exchange(settings.most_attempts, 1);
        made.reset();
        claim();
        let_lease_expire();
        EXPECT_TRUE(std::holds_alternative<set_aside>(try_claim()));
        settings.most_attempts = usual;
        made.reset();
    }
};

TEST_F(Operator, SeesWhoAnswersAConversation) {
    EXPECT_FALSE(loop.await(view().show(customer)).value()) << "nobody wrote yet";
    hand_over(test::message(customer, "m1", "oi", 60s));
    EXPECT_EQ(summary().is, condition::waiting);
    EXPECT_EQ(summary().unanswered, 1);
    EXPECT_GT(summary().due_in.value(), 5s);
    EXPECT_EQ(loop.await(view().flush(customer)).value().what, flush_outcome::verdict::due);
    const auto turn = claim();
    EXPECT_EQ(summary().is, condition::thinking);
    EXPECT_EQ(summary().epoch, turn.epoch);
    ASSERT_TRUE(loop.await(store().pause(customer, 60s)));
    EXPECT_EQ(summary().is, condition::paused);
    EXPECT_EQ(summary().paused_by, "person");
    EXPECT_GT(summary().paused_until_ms, 0);
    ASSERT_TRUE(loop.await(store().pause(customer, 0ms)));
    EXPECT_EQ(summary().is, condition::bot);
    EXPECT_EQ(summary().due_in, std::nullopt);
}

TEST_F(Operator, ShowsAConversationWhole) {
    hand_over(test::message(customer, "m1", "oi"));
    answer("olá");
    hand_over(test::message(customer, "m2", "tem a 150?"));
    const auto turn = claim();
    ASSERT_TRUE(loop.await(store().journal(customer, turn, "a step", false)));
    plan(turn, {"um", "dois"});
    hand_over(test::message(customer, "m3", "alô?"));
    const auto seen = shown();
    EXPECT_EQ(texts_of(seen.history), (texts{"oi", "olá", "tem a 150?", "um", "dois"}));
    EXPECT_EQ(seen.history.at(1).who, speaker::bot);
    EXPECT_EQ(texts_of(seen.inbox), texts{"alô?"});
    ASSERT_EQ(seen.sends.size(), 2U);
    EXPECT_EQ(seen.sends.at(1).text, "dois");
    EXPECT_EQ(seen.sends.at(1).state, "planned");
    EXPECT_EQ(seen.received, 3);
    EXPECT_EQ(seen.consumed, 2);
    EXPECT_EQ(seen.turns, 2);
}

TEST_F(Operator, ListsEveryConversationInPages) {
    for (int i = 0; i < 30; ++i) {
        const auto one = test::conversation_of("c" + std::to_string(i));
        hand_over(test::message(one, "m" + std::to_string(i), "oi"));
    }
    for (int i = 0; i < 5'000; i += 100) { // what SCAN has to walk over
        std::vector<gathered_event> others;
        for (int j = i; j < i + 100; ++j)
            others.push_back(test::message(customer, "x" + std::to_string(j), "oi"));
        hand_over(others);
    }
    std::vector<std::string> found;
    std::string after;
    int pages = 0;
    do {
        const auto page = loop.await(view().conversations(5, after)).value();
        for (const auto& one : page.items) found.push_back(one.id.contact.value);
        after = page.next;
        ++pages;
    } while (!after.empty());
    std::ranges::sort(found);
    EXPECT_EQ(std::ranges::unique(found).begin() - found.begin(), 31);
    EXPECT_GT(pages, 1);
    EXPECT_EQ(loop.await(view().active(1'000)).value().size(), 31U);
    EXPECT_EQ(loop.await(view().active(7)).value().size(), 7U);
}

TEST_F(Operator, APageHasAboutAsManyAsWereAskedFor) {
    std::vector<gathered_event> greetings;
    for (int i = 0; i < 200; ++i) {
        const auto one = test::conversation_of("c" + std::to_string(i));
        greetings.push_back(test::message(one, "m" + std::to_string(i), "oi"));
    }
    hand_over(greetings);
    std::set<std::string> found;
    std::string after;
    do {
        const auto page = loop.await(view().conversations(5, after)).value();
        EXPECT_LT(page.items.size(), 25U); // Redis gives no half buckets
        for (const auto& one : page.items) found.insert(one.id.contact.value);
        after = page.next;
    } while (!after.empty());
    EXPECT_EQ(found.size(), 200U);
}

TEST_F(Operator, FindsByContactOrByTheWholeName) {
    auto elsewhere = customer;
    elsewhere.account = account_id("sim_shop");
    hand_over(test::message(customer, "m1", "oi"));
    const auto find = [this](const std::string& name) { return loop.await(view().find(name)); };
    EXPECT_EQ(find("1001").value(), std::vector{customer});
    EXPECT_TRUE(find("100").value().empty());
    hand_over(test::message(elsewhere, "m2", "oi"));
    EXPECT_EQ(find("1001").value().size(), 2U);
    EXPECT_EQ(find(elsewhere.text()).value(), std::vector{elsewhere});
    for (const auto* wrong : {"", "*", "10?1", "ig:1001", "ig:1:*", "ig::1001", "a b", "1\n2"})
        EXPECT_FALSE(find(wrong)) << wrong;
}

TEST_F(Operator, FindsASimulatedCustomerAsDmWasGivenIt) {
    const auto simulated = test::conversation_of("sim_ana");
    hand_over(test::message(simulated, "m1", "oi"));
    hand_over(test::message(test::conversation_of("mariana"), "m2", "oi"));
    EXPECT_EQ(loop.await(view().find("ana")).value(), std::vector{simulated});
    EXPECT_EQ(loop.await(view().find("sim_ana")).value(), std::vector{simulated});
    const auto real = test::conversation_of("ana");
    hand_over(test::message(real, "m3", "oi"));
    EXPECT_EQ(loop.await(view().find("ana")).value(), std::vector{real});
}

TEST_F(Operator, FlushEndsTheQuietWindowButNotAPause) {
    using verdict = flush_outcome::verdict;
    const auto flush = [this] { return loop.await(view().flush(customer)).value(); };
    EXPECT_EQ(flush().what, verdict::nothing);
    hand_over(test::message(customer, "m1", "oi", 60s));
    EXPECT_EQ(flush().due_in, 0ms);
    claim();
    EXPECT_EQ(flush().what, verdict::running);
    ASSERT_TRUE(loop.await(store().pause(customer, 60s)));
    hand_over(test::message(customer, "m2", "alô?"));
    EXPECT_EQ(flush().what, verdict::due);
    EXPECT_GT(flush().due_in, 50s);
}

TEST_F(Operator, FlushSkipsTheWaitAfterAFailure) {
    hand_over(test::message(customer, "m1", "oi"));
    EXPECT_GT(finish(claim().epoch, 60s), 50s);
    EXPECT_EQ(loop.await(view().flush(customer)).value().due_in, 0ms);
    EXPECT_EQ(texts_of(claim().what.messages), texts{"oi"});
}

TEST_F(Operator, FlushHonoursADelayThePlatformAskedFor) {
    hand_over(test::message(customer, "m1", "oi"));
    const auto turn = claim();
    const auto send = plan(turn, {"olá"}).sends.at(0);
    ASSERT_EQ(begin_send(turn.epoch, send.id), begin_outcome::verdict::go);
    ASSERT_TRUE(loop.await(store().end_last_send(
        customer, send.id, {.status = send_status::retry, .retry_in = 60s}, turn.epoch, 60s)));
    EXPECT_GT(loop.await(view().flush(customer)).value().due_in, 50s);
}

TEST_F(Operator, ADeadLetterIsShownAndGoesBack) {
    hand_over(test::message(customer, "m1", "mata o processo"));
    set_aside_all();
    const auto letters = loop.await(view().dead(10)).value();
    ASSERT_EQ(letters.size(), 1U);
    EXPECT_EQ(letters[0].conversation, customer);
    EXPECT_EQ(letters[0].id, message_id("m1"));
    EXPECT_EQ(letters[0].message.text, "mata o processo");
    EXPECT_EQ(letters[0].attempts, 1);
    EXPECT_FALSE(letters[0].reason.empty());
    EXPECT_EQ(loop.await(view().counts()).value().dead, 1);
    EXPECT_EQ(unaccounted(), 0);

    hand_over(test::message(customer, "m2", "e agora?", 60s, 2'000));
    EXPECT_EQ(loop.await(view().retry_dead(customer, message_id("m1"))).value(), 0ms);
    EXPECT_EQ(unaccounted(), 0);
    EXPECT_EQ(loop.await(view().retry_dead(customer, message_id("m1"))).value(), std::nullopt) << "once";
    EXPECT_EQ(texts_of(shown().inbox), (texts{"mata o processo", "e agora?"}));
    answer("pronto");
    EXPECT_EQ(unaccounted(), 0);
    EXPECT_EQ(summary().is, condition::bot);
}

TEST_F(Operator, ADeadLetterThatComesBackWhileTheTurnRunsCostsNoMessage) {
    hand_over(test::message(customer, "m1", "a"));
    set_aside_all();
    hand_over(test::message(customer, "m2", "b", 0ms, 2'000));
    const auto turn = claim();
    ASSERT_TRUE(loop.await(view().retry_dead(customer, message_id("m1"))).value());
    EXPECT_EQ(plan(turn, {"só b"}, true).what, plan_outcome::verdict::planned);
    EXPECT_EQ(texts_of(shown().inbox), texts{"a"}) << "the answered one went, not the one that came back";
    EXPECT_EQ(unaccounted(), 0);
}

TEST_F(Operator, ADeadLetterThatIsUnsentOrEditedIsNotAnsweredAsItWas) {
    hand_over({test::message(customer, "m1", "senha 1234"), test::message(customer, "m2", "a 125?")});
    set_aside_all();
    hand_over({test::unsend(customer, "m1"), test::edit(customer, "m2", "a 150?")});
    for (const auto& letter : command({"HVALS", keys.dead()}).items)
        EXPECT_FALSE(letter.text.contains("1234")) << "its words are gone for good";
    for (const auto* id : {"m1", "m2"}) {
        const auto letter = loop.await(view().dead_of(customer, message_id(id))).value().at(0);
        EXPECT_EQ(letter.attempts, 1) << "all else is known";
        EXPECT_GT(letter.set_aside_ms, 0);
        ASSERT_TRUE(loop.await(view().retry_dead(customer, message_id(id))).value());
    }
    EXPECT_EQ(texts_of(claim().what.messages), texts{"a 150?"});
    EXPECT_EQ(unaccounted(), 0);
}

TEST_F(Operator, DeadLettersOfOneContactAndDropping) {
    hand_over({test::message(customer, "m1", "a"), test::message(customer, "m2", "b")});
    const auto other = test::conversation_of("10012"); // begins alike
    hand_over(test::message(other, "m3", "c"));
    set_aside_all();
    EXPECT_EQ(loop.await(view().dead_of(customer, message_id())).value().size(), 2U);
    EXPECT_EQ(loop.await(view().dead_of(customer, message_id("m2"))).value().at(0).message.text, "b");
    EXPECT_TRUE(loop.await(view().dead_of(other, message_id())).value().empty());
    EXPECT_TRUE(loop.await(view().drop_dead(customer, message_id("m1"))).value());
    EXPECT_FALSE(loop.await(view().drop_dead(customer, message_id("m1"))).value());
    EXPECT_EQ(loop.await(view().dead_of(customer, message_id())).value().size(), 1U);
    EXPECT_EQ(unaccounted(), 0);
}

TEST_F(Operator, AnAmbiguousSendIsShownAndClosed) {
    hand_over(test::message(customer, "m1", "oi"));
    const auto turn = claim();
    const auto send = plan(turn, {"será que foi?"}).sends.at(0);
    ASSERT_EQ(begin_send(turn.epoch, send.id), begin_outcome::verdict::go);
    end_send(send.id, send_status::ambiguous);
    const auto sends = loop.await(view().ambiguous(10)).value();
    ASSERT_EQ(sends.size(), 1U);
    EXPECT_EQ(sends[0].conversation, customer);
    EXPECT_EQ(sends[0].send.id, send.id);
    EXPECT_EQ(sends[0].send.text, "será que foi?");
    EXPECT_GT(sends[0].named_ms, 0);
    EXPECT_GT(sends[0].send.begun_ms, 0);
    EXPECT_FALSE(sends[0].missing);
    EXPECT_EQ(loop.await(view().counts()).value().ambiguous, 1);
    loop.await(store().resolve_send(customer, send.id, {.conclusive = true})).value();
    EXPECT_TRUE(loop.await(view().ambiguous(10)).value().at(0).missing);
    EXPECT_EQ(loop.await(view().counts()).value().ambiguous, 0);
    EXPECT_EQ(loop.await(view().counts()).value().missing, 1);
    EXPECT_TRUE(loop.await(view().drop_ambiguous(customer, send.id)).value());
    EXPECT_FALSE(loop.await(view().drop_ambiguous(customer, send.id)).value());
    EXPECT_TRUE(loop.await(view().ambiguous(10)).value().empty());
    EXPECT_EQ(command({"EXISTS", keys.outbox()}).integer, 0);
}

TEST_F(Operator, ClosingASendNeverTouchesOneThatIsNotAmbiguous) {
    hand_over(test::message(customer, "m1", "oi"));
    const auto turn = claim();
    const auto send = plan(turn, {"olá"}).sends.at(0);
    EXPECT_FALSE(loop.await(view().drop_ambiguous(customer, send.id)).value());
    EXPECT_EQ(begin_send(turn.epoch, send.id), begin_outcome::verdict::go);
}

TEST_F(Operator, ClosingTheNameOfAnOldSendLeavesANewOneOfItsNumberAlone) {
    hand_over(test::message(customer, "m1", "oi"));
    const auto turn = claim();
    const auto send = plan(turn, {"olá"}).sends.at(0);
    command({"ZADD", keys.missing(), "1", keys.member() + "#" + std::to_string(send.id)});
    EXPECT_TRUE(loop.await(view().drop_ambiguous(customer, send.id)).value());
    EXPECT_TRUE(loop.await(view().ambiguous(10)).value().empty());
    EXPECT_EQ(begin_send(turn.epoch, send.id), begin_outcome::verdict::go);
}

TEST_F(Operator, ANewConversationNumbersItsSendsAsNoEarlierOneDid) {
    const auto number_of_answer_to = [this](const char* asked) {
        hand_over(test::message(customer, asked, "oi"));
        const auto turn = claim();
        const auto id = plan(turn, {"olá"}).sends.at(0).id;
        finish(turn.epoch);
        command({"DEL", keys.queue(), keys.outbox()});
        return id;
    };
    const auto began = std::stoll(command({"TIME"}).items.at(0).text);
    const auto first = number_of_answer_to("m1");
    EXPECT_GT(first, began);
    EXPECT_EQ(number_of_answer_to("m2"), first + 1);
    command({"HSET", keys.state(), "sends", std::to_string(began - 60)}); // as one that began a minute ago
    const auto last = number_of_answer_to("m3");
    command({"DEL", keys.state()});
    EXPECT_GT(number_of_answer_to("m4"), last);
    command({"HSET", keys.state(), "sends", "7"}); // as older versions counted
    EXPECT_EQ(number_of_answer_to("m5"), 8);
}

TEST_F(Operator, WhatIsListedIsLetGoInTime) {
    hand_over(test::message(customer, "m1", "mata o processo"));
    set_aside_all();
    hand_over(test::message(customer, "m2", "oi"));
    const auto turn = claim();
    const auto sends = plan(turn, {"recusado", "não se sabe"}).sends;
    for (const auto how : {send_status::rejected, send_status::ambiguous}) {
        const auto& send = sends.at(how == send_status::rejected ? 0 : 1);
        ASSERT_EQ(begin_send(turn.epoch, send.id), begin_outcome::verdict::go);
        end_send(send.id, how);
    }
    finish(turn.epoch);
    const auto listed_after_sweep = [this] {
        EXPECT_TRUE(loop.await(store().overdue(10)));
        const auto counts = loop.await(view().counts()).value();
        return std::array{counts.dead, counts.missing, counts.ambiguous};
    };
    EXPECT_EQ(listed_after_sweep(), (std::array<std::int64_t, 3>{1, 1, 1}));
    settings.listed_for = 1ms;
    made.reset();
    loop.await(sleep_for(2ms));
    EXPECT_EQ(listed_after_sweep(), (std::array<std::int64_t, 3>{0, 0, 0}));
    hand_over(test::message(customer, "m3", "e aí?"));
    let_lease_expire();
    plan(claim(), {});
    EXPECT_EQ(command({"EXISTS", keys.outbox()}).integer, 0) << "and their texts with the next turn";
}

TEST_F(Operator, CountsWhatIsDueAndOverdue) {
    hand_over(test::message(customer, "m1", "oi", 60s));
    hand_over(test::message(test::conversation_of("1002"), "m2", "oi", 60s));
    EXPECT_EQ(loop.await(view().counts()).value().due, 2);
    EXPECT_EQ(loop.await(view().counts()).value().overdue, 0);
    let_lease_expire();
    EXPECT_EQ(loop.await(view().counts()).value().overdue, 1);
    EXPECT_GT(loop.await(view().counts()).value().oldest_overdue_ms, 1'000);
}

} // namespace
} // namespace atende
