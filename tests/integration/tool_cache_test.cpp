// Results of tools in a real Redis, with two replicas that know nothing of each other.
#include "support/event_loop.hpp"
#include "support/redis_server.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <atende/agent/tool_cache.hpp>
#include <functional>

namespace atende::test {
namespace {

using namespace std::chrono_literals;
using json = nlohmann::json;
using from = call_report::source;

// A service, asked through a tool.
class service final : public tool {
public:
    explicit service(std::string name) : name_(std::move(name)) {}

    int asked = 0;
    bool held = false; // does not answer while this is set
    bool failing = false;
    std::function<std::string(const json&)> answer; // empty: counts the questions
    std::chrono::milliseconds limit = 10s;
    bool effect = false;

    [[nodiscard]] const std::string& name() const override { return name_; }
    [[nodiscard]] const std::string& description() const override { return name_; }
    [[nodiscard]] const json& parameters() const override { return parameters_; }
    [[nodiscard]] std::chrono::milliseconds time_limit() const override { return limit; }
    [[nodiscard]] bool has_effect() const override { return effect; }

    awaitable<std::string> call(json arguments, tool_context context) override {
        const auto said = answer ? answer(arguments) : "SUCESSO: " + std::to_string(asked + 1);
        ++asked;
        while (held) co_await sleep_for(1ms);
        if (!failing) co_return said;
        context.report->service_failed = true;
        co_return "ERRO: fora do ar";
    }

private:
    std::string name_;
    json parameters_ = {{"type", "object"}};
};

struct outcome {
    std::string text;
    from where = from::service;
};

class ToolCache : public ::testing::Test {
protected:
    struct replica {
        std::unique_ptr<redis_client> redis;
        std::optional<tool_cache> cache;
        replica(event_loop& loop, const redis_server& server, const std::string& space)
            : redis(make_redis_client(loop.executor(), server.address(), 2s)) {
            cache.emplace(loop.executor(), *redis, space);
            if (!loop.until([this] { return redis->connected(); })) throw std::runtime_error("no Redis");
        }
    };

    event_loop loop;
    redis_server server;
    replica one{loop, server, "shop"};
    replica two{loop, server, "shop"};
    std::shared_ptr<service> stock = std::make_shared<service>("consultar_estoque");

    void TearDown() override {
        stock->held = false;
        for (auto* each : {&one, &two}) loop.await(each->cache->stop());
    }

    std::shared_ptr<tool> cached(replica& by, cache_terms terms = {.ttl = 60s}) {
        return by.cache->cached(stock, std::move(terms));
    }
    // Keeps the tool until it has answered, as the toolbox does.
    std::shared_ptr<std::optional<outcome>> begin(const std::shared_ptr<tool>& what, json arguments,
                                                  const std::string& contact = "ana",
                                                  const std::string& account = "shop") {
        auto ended = std::make_shared<std::optional<outcome>>();
        auto report = std::make_shared<call_report>();
        asio::co_spawn(
            loop.executor(),
            what->call(std::move(arguments),
                       {.conversation = {platform_kind::instagram, account_id(account), contact_id(contact)},
                        .operation_id = "1",
                        .report = report}),
            [ended, report, what](const std::exception_ptr&, std::string text) {
                *ended = outcome{std::move(text), report->from};
            });
        return ended;
    }
    outcome ask(const std::shared_ptr<tool>& what, json arguments = json::object(),
                const std::string& contact = "ana", const std::string& account = "shop") {
        const auto ended = begin(what, std::move(arguments), contact, account);
        if (!loop.until([&] { return ended->has_value(); })) throw std::runtime_error("no answer");
        return **ended;
    }
    redis_reply command(redis_command words) {
        return loop.await(one.redis->command(std::move(words))).value();
    }
};

TEST_F(ToolCache, GivesWhatIsKnownToEveryReplica) {
    EXPECT_EQ(ask(cached(one), {{"a", 1}, {"b", 2}}).text, "SUCESSO: 1");
    const auto again = ask(cached(two), json::parse(R"({"b":2,"a":1})"));
    EXPECT_EQ(again.text, "SUCESSO: 1");
    EXPECT_EQ(again.where, from::cache);
    EXPECT_EQ(ask(cached(two), {{"a", 1}, {"b", 3}}).text, "SUCESSO: 2") << "another question";
    EXPECT_EQ(stock->asked, 2);
}

TEST_F(ToolCache, GivesWhatIsPersonalToNobodyElse) {
    const cache_terms personal{.ttl = 60s, .personal = true};
    ask(cached(one, personal), {}, "ana");
    EXPECT_EQ(ask(cached(one, personal), {}, "bia").text, "SUCESSO: 2");
    EXPECT_EQ(ask(cached(one, personal), {}, "ana").text, "SUCESSO: 1");
    ask(cached(one), {}, "ana");
    EXPECT_EQ(ask(cached(one), {}, "bia").where, from::cache) << "what is not personal is for all";
    EXPECT_EQ(ask(cached(one), {}, "bia", "other shop").where, from::service);
    replica another_profile(loop, server, "clinic");
    EXPECT_EQ(ask(cached(another_profile), {}, "ana").where, from::service);
    EXPECT_EQ(ask(cached(one, {.ttl = 60s, .version = "edited"}), {}, "ana").where, from::service);
    loop.await(another_profile.cache->stop());
}

TEST_F(ToolCache, ErasesWhatItKeepsAboutAContact) {
    const cache_terms personal{.ttl = 60s, .stale = 60s, .personal = true};
    ask(cached(one, personal), {{"q", "a"}}, "ana");
    ask(cached(one, personal), {{"q", "b"}}, "ana");
    ask(cached(one, personal), {{"q", "a"}}, "bia");
    EXPECT_TRUE(
        loop.await(two.cache->erase({platform_kind::instagram, account_id("shop"), contact_id("ana")})));
    EXPECT_EQ(command({"KEYS", "*result*"}).items.size(), 1U);
    EXPECT_TRUE(command({"KEYS", "*ana*"}).items.empty());
    EXPECT_EQ(ask(cached(one, personal), {{"q", "a"}}, "ana").where, from::service);
    EXPECT_EQ(ask(cached(one, personal), {{"q", "a"}}, "bia").where, from::cache);
}

TEST_F(ToolCache, WhatIsBeingAskedForAnErasedContactIsNotKept) {
    const cache_terms personal{.ttl = 60s, .personal = true};
    stock->held = true;
    const auto asking = begin(cached(one, personal), {{"q", "a"}});
    const auto other = begin(cached(one, personal), {{"q", "a"}}, "bia");
    ASSERT_TRUE(loop.until([&] { return stock->asked == 2; }));
    EXPECT_TRUE(
        loop.await(two.cache->erase({platform_kind::instagram, account_id("shop"), contact_id("ana")})));
    stock->held = false;
    ASSERT_TRUE(loop.until([&] { return asking->has_value() && other->has_value(); }));
    EXPECT_EQ((*asking)->text, "SUCESSO: 1") << "who asked gets it";
    EXPECT_EQ(command({"KEYS", "*result*"}).items.size(), 1U);
    EXPECT_TRUE(command({"KEYS", "*ana*"}).items.empty());
    EXPECT_TRUE(command({"KEYS", "*asking*"}).items.empty());
    EXPECT_EQ(ask(cached(one, personal), {{"q", "a"}}, "bia").where, from::cache);
}

TEST_F(ToolCache, WhoWaitsToAskForAnErasedContactKeepsNothingEither) {
    const cache_terms personal{.ttl = 60s, .personal = true};
    stock->held = true;
    const auto asking = begin(cached(one, personal), {});
    ASSERT_TRUE(loop.until([&] { return stock->asked == 1; }));
    const auto waiting = begin(cached(two, personal), {});
    loop.await(two.redis->command({"PING"})).value(); // its look has left
    EXPECT_TRUE(
        loop.await(two.cache->erase({platform_kind::instagram, account_id("shop"), contact_id("ana")})));
    ASSERT_TRUE(loop.until([&] { return stock->asked == 2; })) << "the lock is gone";
    const auto afterwards = begin(cached(two, personal), {});
    stock->held = false;
    ASSERT_TRUE(loop.until([&] { return waiting->has_value() && afterwards->has_value(); }));
    EXPECT_EQ((*waiting)->text, "SUCESSO: 2");
    EXPECT_EQ((*afterwards)->text, "SUCESSO: 3") << "given what was asked for before";
    ASSERT_TRUE(loop.until([&] { return asking->has_value(); }));
}

TEST_F(ToolCache, ForgetsInTime) {
    ask(cached(one, {.ttl = 60s, .stale = 40s}));
    const auto keys = command({"KEYS", "*result*"});
    ASSERT_EQ(keys.items.size(), 1U);
    const auto left = command({"PTTL", keys.items[0].text}).integer;
    EXPECT_GT(left, 60'000);
    EXPECT_LE(left, 100'000);
    ask(cached(one, {.ttl = 1ms}), {{"short", 1}});
    loop.await(sleep_for(2ms));
    EXPECT_EQ(ask(cached(one, {.ttl = 1ms}), {{"short", 1}}).where, from::service);
}

TEST_F(ToolCache, KeepsNoError) {
    stock->failing = true;
    EXPECT_EQ(ask(cached(one)).text, "ERRO: fora do ar");
    stock->failing = false;
    EXPECT_EQ(ask(cached(one)).text, "SUCESSO: 2");
}

TEST_F(ToolCache, AsksOnceForAllWhoWantToKnowAtOnce) {
    stock->held = true;
    const auto first = begin(cached(one), {});
    ASSERT_TRUE(loop.until([&] { return stock->asked == 1; }));
    const auto here = begin(cached(one), {}, "bia");
    const auto there = begin(cached(two), {}, "caio");
    ASSERT_TRUE(loop.until([&] { return command({"KEYS", "*asking*"}).items.size() == 1; }));
    stock->held = false;
    ASSERT_TRUE(loop.until([&] { return first->has_value() && here->has_value() && there->has_value(); }));
    for (const auto& each : {first, here, there}) EXPECT_EQ((*each)->text, "SUCESSO: 1");
    EXPECT_EQ(stock->asked, 1);
    EXPECT_TRUE(command({"KEYS", "*asking*"}).items.empty());
}

TEST_F(ToolCache, ACallerWhoLeavesTakesTheAnswerFromNobody) {
    stock->held = true;
    asio::cancellation_signal leave;
    const auto report = std::make_shared<call_report>();
    bool left = false;
    const auto leaving = cached(one);
    asio::co_spawn(loop.executor(),
                   leaving->call({}, {.conversation = {}, .operation_id = "1", .report = report}),
                   asio::bind_cancellation_slot(
                       leave.slot(), [&](const std::exception_ptr&, const std::string&) { left = true; }));
    ASSERT_TRUE(loop.until([&] { return stock->asked == 1; }));
    const auto stays = begin(cached(one), {}, "", "");
    leave.emit(asio::cancellation_type::terminal);
    ASSERT_TRUE(loop.until([&] { return left; }));
    stock->held = false;
    ASSERT_TRUE(loop.until([&] { return stays->has_value(); }));
    EXPECT_EQ((*stays)->text, "SUCESSO: 1");
}

TEST_F(ToolCache, OneThatDiedWhileAskingOnlyCostsTheWaitForItsLock) {
    stock->limit = 300ms;
    stock->held = true;
    const json question{{"q", "a"}};
    const auto lost = begin(cached(one), question);
    ASSERT_TRUE(loop.until([&] { return stock->asked == 1; }));
    const auto lock = command({"KEYS", "*asking*"}).items.at(0).text;
    EXPECT_LE(command({"PTTL", lock}).integer, 550) << "what the call may take, and a little";
    loop.await(one.cache->stop()); // as if it had been killed: nobody ends the lock
    ASSERT_EQ(command({"EXISTS", lock}).integer, 1);
    stock->held = false;
    const auto answer = begin(cached(two), question);
    ASSERT_TRUE(loop.until([&] { return answer->has_value(); }));
    EXPECT_EQ((*answer)->text, "SUCESSO: 2");
    EXPECT_EQ((*answer)->where, from::service);
}

TEST_F(ToolCache, GivesNothingOldAfterAnInvalidation) {
    auto reserve = std::make_shared<service>("reservar");
    reserve->effect = true;
    const auto reserving = two.cache->invalidating(reserve, {"consultar_*"});
    EXPECT_TRUE(reserving->has_effect());
    auto prices = std::make_shared<service>("tabela_de_precos");
    ask(cached(one));
    ask(one.cache->cached(prices, {.ttl = 60s}));
    EXPECT_EQ(ask(reserving).text, "SUCESSO: 1");
    EXPECT_EQ(ask(cached(one)).text, "SUCESSO: 2");
    EXPECT_EQ(ask(cached(two)).where, from::cache);
    EXPECT_EQ(ask(one.cache->cached(prices, {.ttl = 60s})).where, from::cache) << "no pattern names it";
}

TEST_F(ToolCache, WhatWasBeingAskedWhileItWasInvalidatedIsNotKept) {
    const auto reserving = one.cache->invalidating(std::make_shared<service>("reservar"), {"*estoque"});
    stock->held = true;
    const auto before = begin(cached(one), {});
    ASSERT_TRUE(loop.until([&] { return stock->asked == 1; }));
    ask(reserving);
    const auto after = begin(cached(one), {}, "bia");
    stock->held = false;
    ASSERT_TRUE(loop.until([&] { return before->has_value() && after->has_value(); }));
    EXPECT_EQ((*before)->text, "SUCESSO: 1");
    EXPECT_EQ((*after)->text, "SUCESSO: 2");
}

TEST_F(ToolCache, AnErrorInvalidatesToo) {
    auto reserve = std::make_shared<service>("reservar");
    reserve->failing = true;
    ask(cached(one));
    ask(one.cache->invalidating(reserve, {"consultar_estoque"}));
    EXPECT_EQ(ask(cached(one)).where, from::service) << "it may have been done, and the answer got lost";
}

TEST_F(ToolCache, ACallThatIsCutOffInvalidatesToo) {
    auto reserve = std::make_shared<service>("reservar");
    reserve->held = true;
    const auto reserving = one.cache->invalidating(reserve, {"consultar_estoque"});
    ask(cached(one));
    asio::cancellation_signal cut;
    bool over = false;
    asio::co_spawn(
        loop.executor(),
        reserving->call({},
                        {.conversation = {}, .operation_id = "1", .report = std::make_shared<call_report>()}),
        asio::bind_cancellation_slot(cut.slot(),
                                     [&](const std::exception_ptr&, const std::string&) { over = true; }));
    ASSERT_TRUE(loop.until([&] { return reserve->asked == 1; }));
    cut.emit(asio::cancellation_type::terminal);
    ASSERT_TRUE(loop.until([&] { return over; }));
    EXPECT_EQ(ask(cached(one)).where, from::service) << "it may have been done before it was cut off";
}

TEST_F(ToolCache, AnswersWithTheOldWhenTheServiceCannot) {
    const cache_terms terms{.ttl = 1ms, .stale = 60s};
    ask(cached(one, terms));
    loop.await(sleep_for(2ms));
    stock->failing = true;
    const auto old = ask(cached(two, terms));
    EXPECT_EQ(old.text, "SUCESSO: 1");
    EXPECT_EQ(old.where, from::outdated_cache);
    stock->failing = false;
    EXPECT_EQ(ask(cached(two, terms)).text, "SUCESSO: 3") << "asked again as soon as it may be";
    // An error that is an answer is told.
    loop.await(sleep_for(2ms));
    stock->answer = [](const json&) { return "ERRO: não existe"; };
    EXPECT_EQ(ask(cached(one, terms)).text, "ERRO: não existe");
}

TEST_F(ToolCache, WithoutRedisTheServiceIsAskedEveryTime) {
    ask(cached(one));
    server.kill();
    ASSERT_TRUE(loop.until([&] { return !one.redis->connected(); }));
    EXPECT_EQ(ask(cached(one)).text, "SUCESSO: 2");
    EXPECT_EQ(ask(cached(one)).text, "SUCESSO: 3");
}

TEST_F(ToolCache, PatternsAreTakenAtTheirWord) {
    stock = std::make_shared<service>("consultar-estoque_1");
    const auto is_forgotten_by = [this](const std::string& pattern) {
        ask(cached(one));
        ask(one.cache->invalidating(std::make_shared<service>("reservar"), {"outra", pattern}));
        return ask(cached(one)).where == from::service;
    };
    EXPECT_TRUE(is_forgotten_by("*"));
    EXPECT_TRUE(is_forgotten_by("consultar-*_1"));
    EXPECT_TRUE(is_forgotten_by("consultar-estoque_1"));
    EXPECT_FALSE(is_forgotten_by("consultar"));
    EXPECT_FALSE(is_forgotten_by("consultar-estoque_1*x"));
    EXPECT_FALSE(is_forgotten_by("consultar.estoque_1"));
}

} // namespace
} // namespace atende::test
