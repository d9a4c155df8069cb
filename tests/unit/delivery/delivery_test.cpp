#include "support/event_loop.hpp"

#include <gtest/gtest.h>

#include <atende/delivery/delivery.hpp>

namespace atende {
namespace {

struct channel_log {
    std::vector<std::string> sent;
    std::vector<std::string> shown;
};

class recording_channel final : public channel {
public:
    recording_channel(channel_log& log, std::size_t limit) : log_(log), limit_(limit) {}
    [[nodiscard]] std::size_t max_text_bytes() const override { return limit_; }
    awaitable<send_outcome> send(const conversation_id& to, const send_intent& intent) override {
        log_.sent.push_back(to.contact.value + ": " + intent.text);
        co_return send_outcome{.status = send_status::delivered, .id = message_id("mid")};
    }
    awaitable<result<std::vector<message_id>>> find_sent(const conversation_id&, const send_intent& sent,
                                                         std::chrono::steady_clock::time_point) override {
        co_return std::vector{message_id("found " + sent.text)};
    }
    awaitable<void> mark_seen(const conversation_id& to) override {
        log_.shown.push_back("seen " + to.contact.value);
        co_return;
    }
    awaitable<void> show_typing(const conversation_id& to) override {
        log_.shown.push_back("typing " + to.contact.value);
        co_return;
    }

private:
    channel_log& log_;
    std::size_t limit_;
};

conversation_id between(const char* account, const char* contact) {
    return {.account = account_id(account), .contact = contact_id(contact)};
}

awaitable<bool> attention(delivery& through, conversation_id to) {
    co_await through.show_attention(std::move(to));
    co_return true;
}

class Delivery : public testing::Test {
protected:
    channel_log real_log;
    channel_log sandbox_log;
    delivery through{std::make_unique<recording_channel>(real_log, 1'000)};
    const conversation_id customer = between("178", "123");
    const conversation_id simulated = between("sim_shop", "sim_1");

    Delivery() { through.open_sandbox(std::make_unique<recording_channel>(sandbox_log, 10)); }
    send_outcome send(const conversation_id& to) {
        return test::run(through.send(to, {.id = 1, .text = "oi"}));
    }
};

TEST_F(Delivery, KeepsSimulatedCustomersAndRealOnesApart) {
    EXPECT_EQ(send(customer).status, send_status::delivered);
    EXPECT_EQ(send(simulated).status, send_status::delivered);
    EXPECT_EQ(real_log.sent, std::vector<std::string>{"123: oi"});
    EXPECT_EQ(sandbox_log.sent, std::vector<std::string>{"sim_1: oi"});
    test::run(attention(through, simulated));
    EXPECT_EQ(sandbox_log.shown, (std::vector<std::string>{"seen sim_1", "typing sim_1"}));
    EXPECT_TRUE(real_log.shown.empty());
}

TEST_F(Delivery, SendsAMixOfBothNowhere) {
    for (const auto& odd : {between("178", "sim_1"), between("sim_shop", "123")}) {
        EXPECT_EQ(send(odd).status, send_status::rejected);
        EXPECT_EQ(send(odd).reason, "simulated and real contacts never mix");
        test::run(attention(through, odd));
    }
    EXPECT_TRUE(real_log.sent.empty() && sandbox_log.sent.empty());
    EXPECT_TRUE(real_log.shown.empty() && sandbox_log.shown.empty());
}

TEST_F(Delivery, SplitsAsTheChannelOfTheConversationWants) {
    EXPECT_EQ(through.messages(simulated, "um dois tres").size(), 2U);
    EXPECT_EQ(through.messages(customer, "um dois tres").size(), 1U);
}

TEST(DeliveryWithoutToken, KeepsTheAnswerForLater) {
    delivery through(nullptr);
    const auto outcome = test::run(through.send(between("178", "123"), {.id = 1, .text = "oi"}));
    EXPECT_EQ(outcome.status, send_status::retry);
    EXPECT_TRUE(outcome.account_blocked);
    EXPECT_GT(outcome.retry_in.count(), 0);
    EXPECT_EQ(through.messages(between("178", "123"), std::string(1'500, 'x')).size(), 2U);
}

TEST(DeliveryWithoutToken, HasNoSandboxUntilItIsOpened) {
    delivery through(nullptr);
    EXPECT_EQ(test::run(through.send(between("sim_shop", "sim_1"), {.id = 1, .text = "oi"})).status,
              send_status::rejected);
}

} // namespace
} // namespace atende
