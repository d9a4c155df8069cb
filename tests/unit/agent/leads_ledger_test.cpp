#include "support/event_loop.hpp"

#include <gtest/gtest.h>

#include <atende/agent/leads/nocodb_lead_store.hpp>
#include <atende/platform/redis_client.hpp>

namespace atende {
namespace {

class recording_redis final : public redis_client {
public:
    std::vector<redis_command> commands;
    result<std::vector<redis_reply>> replies = std::vector<redis_reply>(1);

    awaitable<result<std::vector<redis_reply>>> pipeline(const std::vector<redis_command>& sent) override {
        commands.insert(commands.end(), sent.begin(), sent.end());
        co_return replies;
    }
    [[nodiscard]] bool connected() const override { return true; }
};

class redis_ledger : public ::testing::Test {
protected:
    recording_redis redis;
    std::unique_ptr<lead_ledger> ledger = make_redis_lead_ledger(redis);
    conversation_id conversation{.account = account_id("17841"), .contact = contact_id("999")};
};

TEST_F(redis_ledger, remembers_a_row_for_half_a_year) {
    ASSERT_TRUE(test::run(ledger->remember(conversation, "mleads1/7")));
    EXPECT_EQ(redis.commands.at(0),
              (redis_command{"SET", "atende:lead:ig:17841:999", "mleads1/7", "EX", "15552000"}));
}

TEST_F(redis_ledger, knows_a_row_or_none) {
    redis.replies->at(0) = {.what = redis_reply::kind::text, .text = "mleads1/7"};
    EXPECT_EQ(test::run(ledger->row_of(conversation)).value(), "mleads1/7");
    EXPECT_EQ(redis.commands.at(0), (redis_command{"GET", "atende:lead:ig:17841:999"}));
    redis.replies->at(0) = {.what = redis_reply::kind::nil};
    EXPECT_EQ(test::run(ledger->row_of(conversation)).value(), std::nullopt);
}

TEST_F(redis_ledger, says_when_redis_is_away) {
    redis.replies = fail(errc::unavailable, "not connected");
    EXPECT_EQ(test::run(ledger->row_of(conversation)).error().code, errc::unavailable);
    EXPECT_EQ(test::run(ledger->remember(conversation, "1")).error().code, errc::unavailable);
}

} // namespace
} // namespace atende
