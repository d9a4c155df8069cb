// The auditor: finds each kind of broken state, and nothing in a healthy store that is busy.
#include "integration/engine_fixture.hpp"

#include <array>
#include <atende/turns/auditor.hpp>
#include <random>

namespace atende {
namespace {

using namespace std::chrono_literals;

class Auditor : public test::engine_test {
protected:
    std::optional<auditor> watching;
    const std::vector<std::string> texts_of_two{"um", "dois"};

    auditor& audits() {
        if (!watching) watching.emplace(*redis, settings);
        return *watching;
    }
    void pass() {
        const auto before = audits().passes();
        while (audits().passes() == before) ASSERT_TRUE(loop.await(audits().step()));
    }
    std::int64_t found(int invariant) {
        return audits().totals().at(static_cast<std::size_t>(invariant) - 1);
    }
    // Seen twice, this invariant and no other.
    void expect_only(int invariant) {
        pass();
        EXPECT_EQ(audits().total(), 0) << "once is not enough";
        pass();
        EXPECT_EQ(found(invariant), 1);
        EXPECT_EQ(audits().total(), 1);
        ASSERT_EQ(audits().open().size(), 1U);
        EXPECT_EQ(audits().open()[0].conversation, customer.text());
        EXPECT_EQ(audits().open()[0].invariant, invariant);
        pass();
        EXPECT_EQ(audits().total(), 1) << "counted once";
    }
    void wait_for_answer() { hand_over(test::message(customer, "m1", "oi", 10s)); }
    void set(const std::string& field, const std::string& value) {
        command({"HSET", keys.state(), field, value});
    }
};

TEST_F(Auditor, I1AMessageThatIsNeitherConsumedNorWaiting) {
    hand_over({test::message(customer, "m1", "oi", 10s), test::message(customer, "m2", "alô", 10s)});
    command({"LPOP", keys.inbox()});
    expect_only(1);
}

TEST_F(Auditor, I2AnEpochThatGoesBack) {
    wait_for_answer();
    set("epoch", "9");
    pass();
    set("epoch", "3");
    expect_only(2);
}

TEST_F(Auditor, I3MessagesThatNobodyWillLookAt) {
    wait_for_answer();
    command({"DEL", keys.due()});
    expect_only(3);
}

TEST_F(Auditor, I3AHeldEchoThatNobodyWillLookAt) {
    settings.echo_hold = 60s;
    hand_over(test::echo_of(customer, "mid.1", "oi"));
    command({"DEL", keys.due()});
    expect_only(3);
}

TEST_F(Auditor, I4ASendThatNobodyEnds) {
    hand_over(test::message(customer, "m1", "oi"));
    answer("olá");
    command({"HSET", keys.outbox(), "state:7", "sending", "begun:7", "1000", "state:8", "sending", "begun:8",
             "2000"});
    expect_only(4);
}

TEST_F(Auditor, I5ATurnThatIsDueTooLate) {
    wait_for_answer();
    command({"ZADD", keys.due(), std::to_string(redis_time_ms() + 600'000), keys.member()});
    expect_only(5);
}

TEST_F(Auditor, I5CountsTheLongestWaitThatTheProfileHadMeanwhile) {
    settings.longest_wait = 10s;
    audits().allow_wait(60s);
    audits().allow_wait(5s); // what waits already was given the time of before
    settings.longest_wait = 60s;
    hand_over(test::message(customer, "m1", "oi", 50s));
    pass();
    pass();
    EXPECT_EQ(audits().total(), 0);
}

TEST_F(Auditor, I6AnIdleConversationThatIsDue) {
    hand_over(test::message(customer, "m1", "oi"));
    answer("olá");
    command({"ZADD", keys.due(), std::to_string(redis_time_ms() + 600'000), keys.member()});
    expect_only(6);
}

TEST_F(Auditor, WhatIsOverIsNoLongerOpen) {
    wait_for_answer();
    command({"DEL", keys.due()});
    pass();
    pass();
    command({"ZADD", keys.due(), std::to_string(redis_time_ms()), keys.member()});
    pass();
    EXPECT_TRUE(audits().open().empty());
    EXPECT_EQ(audits().total(), 1) << "but was counted";
}

TEST_F(Auditor, ADifferentFindingEachTimeIsNone) {
    wait_for_answer();
    for (int i = 0; i < 5; ++i) {
        command({"HINCRBY", keys.state(), "received", "1"});
        pass();
    }
    EXPECT_EQ(audits().total(), 0);
}

TEST_F(Auditor, NeverWrites) {
    wait_for_answer();
    command({"DEL", keys.due()});
    const auto state_of_all = [this] {
        return command({"DUMP", keys.state()}).text + command({"DUMP", keys.inbox()}).text +
               std::to_string(command({"DBSIZE"}).integer);
    };
    const auto before = state_of_all();
    pass();
    pass();
    EXPECT_EQ(state_of_all(), before);
}

TEST_F(Auditor, FindsNothingInEveryHealthyState) {
    settings.longest_wait = 60s;
    const auto expect_healthy = [this](std::string_view when) {
        pass();
        pass();
        EXPECT_EQ(audits().total(), 0)
            << when << ": " << (audits().open().empty() ? "" : audits().open()[0].found);
    };
    hand_over(test::message(customer, "m1", "oi", 60s));
    expect_healthy("waiting");
    command({"HSET", keys.state(), "next", "0"});
    let_lease_expire();
    const auto turn = claim();
    expect_healthy("thinking");
    const auto sends = plan(turn, {"um", "dois"}).sends;
    begin_send(turn.epoch, sends[0].id);
    hand_over(test::message(customer, "m2", "mais", 60s));
    expect_healthy("sending");
    end_send(sends[0].id, send_status::ambiguous);
    end_send(sends[1].id, send_status::retry);
    finish(turn.epoch, 60s);
    expect_healthy("waiting to send again");
    ASSERT_TRUE(loop.await(store().pause(customer, 60s)));
    expect_healthy("paused");
    hand_over(test::message(customer, "m3", "e aí?", 60s));
    expect_healthy("paused with a message");
    hand_over(test::unsend(customer, "m3"));
    ASSERT_TRUE(loop.await(store().pause(customer, 0ms)));
    expect_healthy("resumed");
}

TEST_F(Auditor, FindsNothingWhileTheEngineIsBusy) {
    settings.longest_wait = 200ms;
    settings.echo_hold = 15ms;
    settings.human_pause = 30ms;
    auto& first = start_process();
    auto& second = start_process();
    std::minstd_rand random(7);
    const auto any = [&random](unsigned below) { return static_cast<unsigned>(random()) % below; };
    const auto trouble = [&](test::recording_handler& of) {
        using thought = test::recording_handler::thought;
        const std::array<thought, 3> thoughts{thought::answer, thought::fail, thought::defer};
        of.next_thoughts.push_back(thoughts.at(any(3)));
        const std::array<send_status, 3> ends{send_status::retry, send_status::ambiguous,
                                              send_status::rejected};
        of.next_outcomes.push_back({.status = ends.at(any(3))});
        of.answers = any(2) == 0 ? texts_of_two : std::vector<std::string>{};
    };
    int messages = 0;
    while (audits().passes() < 40) {
        const auto number = std::to_string(messages++);
        const auto who = test::conversation_of("busy" + std::to_string(any(17)));
        auto& process = any(2) == 0 ? first : second;
        receive(process, test::message(who, "m" + number, "oi", milliseconds(any(20))));
        if (any(5) == 0) trouble(process.handler);
        if (any(9) == 0) hand_over(test::unsend(who, "m" + number));
        if (any(20) == 0) hand_over(test::echo_of(who, "mid.person." + number, "deixa comigo"));
        if (any(20) == 0) ASSERT_TRUE(loop.await(store().pause(who, milliseconds(any(2) * 20))));
        ASSERT_TRUE(loop.await(audits().step()));
        ASSERT_EQ(audits().total(), 0) << audits().open()[0].conversation << " " << audits().open()[0].found;
    }
    EXPECT_EQ(audits().checked(), 17);
}

TEST_F(Auditor, WithoutRedisItStaysWhereItWas) {
    const auto nowhere = make_redis_client(loop.executor(), {.host = "127.0.0.1", .port = 1}, 1'000ms);
    auditor blind(*nowhere, settings);
    EXPECT_FALSE(loop.await(blind.step()));
    EXPECT_EQ(blind.passes(), 0);
}

} // namespace
} // namespace atende
