// Who may run beside whom.
#include "support/event_loop.hpp"
#include "turns/turn_gate.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>

namespace atende {
namespace {

using enum turn_risk;

class TurnGate : public testing::Test {
protected:
    test::event_loop loop;
    turn_gate gate{loop.executor()};
    std::map<std::string, std::optional<turn_gate::admission>> inside;
    std::map<std::string, asio::cancellation_signal> signals;
    int given_up = 0;

    void come(const std::string& who, turn_risk risk) {
        auto enters = [](TurnGate& test, std::string name, turn_risk how) -> awaitable<void> {
            test.inside[name].emplace(co_await test.gate.enter(how));
        };
        auto ended = [this](const std::exception_ptr& failure) {
            if (failure) ++given_up;
        };
        asio::co_spawn(loop.executor(), enters(*this, who, risk),
                       asio::bind_cancellation_slot(signals[who].slot(), ended));
        look();
    }
    void go(const std::string& who) {
        inside.erase(who);
        look();
    }
    void give_up(const std::string& who) {
        signals[who].emit(asio::cancellation_type::terminal);
        look();
    }
    // Whatever can happen by now has happened.
    void look() {
        for (int i = 0; i < 20; ++i) loop.await(asio::post(loop.executor(), use_awaitable));
    }
    std::string running() {
        std::string names;
        for (const auto& [name, admission] : inside) {
            if (admission) names += name;
        }
        return names;
    }
};

TEST_F(TurnGate, UsualTurnsWaitForALoneOneOnly) {
    come("a", usual);
    come("s", suspect);
    come("t", suspect);
    come("b", usual);
    EXPECT_EQ(running(), "abs");
    go("s");
    go("t");
    come("X", alone);
    EXPECT_EQ(running(), "Xab") << "it does not wait for those who killed nobody";
    come("Y", alone);
    come("c", usual);
    come("d", usual);
    EXPECT_EQ(running(), "Xab");
    go("X");
    EXPECT_EQ(running(), "Yabcd") << "those who waited begin before Y";
    come("e", usual);
    EXPECT_EQ(running(), "Yabcd");
    go("Y");
    EXPECT_EQ(running(), "abcde");
}

TEST_F(TurnGate, SuspectsThatSurviveLetTwiceAsManyIn) {
    for (const char* who : {"a", "b", "c", "d", "e", "f", "g"}) come(who, suspect);
    EXPECT_EQ(running(), "a");
    go("a");
    EXPECT_EQ(running(), "bc");
    go("b");
    EXPECT_EQ(running(), "cdef");
    go("c");
    EXPECT_EQ(running(), "defg");
}

TEST_F(TurnGate, OnItsLastAttemptsASuspectRunsWithoutOthers) {
    come("a", suspect);
    come("X", alone);
    come("b", suspect);
    EXPECT_EQ(running(), "a");
    go("a");
    EXPECT_EQ(running(), "X");
    go("X");
    EXPECT_EQ(running(), "b");
}

TEST_F(TurnGate, OtherSuspectsComeBetweenTwoLoneOnes) {
    come("X", alone);
    come("Y", alone);
    come("a", suspect);
    come("b", suspect);
    EXPECT_EQ(running(), "X");
    go("X");
    EXPECT_EQ(running(), "ab");
    come("c", suspect);
    EXPECT_EQ(running(), "ab") << "Y comes first";
    go("a");
    go("b");
    EXPECT_EQ(running(), "Y");
    go("Y");
    EXPECT_EQ(running(), "c");
}

TEST_F(TurnGate, WhoeverGivesUpHoldsNobodyUp) {
    come("a", suspect);
    come("X", alone);
    come("b", suspect);
    give_up("X");
    go("a");
    EXPECT_EQ(running(), "b");
    EXPECT_EQ(given_up, 1);
    come("Y", alone);
    come("c", suspect);
    go("b");
    EXPECT_EQ(running(), "Y");
    come("Z", alone);
    give_up("c");
    go("Y");
    EXPECT_EQ(running(), "Z") << "nobody is left to come between";
}

} // namespace
} // namespace atende
