// The loop between the model and the tools: what the customer gets, whatever the model does.
#include "fakes.hpp"
#include "support/event_loop.hpp"

#include <gmock/gmock.h>

namespace atende::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

class AgentTest : public ::testing::Test {
protected:
    std::shared_ptr<profile> shop = test_profile();
    std::shared_ptr<fake_model> brain = std::make_shared<fake_model>();
    std::shared_ptr<fake_tool> look = std::make_shared<fake_tool>("look_up");
    std::shared_ptr<fake_tool> save = std::make_shared<fake_tool>("save");
    std::vector<progress> seen;
    std::size_t max_characters = 4'000;

    AgentTest() { save->effect = true; }

    thought think(turn about) {
        const agent mind = make();
        return run(start(mind, std::move(about)));
    }
    thought think(std::string text) { return think(turn_saying({std::move(text)})); }

    agent make() {
        return {shop, brain,          {save, look},
                "",   max_characters, [this](const progress& each) { seen.push_back(each); }};
    }

    static awaitable<thought> start(agent mind, turn about) {
        co_return co_await mind.think(std::move(about));
    }

    [[nodiscard]] const std::vector<chat_message>& last_messages() const {
        return brain->requests.back().messages;
    }
};

TEST_F(AgentTest, AnswersWithWhatTheModelSays) {
    brain->steps = {says("  Temos, sim!  ")};
    const auto got = think("tem moto?");
    EXPECT_EQ(got.what, thought::outcome::reply);
    EXPECT_EQ(got.text, "Temos, sim!");
    EXPECT_FALSE(got.had_effect);
    EXPECT_EQ(got.usage.prompt, 10);
    ASSERT_THAT(last_messages(), SizeIs(2));
    EXPECT_EQ(last_messages()[0].content, "Você é Lia da Loja A&B."); // not HTML-escaped
    EXPECT_EQ(last_messages()[1].content, "tem moto?");
}

TEST_F(AgentTest, StaticPromptComesFirstAndTheTimeAfterTheHistory) {
    shop->context = "Agora: {{weekday}}, {{date}}, {{time}}.";
    brain->steps = {says("ok")};
    auto about = turn_saying({"e hoje?"});
    about.history = {entry(speaker::customer, "oi"), entry(speaker::bot, "Olá!")};
    think(std::move(about));
    ASSERT_THAT(last_messages(), SizeIs(5));
    EXPECT_EQ(last_messages()[0].role, chat_role::system);
    EXPECT_EQ(last_messages()[3].role, chat_role::system);
    EXPECT_THAT(last_messages()[3].content, StartsWith("Agora: "));
    EXPECT_THAT(last_messages()[3].content, ::testing::Not(HasSubstr("{{")));
    EXPECT_EQ(last_messages()[4].content, "e hoje?");
}

TEST_F(AgentTest, SaysNothingWhenEverythingWasUnsent) {
    auto about = turn_saying({""});
    about.messages[0].unsent = true;
    const auto got = think(std::move(about));
    EXPECT_EQ(got.text, "");
    EXPECT_THAT(brain->requests, IsEmpty());
}

TEST_F(AgentTest, AnswersUnreadableContentWithoutAModel) {
    auto about = turn_saying({""});
    about.messages[0].unsupported = true;
    EXPECT_EQ(think(std::move(about)).text, "Não consigo ver isso.");
    EXPECT_THAT(brain->requests, IsEmpty());
}

TEST_F(AgentTest, CutsLongInputWithANote) {
    max_characters = 3;
    brain->steps = {says("ok")};
    think("áéíóú");
    EXPECT_EQ(last_messages().back().content, "áéí\n[cortado]");
}

TEST_F(AgentTest, CallsAToolAndAnswersWithItsResult) {
    brain->steps = {calls({{"c1", "look_up", R"({"q":"XY 150"})"}}), says("Achei.")};
    const auto got = think("tem?");
    EXPECT_EQ(got.text, "Achei.");
    ASSERT_THAT(look->called, SizeIs(1));
    EXPECT_EQ(look->called[0]["q"], "XY 150");
    EXPECT_THAT(look->contexts[0].operation_id, StartsWith("ig:shop:ana:"));
    ASSERT_THAT(got.steps, SizeIs(1));
    EXPECT_EQ(got.steps[0].result, "SUCESSO: ok");
    EXPECT_FALSE(got.had_effect);
    EXPECT_EQ(last_messages().back().content, "SUCESSO: ok");
}

TEST_F(AgentTest, NewToolsAreForTheTurnsThatBeginAfterwards) {
    agent mind = make();
    look->act = [&](nlohmann::json) -> awaitable<std::string> { // NOLINT(*-avoid-capturing-lambda-coroutines)
        mind.use_tools({save});
        co_return "SUCESSO: ok";
    };
    brain->steps = {calls({{"c1", "look_up", R"({"q":"a"})"}}), calls({{"c2", "look_up", R"({"q":"b"})"}}),
                    says("ok")};
    run(mind.think(turn_saying({"tem?"})));
    EXPECT_THAT(look->called, SizeIs(2)) << "the turn goes on as it began";
    brain->steps = {calls({{"c1", "look_up", R"({"q":"a"})"}}), says("ok")};
    run(mind.think(turn_saying({"e agora?"})));
    EXPECT_THAT(look->called, SizeIs(2));
    EXPECT_THAT(last_messages().back().content, HasSubstr("não existe"));
}

TEST_F(AgentTest, ReportsItsProgress) {
    brain->steps = {calls({{"c1", "look_up", R"({"q":"a"})"}}), says("ok")};
    think("oi");
    ASSERT_THAT(seen, SizeIs(4));
    EXPECT_EQ(seen[0].what, stage::agent_switch);
    EXPECT_EQ(seen[0].detail, "Lia");
    EXPECT_EQ(seen[1].what, stage::thinking);
    EXPECT_EQ(seen[2].what, stage::tool_call);
    EXPECT_EQ(nlohmann::json::parse(seen[2].detail),
              nlohmann::json({{"name", "look_up"}, {"arguments", "{\"q\":\"a\"}"}}));
    EXPECT_EQ(seen[3].what, stage::tool_result);
    EXPECT_EQ(nlohmann::json::parse(seen[3].detail),
              nlohmann::json({{"name", "look_up"}, {"result", "SUCESSO: ok"}}));
}

TEST_F(AgentTest, TellsWhoSpeaksWhereNothingIsThought) {
    shop->hand_over.words = {"atendente"};
    auto unreadable = turn_saying({""});
    unreadable.messages[0].unsupported = true;
    for (const auto& about : {turn_saying({"/esquecer"}), turn_saying({"um atendente!"}), unreadable}) {
        seen.clear();
        think(about);
        ASSERT_THAT(seen, SizeIs(1)) << about.messages[0].text;
        EXPECT_EQ(seen[0].what, stage::agent_switch);
        EXPECT_EQ(seen[0].detail, "Lia");
    }
    EXPECT_THAT(brain->requests, IsEmpty());
}

TEST_F(AgentTest, ReportsWhatCameFromTheCache) {
    look->from = call_report::source::cache;
    brain->steps = {calls({{"c1", "look_up", R"({"q":"a"})"}}), says("ok")};
    const auto got = think("oi");
    EXPECT_EQ(nlohmann::json::parse(seen.at(3).detail),
              nlohmann::json({{"name", "look_up"}, {"result", "SUCESSO: ok"}, {"source", "cache"}}));
    EXPECT_EQ(got.steps.at(0).source, "cache");
}

TEST_F(AgentTest, TellsWhatIsBeingWrittenOnlyToThoseWhoFollow) {
    brain->steps = {calls({{"c1", "look_up", R"({"q":"a"})"}}), says("Temos sim")};
    brain->steps[0]->content = "Vou ver";
    auto followed = turn_saying({"tem?"});
    followed.watched = true;
    think(std::move(followed));
    std::vector<std::string> told;
    for (const auto& each : seen) {
        if (each.what == stage::rewritten) told.push_back(each.detail);
        if (each.what == stage::content) told.back() += each.detail;
    }
    EXPECT_THAT(told, ElementsAre("Vou ver", "Temos sim")) << "each model call begins anew";

    brain->steps = {says("Temos sim")};
    think("tem?");
    EXPECT_FALSE(brain->requests.back().listener);
}

TEST_F(AgentTest, OnlySuccessOfAToolWithEffectCounts) {
    brain->steps = {calls({{"c1", "save", R"({"q":"a"})"}}), says("feito")};
    EXPECT_TRUE(think("salva").had_effect);

    save->act = [](nlohmann::json) -> awaitable<std::string> { co_return "ERRO: telefone"; };
    brain->steps = {calls({{"c1", "save", R"({"q":"a"})"}}), says("não deu")};
    EXPECT_FALSE(think("salva").had_effect);
}

TEST_F(AgentTest, EachExecutedCallHasItsOwnOperationId) {
    brain->steps = {calls({{"a", "save", "not json"}}), calls({{"b", "save", R"({"q":"1"})"}}),
                    calls({{"c", "save", R"({"q":"2"})"}}), says("ok")};
    think("oi");
    ASSERT_THAT(save->contexts, SizeIs(2));
    EXPECT_NE(save->contexts[0].operation_id, save->contexts[1].operation_id);
}

TEST_F(AgentTest, AnOperationIdIsTheTurnsEvenIfTurnsAreCountedAnew) {
    const auto id_in_a_turn_about = [this](std::string message) {
        auto about = turn_saying({"salva"}); // always of the same number
        about.messages[0].id = message_id(std::move(message));
        brain->steps = {calls({{"c1", "save", R"({"q":"a"})"}}), says("ok")};
        think(std::move(about));
        return save->contexts.back().operation_id;
    };
    const auto first = id_in_a_turn_about("m1");
    EXPECT_NE(id_in_a_turn_about("m2"), first);
    EXPECT_EQ(id_in_a_turn_about("m1"), first) << "thought anew it is the same turn";
}

TEST_F(AgentTest, WritesOfOneRoundHappenInOrderAfterItsReads) {
    std::vector<std::string> order;
    look->act = [&](nlohmann::json) -> awaitable<std::string> {
        order.emplace_back("read");
        co_return "SUCESSO: r";
    };
    save->act = [&](nlohmann::json arguments) -> awaitable<std::string> {
        order.push_back(arguments["q"]);
        co_return "SUCESSO: w";
    };
    brain->steps = {calls({{"1", "save", R"({"q":"first"})"},
                           {"2", "save", R"({"q":"second"})"},
                           {"3", "look_up", R"({"q":"x"})"}}),
                    says("ok")};
    const auto got = think("oi");
    EXPECT_THAT(order, ElementsAre("read", "first", "second"));
    ASSERT_THAT(got.steps, SizeIs(3)); // in the order asked
    EXPECT_EQ(got.steps[2].result, "SUCESSO: r");
}

TEST_F(AgentTest, StopsCallingToolsAtTheRoundLimit) {
    shop->limits.rounds = 2;
    brain->steps = {calls({{"1", "look_up", R"({"q":"a"})"}}), calls({{"2", "look_up", R"({"q":"b"})"}}),
                    says("Cheguei ao limite.")};
    EXPECT_EQ(think("oi").text, "Cheguei ao limite.");
    ASSERT_THAT(brain->requests, SizeIs(3));
    EXPECT_TRUE(brain->requests[1].may_call_tools);
    EXPECT_FALSE(brain->requests[2].may_call_tools);
}

TEST_F(AgentTest, AModelThatKeepsCallingGetsTheFallback) {
    shop->limits.rounds = 1;
    brain->steps = {calls({{"1", "look_up", R"({"q":"a"})"}}), calls({{"2", "look_up", R"({"q":"b"})"}})};
    EXPECT_EQ(think("oi").text, "Chame a Loja A&B.");
    EXPECT_THAT(look->called, SizeIs(1));
}

TEST_F(AgentTest, RefusesCallsOverTheLimitOfTheTurn) {
    shop->limits.tool_calls = 1;
    brain->steps = {calls({{"1", "look_up", R"({"q":"a"})"}, {"2", "look_up", R"({"q":"b"})"}}), says("ok")};
    const auto got = think("oi");
    EXPECT_THAT(look->called, SizeIs(1));
    EXPECT_THAT(got.steps[1].result, StartsWith("ERRO: limite"));
    EXPECT_FALSE(brain->requests.back().may_call_tools);
}

TEST_F(AgentTest, UnreachableModelMeansOneMoment) {
    for (const auto code :
         {errc::unavailable, errc::timed_out, errc::interrupted, errc::protocol, errc::rejected}) {
        brain->steps = {fail(code, "why")};
        const auto got = think("oi");
        EXPECT_EQ(got.what, thought::outcome::retry_later);
        EXPECT_EQ(got.text, "Um momento!");
        EXPECT_THAT(got.reason, HasSubstr("why"));
    }
}

TEST_F(AgentTest, AConversationTooLongForTheModelIsAskedWithoutItsPast) {
    brain->steps = {fail(errc::too_large, "HTTP 400 context_length_exceeded"), says("Sim!")};
    auto about = turn_saying({"e hoje?"});
    about.history = {entry(speaker::customer, "oi"), entry(speaker::bot, "Olá!")};
    EXPECT_EQ(think(about).text, "Sim!");
    ASSERT_THAT(last_messages(), SizeIs(2));
    EXPECT_EQ(last_messages()[0].role, chat_role::system);
    EXPECT_EQ(last_messages()[1].content, "e hoje?");

    brain->steps = {fail(errc::too_large, "HTTP 413"), fail(errc::too_large, "HTTP 413")};
    const auto got = think(about);
    EXPECT_EQ(got.what, thought::outcome::reply) << "it would be refused for ever";
    EXPECT_EQ(got.text, "Chame a Loja A&B.");
}

TEST_F(AgentTest, WhatWasDoneIsKeptWhenTheModelGoesAway) {
    brain->steps = {calls({{"1", "save", R"({"q":"a"})"}}), fail(errc::unavailable, "down")};
    const auto got = think("oi");
    EXPECT_EQ(got.what, thought::outcome::retry_later);
    EXPECT_TRUE(got.had_effect);
    EXPECT_THAT(got.steps, SizeIs(1));
}

TEST_F(AgentTest, TheWholeTurnHasADeadline) {
    shop->limits.turn = std::chrono::seconds(0);
    brain->hangs = 1;
    const auto got = think("oi");
    EXPECT_EQ(got.what, thought::outcome::retry_later);
    EXPECT_THAT(got.reason, HasSubstr("time is over"));
}

TEST_F(AgentTest, RefusalFilterAndSilenceGetTheFallback) {
    for (auto bad :
         {says("", finish_reason::refusal), says("meio texto", finish_reason::content_filter), says(" \n")}) {
        brain->steps = {std::move(bad)};
        const auto got = think("oi");
        EXPECT_EQ(got.what, thought::outcome::reply);
        EXPECT_EQ(got.text, "Chame a Loja A&B.");
    }
}

TEST_F(AgentTest, TruncatedArgumentsAreNeverExecuted) {
    auto truncated = calls({{"1", "save", R"({"q":"a"})"}});
    truncated.finish = finish_reason::length;
    brain->steps = {truncated, truncated};
    EXPECT_EQ(think("oi").text, "Chame a Loja A&B.");
    EXPECT_THAT(save->called, IsEmpty());
    EXPECT_THAT(brain->requests, SizeIs(2));
}

TEST_F(AgentTest, ATooLongAnswerIsAskedAgainAndThenShortened) {
    brain->steps = {says("Uma frase. Outra que não ter", finish_reason::length), says("Curta.")};
    EXPECT_EQ(think("oi").text, "Curta.");

    brain->steps = {says("Longa", finish_reason::length),
                    says("São 1.500 km. Outra de 2.50", finish_reason::length)};
    EXPECT_EQ(think("oi").text, "São 1.500 km.");
}

TEST_F(AgentTest, ACancelledTurnEndsWithoutWaitingForTheModel) {
    brain->hangs = 1;
    asio::io_context loop(1);
    task_group tasks(loop.get_executor());
    const auto discard = [](agent mind, turn about) -> awaitable<void> {
        co_await mind.think(std::move(about));
    };
    tasks.start("thinking", discard(make(), turn_saying({"oi"})));
    const auto stop = [](task_group& group) -> awaitable<bool> {
        co_await group.finish(std::chrono::seconds(0));
        co_return true;
    };
    bool stopped = false;
    asio::co_spawn(loop, stop(tasks), [&](const std::exception_ptr&, bool done) { stopped = done; });
    loop.run_for(std::chrono::seconds(20));
    EXPECT_TRUE(stopped);
    EXPECT_EQ(tasks.running(), 0U);
}

} // namespace
} // namespace atende::test
