#include "turns/wake_queue.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>

namespace atende {
namespace {

using time_point = wake_queue::time_point;

conversation_id customer(int number) {
    return {.account = account_id("1"), .contact = contact_id(std::to_string(number))};
}

time_point at(int ms) {
    return time_point(std::chrono::milliseconds(ms));
}

// The engine sleeps until next() and then takes everything due: returns when each conversation came out.
class sleeper {
public:
    std::optional<std::pair<conversation_id, time_point>> step(wake_queue& queue) {
        while (const auto next = queue.next()) {
            now_ = std::max(now_, *next);
            if (auto due = queue.pop(now_)) return std::pair(*std::move(due), now_);
        }
        return std::nullopt;
    }

private:
    time_point now_{};
};

TEST(WakeQueue, WakesInOrderOfTime) {
    wake_queue queue;
    queue.set(customer(1), at(30));
    queue.set(customer(2), at(10));
    queue.set(customer(3), at(20));
    EXPECT_FALSE(queue.pop(at(9)));
    EXPECT_EQ(queue.pop(at(10)), customer(2));
    EXPECT_FALSE(queue.pop(at(19)));
    EXPECT_EQ(queue.pop(at(100)), customer(3));
    EXPECT_EQ(queue.pop(at(100)), customer(1));
    EXPECT_FALSE(queue.pop(at(1'000)));
    EXPECT_EQ(queue.size(), 0U);
    EXPECT_FALSE(queue.next());
}

TEST(WakeQueue, PuttingOffIsNeverEarly) {
    wake_queue queue;
    for (int ms = 10; ms <= 50; ms += 10) queue.set(customer(1), at(ms));
    sleeper engine;
    EXPECT_EQ(engine.step(queue), std::pair(customer(1), at(50)));
    EXPECT_FALSE(engine.step(queue));
    EXPECT_EQ(queue.size(), 0U);
}

TEST(WakeQueue, SoonerThenABitLaterIsNotAsLateAsTheFirst) {
    wake_queue queue;
    for (const int ms : {100, 50, 70}) queue.set(customer(1), at(ms));
    EXPECT_EQ(sleeper().step(queue), std::pair(customer(1), at(70)));
}

TEST(WakeQueue, CanBeSetAgainWhileOldAlarmsAreLeft) {
    wake_queue queue;
    queue.set(customer(1), at(100));
    queue.set(customer(1), at(10));
    EXPECT_EQ(queue.pop(at(10)), customer(1));
    queue.set(customer(1), at(200));
    sleeper engine;
    EXPECT_EQ(engine.step(queue), std::pair(customer(1), at(200)));
    EXPECT_FALSE(engine.step(queue));
}

// The plainest thing that is right: a map from conversation to time.
class model {
public:
    void set(const conversation_id& conversation, time_point when) { waiting_[conversation] = when; }
    void expect_due(const conversation_id& conversation, time_point now) {
        const auto found = waiting_.find(conversation);
        ASSERT_NE(found, waiting_.end()) << "woken twice for one appointment";
        EXPECT_EQ(found->second, now) << "early or late";
        waiting_.erase(found);
    }
    void expect_nothing_due(time_point now) const {
        for (const auto& [conversation, when] : waiting_) EXPECT_GT(when, now) << "lost";
    }
    [[nodiscard]] bool empty() const { return waiting_.empty(); }

private:
    std::map<conversation_id, time_point> waiting_;
};

TEST(WakeQueue, DoesWhatANaiveOneDoes) {
    for (unsigned seed = 0; seed < 200; ++seed) {
        std::mt19937 random(seed);
        const auto pick = [&random](int least, int most) {
            return std::uniform_int_distribution<int>(least, most)(random);
        };
        wake_queue queue;
        model naive;
        int now = 0;
        // Every millisecond the engine takes what is due, as it would when sleeping until next().
        const auto tick = [&] {
            ++now;
            if (const auto next = queue.next(); next && *next <= at(now)) {
                while (const auto due = queue.pop(at(now))) naive.expect_due(*due, at(now));
            }
            naive.expect_nothing_due(at(now));
        };
        for (int step = 0; step < 500 && !testing::Test::HasFailure(); ++step) {
            const conversation_id who = customer(pick(1, 8));
            const time_point when = at(now + pick(1, 60));
            queue.set(who, when);
            naive.set(who, when);
            for (int ticks = pick(0, 4); ticks > 0; --ticks) tick();
        }
        while (!naive.empty() && now < 5'000 && !testing::Test::HasFailure()) tick();
        while (queue.next() && now < 5'000) tick();
        ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << seed;
        EXPECT_TRUE(naive.empty());
        EXPECT_EQ(queue.size(), 0U) << "nothing is left behind";
    }
}

} // namespace
} // namespace atende
