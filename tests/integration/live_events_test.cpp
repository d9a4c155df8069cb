// Live events on a real Redis: two processes, readers who leave and come back, web chats that get a message
// once.
#include "integration/store_fixture.hpp"

#include <nlohmann/json.hpp>

#include <atende/turns/live_events.hpp>

namespace atende {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

class LiveEvents : public test::store_test {
protected:
    live_events_settings options{.poll = 5ms, .gathering = 0ms};
    std::unique_ptr<live_events> here = std::make_unique<live_events>(loop.executor(), *redis, options);
    std::unique_ptr<live_events> elsewhere = std::make_unique<live_events>(loop.executor(), *redis, options);
    const conversation_id visitor{platform_kind::web, account_id("loja.example"), contact_id("s1")};

    void TearDown() override {
        loop.await(here->stop());
        loop.await(elsewhere->stop());
    }

    // With other options.
    void begin_anew() {
        loop.await(here->stop());
        here = std::make_unique<live_events>(loop.executor(), *redis, options);
    }
    auto try_follow(std::string after = "", const conversation_id* whose = nullptr,
                    live_reader reader = live_reader::shop) {
        return loop.await(here->follow(whose != nullptr ? *whose : customer, std::move(after), reader));
    }
    std::shared_ptr<live_follower> follow(std::string after = "") {
        return try_follow(std::move(after)).value();
    }
    std::vector<live_event> next(live_follower& follower) {
        return loop.await(follower.next(10s)).value_or(std::vector<live_event>{});
    }
    std::vector<live_event> next(live_follower& follower, std::size_t count) {
        std::vector<live_event> all;
        while (all.size() < count) {
            auto some = next(follower);
            if (some.empty()) break;
            all.insert(all.end(), some.begin(), some.end());
        }
        return all;
    }
    std::shared_ptr<live_follower> visit(std::string after = "") {
        return try_follow(std::move(after), &visitor, live_reader::customer).value();
    }
    // Without a place it ends with what is kept.
    bool has_place(live_follower& follower) { return loop.await(follower.next(0ms)).has_value(); }
    bool nothing_happens(live_follower& follower) { return loop.await(follower.next(0ms)).value().empty(); }
    static std::vector<std::string> types(const std::vector<live_event>& events) {
        std::vector<std::string> all;
        for (const auto& event : events) all.push_back(event.type);
        return all;
    }
    static std::string text(const live_event& event) { return json::parse(event.data)["content"]; }
    progress seen(stage what, std::string detail = "") {
        return {.conversation = customer, .what = what, .at_ms = 1, .detail = std::move(detail)};
    }
    bool is_kept() { return command({"EXISTS", keys.live()}).integer == 1; }
};

TEST_F(LiveEvents, NothingIsWrittenWhileNobodyFollows) {
    here->note(seen(stage::thinking));
    loop.await(here->stop());
    EXPECT_FALSE(is_kept());
}

TEST_F(LiveEvents, AreToldInOrderAndNumbered) {
    const auto follower = follow();
    for (const auto what : {stage::thinking, stage::agent_switch, stage::tool_call, stage::complete})
        here->note(seen(what, "{}"));
    const auto events = next(*follower, 4);
    EXPECT_EQ(types(events), (std::vector<std::string>{"status", "agent_switch", "tool_call", "complete"}));
    for (std::size_t i = 1; i < events.size(); ++i) EXPECT_NE(events[i].id, events[i - 1].id);
    EXPECT_GT(command({"PTTL", keys.live()}).integer, 0);
}

TEST_F(LiveEvents, ATurnElsewhereIsToldBecauseItsClaimSaysThatSomebodyFollows) {
    hand_over(test::message(customer, "m1", "oi"));
    const auto follower = follow();
    const auto turn = claim();
    EXPECT_TRUE(turn.what.watched);
    elsewhere->note({.conversation = customer,
                     .what = stage::begun,
                     .answers = {message_id("m1")},
                     .watched = turn.what.watched});
    elsewhere->note(seen(stage::complete));
    EXPECT_EQ(types(next(*follower, 2)), (std::vector<std::string>{"status", "complete"}));
}

TEST_F(LiveEvents, AClaimThatNobodyFollowsSaysSo) {
    hand_over(test::message(customer, "m1", "oi"));
    EXPECT_FALSE(claim().what.watched);
}

TEST_F(LiveEvents, AReaderWhoComesBackMissesNothing) {
    auto follower = follow();
    here->note(seen(stage::thinking));
    const auto first = next(*follower);
    follower.reset();
    here->note(seen(stage::tool_call, "{}"));
    here->note(seen(stage::complete));
    const auto again = follow(first.back().id);
    EXPECT_TRUE(again->resumed());
    EXPECT_EQ(types(next(*again, 2)), (std::vector<std::string>{"tool_call", "complete"}));
    EXPECT_TRUE(nothing_happens(*again));
    const auto all = follow("0");
    EXPECT_FALSE(all->resumed());
    EXPECT_EQ(next(*all, 3).size(), 3U);
}

TEST_F(LiveEvents, WhoComesBackTooLateIsToldThatSomethingIsMissing) {
    follow();
    here->note(seen(stage::complete));
    ASSERT_TRUE(loop.until([this] { return is_kept(); }));
    const auto late = follow("1-0");
    EXPECT_EQ(json::parse(next(*late).front().data)["stage"], "missed");
    EXPECT_EQ(types(next(*late)), std::vector<std::string>{"complete"});
}

TEST_F(LiveEvents, PiecesThatComeFastAreOneEvent) {
    const auto follower = follow();
    here->note(seen(stage::rewritten, "Te"));
    here->note(seen(stage::content, "mos"));
    here->note(seen(stage::content, " sim"));
    const auto events = next(*follower);
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(text(events[0]), "Temos sim");
}

TEST_F(LiveEvents, AWebChatGetsAMessageOnceHoweverOftenItIsSent) {
    const auto follower = try_follow("", &visitor).value();
    here->note({.conversation = visitor, .what = stage::rewritten, .detail = "Te"});
    for (int i = 0; i < 3; ++i) {
        auto& process = i < 2 ? *here : *elsewhere;
        const auto id = loop.await(process.deliver(visitor, {.id = 4, .text = "Temos!"}));
        ASSERT_TRUE(id) << id.error().detail;
        EXPECT_EQ(id->value, "web:loja.example:s1#4");
    }
    here->note({.conversation = visitor, .what = stage::sent, .detail = "Temos!", .number = 4});
    here->note({.conversation = visitor, .what = stage::complete});
    const auto events = next(*follower, 3);
    EXPECT_EQ(types(events), (std::vector<std::string>{"content", "content", "complete"}));
    EXPECT_EQ(text(events[0]), "Te") << "what was written of it comes before it";
    EXPECT_EQ(json::parse(events[1].data)["message"], 4);
    EXPECT_TRUE(nothing_happens(*follower));
}

TEST_F(LiveEvents, AWebMessageIsKeptThoughNobodyFollows) {
    ASSERT_TRUE(loop.await(here->deliver(visitor, {.id = 1, .text = "Olá"})));
    const auto follower = try_follow("0", &visitor).value();
    EXPECT_EQ(text(next(*follower).front()), "Olá");
}

// What would be a send of unknown outcome anywhere else.
TEST_F(LiveEvents, AWebSendThatACrashInterruptedIsSentAgain) {
    const conversation_keys site(visitor);
    const auto claim_visitor = [&] {
        loop.await(sleep_for(1ms));
        return std::get<claimed_turn>(loop.await(store().claim(visitor)).value());
    };
    hand_over(test::message(visitor, "w1", "oi"));
    const auto first = claim_visitor();
    const auto planned =
        loop.await(store().plan(visitor, first, {.texts = {"Olá"}, .begin_first = true})).value();
    ASSERT_EQ(planned.sends.size(), 1U);
    ASSERT_TRUE(loop.await(here->deliver(visitor, planned.sends[0])));
    command({"ZADD", site.due(), "0", site.member()}); // and the process dies
    const auto second = claim_visitor();
    EXPECT_EQ(second.interrupted_sends, 0);
    ASSERT_EQ(second.pending_sends.size(), 1U);
    ASSERT_TRUE(loop.await(elsewhere->deliver(visitor, second.pending_sends[0])));
    EXPECT_EQ(command({"XLEN", site.live()}).integer, 1);
}

TEST_F(LiveEvents, OnlySoManyOfTheShopMayFollow) {
    options.most_of_shop = 2;
    begin_anew();
    auto one = follow();
    const auto two = follow();
    EXPECT_EQ(try_follow().error().code, errc::rejected);
    one.reset();
    EXPECT_TRUE(try_follow());
}

TEST_F(LiveEvents, ACustomerWithoutAPlaceIsToldWhatIsKept) {
    options.most_of_customer = 1;
    begin_anew();
    auto first = visit();
    ASSERT_TRUE(loop.await(here->deliver(visitor, {.id = 1, .text = "Olá"})));
    const auto second = visit("0");
    EXPECT_EQ(text(next(*second, 1).front()), "Olá");
    EXPECT_FALSE(has_place(*second));
    EXPECT_EQ(next(*first, 1).size(), 1U) << "who has a place keeps it";
    EXPECT_TRUE(has_place(*first));
    first.reset();
    EXPECT_TRUE(has_place(*visit()));
}

// Regression: visitors of the web chat took all places of the process, the operators' too.
TEST_F(LiveEvents, CustomersAndTheShopHavePlacesOfTheirOwn) {
    options.most_followers = 2;
    begin_anew();
    const auto one = visit(), two = visit(), three = visit();
    EXPECT_TRUE(has_place(*one));
    EXPECT_TRUE(has_place(*two));
    EXPECT_FALSE(has_place(*three));
    const auto watching = follow(), too = follow();
    EXPECT_TRUE(has_place(*watching));
    EXPECT_EQ(try_follow().error().code, errc::rejected);
}

TEST_F(LiveEvents, AnIdThatIsNoneIsRefused) {
    for (const char* odd : {"x", "1-", "-1", "1-2-3", "1 ", "99999999999999999999999"})
        EXPECT_EQ(try_follow(odd).error().code, errc::invalid_input) << odd;
}

TEST_F(LiveEvents, AnOldConversationKeepsABoundedNumber) {
    options.events_kept = 100;
    begin_anew();
    const auto follower = follow();
    for (int i = 0; i < 1'000; ++i) here->note(seen(stage::thinking));
    ASSERT_EQ(loop.await(here->deliver(visitor, {.id = 1, .text = "x"})).has_value(),
              true); // all are written
    EXPECT_LT(command({"XLEN", keys.live()}).integer, 250);
}

TEST_F(LiveEvents, EndWithTheProcess) {
    const auto follower = follow();
    bool ended = false;
    asio::co_spawn(loop.executor(), follower->next(10min),
                   [&](const std::exception_ptr&, const auto& events) { ended = !events; });
    command({"PING"}); // answered after the follower's first look: now it waits
    EXPECT_FALSE(ended);
    loop.await(here->stop());
    EXPECT_TRUE(loop.until([&] { return ended; }));
    EXPECT_EQ(try_follow().error().code, errc::rejected);
}

} // namespace
} // namespace atende
