// What a turn tells those who watch, from its claim to its end.
#include "integration/engine_fixture.hpp"

namespace atende {
namespace {

using namespace std::chrono_literals;
using test::message;
using test::recording_handler;

class TurnProgress : public test::engine_test {
protected:
    std::vector<progress> seen;
    recording_handler handler;
    std::optional<turn_engine> engine;

    void start() {
        engine.emplace(loop.executor(), store(), handler, engine_settings,
                       [this](const progress& each) { seen.push_back(each); });
        engine->start();
    }
    void TearDown() override {
        if (engine) loop.await(engine->stop(5s));
    }
    void receives(const std::string& id, const std::string& text) {
        hand_over(message(customer, id, text));
        engine->wake_in(customer, 0ms);
    }
    bool tells(stage what) {
        return loop.until(
            [this, what] { return std::ranges::find(seen, what, &progress::what) != seen.end(); });
    }
    [[nodiscard]] std::vector<stage> stages() const {
        std::vector<stage> all;
        for (const auto& each : seen) all.push_back(each.what);
        return all;
    }
};

TEST_F(TurnProgress, BeginsAndIsCompleteWithEveryMessageInBetween) {
    handler.answers = {"um", "dois"};
    start();
    receives("m1", "oi");
    ASSERT_TRUE(tells(stage::complete));
    EXPECT_EQ(stages(), (std::vector{stage::begun, stage::sent, stage::sent, stage::complete}));
    EXPECT_EQ(seen[0].answers, std::vector{message_id("m1")});
    EXPECT_FALSE(seen[0].watched);
    EXPECT_EQ(seen[1].detail, "um");
    EXPECT_EQ(seen[2].number, seen[1].number + 1);
    EXPECT_EQ(seen[3].answers, std::vector{message_id("m1")});
}

TEST_F(TurnProgress, SaysThatSomebodyFollows) {
    command({"SET", keys.watched(), "1"});
    start();
    receives("m1", "oi");
    ASSERT_TRUE(tells(stage::complete));
    EXPECT_TRUE(seen[0].watched);
    EXPECT_TRUE(handler.turns[0].watched);
}

TEST_F(TurnProgress, OneThatIsPutOffSaysSoAfterItsNotice) {
    handler.next_thoughts = {recording_handler::thought::defer};
    start();
    receives("m1", "oi");
    ASSERT_TRUE(tells(stage::complete)) << "it is tried again";
    EXPECT_EQ(stages(), (std::vector{stage::begun, stage::sent, stage::failed, stage::begun, stage::sent,
                                     stage::complete}));
    EXPECT_EQ(seen[2].detail, "again");
}

TEST_F(TurnProgress, OneThatFailsSaysSo) {
    settings.lease = 50ms;
    handler.next_thoughts = {recording_handler::thought::fail};
    start();
    receives("m1", "oi");
    ASSERT_TRUE(tells(stage::complete));
    EXPECT_EQ(stages(),
              (std::vector{stage::begun, stage::failed, stage::begun, stage::sent, stage::complete}));
}

TEST_F(TurnProgress, OnlyWhatIsOutIsSent) {
    handler.next_outcomes = {{.status = send_status::retry, .reason = "slow down"}};
    start();
    receives("m1", "oi");
    ASSERT_TRUE(tells(stage::complete));
    EXPECT_EQ(stages(),
              (std::vector{stage::begun, stage::not_sent, stage::begun, stage::sent, stage::complete}));
    EXPECT_TRUE(seen.back().answers.empty()) << "another worker may have planned it";
}

} // namespace
} // namespace atende
