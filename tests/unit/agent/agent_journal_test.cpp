// A turn that was interrupted is thought on from where it was: nothing is asked or done twice.
#include "agent/journal.hpp"
#include "fakes.hpp"
#include "support/event_loop.hpp"

#include <gmock/gmock.h>

namespace atende::test {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class AgentJournalTest : public ::testing::Test {
protected:
    std::shared_ptr<profile> shop = test_profile();
    std::shared_ptr<fake_model> brain = std::make_shared<fake_model>();
    std::shared_ptr<fake_tool> save = std::make_shared<fake_tool>("save");
    std::shared_ptr<fake_tool> book = std::make_shared<fake_tool>("book");
    std::shared_ptr<fake_tool> look = std::make_shared<fake_tool>("look");
    std::vector<std::shared_ptr<tool>> tools{save};
    std::vector<std::string> entries;
    std::vector<bool> commits;
    std::size_t refuses_at = 100;

    AgentJournalTest() { save->effect = book->effect = true; }

    thought think(std::vector<std::string> recorded = {}) {
        turn about = turn_saying({"anota aí"});
        about.journal = std::move(recorded);
        agent mind(shop, brain, tools, "", 4'000, {});
        return run(mind.think(std::move(about), [this](std::string entry, bool effect) {
            return write(std::move(entry), effect);
        }));
    }
    // What the next process finds, and the tools that it finds; the model is asked for `next`.
    thought think_on(std::vector<std::string> recorded, std::deque<result<model_answer>> next,
                     message_id first = {}) {
        for (const auto& each : {save, book}) {
            each->called.clear();
            each->contexts.clear();
        }
        brain->requests.clear();
        brain->steps = std::move(next);
        turn about = turn_saying({"anota aí"});
        about.messages[0].id = std::move(first);
        about.journal = std::move(recorded);
        agent mind(shop, brain, tools, "", 4'000, {});
        return run(mind.think(std::move(about)));
    }
    awaitable<bool> write(std::string entry, bool effect) {
        if (entries.size() >= refuses_at) co_return false;
        EXPECT_EQ(save->called.size(), (entries.size() + 1) / 2) << "stored before it is done, and after";
        entries.push_back(std::move(entry));
        commits.push_back(effect);
        co_return true;
    }
    // What a process stored of a round that died before it stored an answer.
    static std::string asked_for(const std::vector<tool_call>& wanted) {
        recorded_round round{.content = {}, .operation = "op", .calls = {}};
        for (const auto& each : wanted)
            round.calls.push_back({.call = each,
                                   .operation = fmt::format("op:{}", round.calls.size()),
                                   .is_lookup = each.name == "look",
                                   .result = {}});
        return encode_asked(round);
    }
    void model_saves_then_says(std::string text) {
        brain->steps = {calls({{"1", "save", R"({"q":"a"})"}}), says(std::move(text))};
    }
};

TEST_F(AgentJournalTest, StoresEachStepBeforeItIsActedOn) {
    model_saves_then_says("Anotado!");
    EXPECT_EQ(think().text, "Anotado!");
    EXPECT_THAT(entries, SizeIs(2));
    EXPECT_THAT(commits, ElementsAre(true, false));
}

TEST_F(AgentJournalTest, WhatWasDoneIsNeitherAskedNorDoneAgain) {
    model_saves_then_says("Anotado!");
    const auto first = think();
    const auto recorded = entries;
    brain->requests.clear();
    save->called.clear();
    brain->steps = {says("Anotado!")};
    const auto again = think(recorded);
    EXPECT_THAT(save->called, IsEmpty());
    EXPECT_THAT(brain->requests, SizeIs(1)) << "only what had not been answered yet";
    EXPECT_TRUE(again.had_effect);
    ASSERT_THAT(again.steps, SizeIs(1));
    EXPECT_EQ(again.steps[0].result, first.steps[0].result);
}

TEST_F(AgentJournalTest, WhatCameFromTheCacheDidSoWhenItIsRecalled) {
    save->from = call_report::source::cache;
    model_saves_then_says("Anotado!");
    EXPECT_EQ(think().steps.at(0).source, "cache");
    save->from = call_report::source::service;
    const auto recorded = entries;
    brain->steps = {says("Anotado!")};
    EXPECT_EQ(think(recorded).steps.at(0).source, "cache");
}

TEST_F(AgentJournalTest, AToolHearsThatACallMayHaveBeenMadeUnderTheSameOperationId) {
    model_saves_then_says("Anotado!");
    think();
    const auto operation = save->contexts.at(0).operation_id;
    EXPECT_FALSE(save->contexts[0].again);
    think_on({entries[0]}, {says("Anotado!")}, message_id("the second")); // the first was taken back
    ASSERT_THAT(save->contexts, SizeIs(1));
    EXPECT_EQ(save->contexts[0].operation_id, operation);
    EXPECT_TRUE(save->contexts[0].again);
    EXPECT_THAT(brain->requests, SizeIs(1));
}

TEST_F(AgentJournalTest, TheLastCallThatIsPermittedIsTakenUpToo) {
    shop->limits.tool_calls = 1;
    model_saves_then_says("Anotado!");
    think();
    const auto got = think_on({entries[0]}, {says("Anotado!")});
    EXPECT_EQ(got.steps.at(0).result, "SUCESSO: ok");
    ASSERT_THAT(save->contexts, SizeIs(1));
    EXPECT_TRUE(save->contexts[0].again);
    EXPECT_FALSE(brain->requests.at(0).may_call_tools) << "but there is no other";
}

TEST_F(AgentJournalTest, WhatIsAskedAfterAnInterruptedRoundIsNew) {
    model_saves_then_says("Anotado!");
    think();
    think_on({entries[0]}, {calls({{"1", "save", R"({"q":"a"})"}}), says("Anotado!")});
    ASSERT_THAT(save->contexts, SizeIs(2));
    EXPECT_TRUE(save->contexts[0].again);
    EXPECT_FALSE(save->contexts[1].again);
}

TEST_F(AgentJournalTest, AnInterruptedEffectWhoseToolIsAwayIsUnknown) {
    model_saves_then_says("Anotado!");
    think();
    for (const auto& those_left : {std::vector<std::shared_ptr<tool>>{book}, {}}) {
        tools = those_left;
        const auto got = think_on({entries[0]}, {says("Vou confirmar.")});
        ASSERT_THAT(got.steps, SizeIs(1));
        EXPECT_THAT(got.steps[0].result, HasSubstr("save: não se sabe se foi feito"));
        EXPECT_EQ(brain->requests.at(0).messages.back().content, got.steps[0].result);
    }
}

TEST_F(AgentJournalTest, WhatWasDoneIsToldWhenNoToolIsLeft) {
    model_saves_then_says("Anotado!");
    think();
    tools.clear();
    shop->limits.rounds = 0;
    const auto got = think_on(entries, {says("Anotado!")});
    ASSERT_THAT(got.steps, SizeIs(1));
    EXPECT_EQ(got.steps[0].result, "SUCESSO: ok");
    EXPECT_EQ(brain->requests.at(0).messages.back().content, "SUCESSO: ok");
    EXPECT_FALSE(brain->requests[0].may_call_tools);
}

TEST_F(AgentJournalTest, AnIdIsNotGivenAgainWhenTheToolTakesOtherArgumentsNow) {
    model_saves_then_says("Anotado!");
    think();
    const auto first = save->contexts.at(0).operation_id;
    save->schema["required"] = {"q", "day"};
    save->schema["properties"]["day"] = {{"type", "string"}};
    think_on(entries, {calls({{"2", "save", R"({"q":"a","day":"sexta"})"}}), says("Anotado!")});
    ASSERT_THAT(save->contexts, SizeIs(1));
    EXPECT_NE(save->contexts[0].operation_id, first);
}

TEST_F(AgentJournalTest, WhatWasRefusedIsNotDoneLaterAndTakesNobodysId) {
    brain->steps = {calls({{"1", "save", R"({"q":1})"}, {"2", "save", R"({"q":"a"})"}}), says("Anotado!")};
    think();
    const auto operation = save->contexts.at(0).operation_id;
    save->schema["properties"]["q"] = nlohmann::json::object();
    const auto got = think_on({entries[0]}, {says("Anotado!")});
    EXPECT_THAT(got.steps.at(0).result, HasSubstr("não foi feito"));
    ASSERT_THAT(save->contexts, SizeIs(1));
    EXPECT_EQ(save->contexts[0].operation_id, operation);
}

TEST_F(AgentJournalTest, AToolThatWasGivenUpStaysSo) {
    tools.push_back(book);
    brain->steps = {
        calls({{"1", "book", "x"}, {"2", "book", "x"}, {"3", "book", "x"}, {"4", "save", R"({"q":"a"})"}}),
        says("Feito!")};
    think();
    const auto got = think_on(entries, {calls({{"5", "book", R"({"q":"b"})"}}), says("Não deu!")});
    ASSERT_THAT(got.steps, SizeIs(5));
    EXPECT_THAT(got.steps[0].result, HasSubstr("corrija"));
    EXPECT_THAT(got.steps[4].result, HasSubstr("book não pôde ser usada"));
    EXPECT_THAT(book->called, IsEmpty());
}

TEST_F(AgentJournalTest, ThatNobodyKnowsAnOutcomeIsToldInTheToolsOwnWords) {
    save->act = [](nlohmann::json) -> awaitable<std::string> { co_return "ERRO: a equipe confirma"; };
    save->service_fails = true;
    const auto got = think_on({asked_for({{"1", "save", R"({"q":"a"})"}})}, {says("Não sei!")});
    EXPECT_TRUE(save->contexts.at(0).again);
    EXPECT_EQ(got.steps.at(0).result, "ERRO: a equipe confirma");
}

TEST_F(AgentJournalTest, AnOlderJournalsIdsAreCounted) {
    think_on({R"({"content":"","calls":[["1","save","{\"q\":\"a\"}"]],"operation":"op"})"},
             {calls({{"2", "save", R"({"q":"b"})"}}), says("Anotado!")});
    ASSERT_THAT(save->contexts, SizeIs(2));
    EXPECT_EQ(save->contexts[0].operation_id, "op:0");
    EXPECT_TRUE(save->contexts[0].again);
    EXPECT_EQ(save->contexts[1].operation_id, "op:1");
}

TEST_F(AgentJournalTest, AnEffectIsKnownBeforeTheNextOneBegins) {
    tools.push_back(book);
    std::vector<std::string> at_death;
    book->act = [&](nlohmann::json) -> awaitable<std::string> {
        at_death = entries;
        co_return "SUCESSO: late";
    };
    brain->steps = {calls({{"1", "save", R"({"q":"a"})"}, {"2", "book", R"({"q":"b"})"}}), says("Feito!")};
    think();
    ASSERT_THAT(at_death, SizeIs(2));
    const auto got = think_on(at_death, {says("Feito!")});
    EXPECT_THAT(save->called, IsEmpty());
    EXPECT_EQ(got.steps.at(0).result, "SUCESSO: ok");
    ASSERT_THAT(book->contexts, SizeIs(1));
    EXPECT_TRUE(book->contexts[0].again);
}

TEST_F(AgentJournalTest, AnEffectThatCameAfterAnInterruptedOneHadNotBegun) {
    tools.push_back(book);
    brain->steps = {calls({{"1", "save", R"({"q":"a"})"}, {"2", "book", R"({"q":"b"})"}}), says("Feito!")};
    think();
    const auto operation = book->contexts.at(0).operation_id;
    think_on({entries[0]}, {says("Feito!")});
    EXPECT_TRUE(save->contexts.at(0).again);
    ASSERT_THAT(book->contexts, SizeIs(1));
    EXPECT_FALSE(book->contexts[0].again);
    EXPECT_EQ(book->contexts[0].operation_id, operation);
}

TEST_F(AgentJournalTest, NoEffectHadBegunBeforeAllLookupsOfItsRoundWereAnswered) {
    tools.push_back(look);
    const auto asked = asked_for({{"1", "save", R"({"q":"a"})"}, {"2", "look", R"({"q":"b"})"}});
    think_on({asked}, {says("Feito!")});
    EXPECT_FALSE(save->contexts.at(0).again);
    think_on({asked, R"({"results":["","SUCESSO: 3"]})"}, {says("Feito!")});
    EXPECT_TRUE(save->contexts.at(0).again);
}

TEST_F(AgentJournalTest, NorWhereTheLookupsToolIsAwaySince) {
    const auto look_first = asked_for({{"1", "look", R"({"q":"b"})"}, {"2", "save", R"({"q":"a"})"}});
    const auto got = think_on({look_first}, {says("Feito!")});
    EXPECT_FALSE(save->contexts.at(0).again);
    EXPECT_THAT(got.steps.at(0).result, HasSubstr("não existe"));
    EXPECT_THAT(got.steps.at(1).result, testing::StartsWith("SUCESSO"));
}

TEST_F(AgentJournalTest, ALookupThatCannotBeRepeatedIsToldWhy) {
    tools.push_back(look);
    look->schema["required"] = {"q", "day"}; // since it was asked for
    const auto got = think_on({asked_for({{"1", "look", R"({"q":"b"})"}})}, {says("Não deu!")});
    EXPECT_THAT(got.steps.at(0).result, HasSubstr("argumentos inválidos"));
}

TEST_F(AgentJournalTest, NoEffectBeginsBeforeItIsStoredThatAnotherIsUnknown) {
    tools.push_back(book);
    brain->steps = {calls({{"1", "save", R"({"q":"a"})"}, {"2", "book", R"({"q":"b"})"}}), says("Feito!")};
    think();
    entries.resize(1);
    save->schema["required"] = {"q", "day"}; // it cannot be called so any more
    std::vector<std::string> at_death;
    book->act = [&](nlohmann::json) -> awaitable<std::string> {
        at_death = entries;
        co_return "SUCESSO: late";
    };
    brain->steps = {says("Feito!")};
    think(entries);
    const auto got = think_on(at_death, {says("Feito!")});
    EXPECT_THAT(got.steps.at(0).result, HasSubstr("não se sabe se foi feito"));
    ASSERT_THAT(book->contexts, SizeIs(1));
    EXPECT_TRUE(book->contexts[0].again);
}

TEST_F(AgentJournalTest, WhoLosesTheTurnBetweenTwoEffectsDoesNotBeginTheSecond) {
    tools.push_back(book);
    refuses_at = 1;
    brain->steps = {calls({{"1", "save", R"({"q":"a"})"}, {"2", "book", R"({"q":"b"})"}})};
    EXPECT_EQ(think().what, thought::outcome::abandoned);
    EXPECT_THAT(save->called, SizeIs(1));
    EXPECT_THAT(book->called, IsEmpty());
}

TEST_F(AgentJournalTest, WhenTheJournalRefusesNothingIsDone) {
    refuses_at = 0;
    model_saves_then_says("Anotado!");
    EXPECT_EQ(think().what, thought::outcome::abandoned);
    EXPECT_THAT(save->called, IsEmpty());
}

auto call_with(const std::string& operation, const std::string& text, const std::string& source) {
    return AllOf(Field(&recorded_call::operation, operation),
                 Field(&recorded_call::result,
                       AllOf(Field(&recorded_result::text, text), Field(&recorded_result::source, source))));
}

TEST(JournalEntries, AreReadBackAndNonsenseIsLeftOut) {
    const recorded_round asked{
        .content = "Um instante",
        .operation = "op",
        .calls = {{.call = {"1", "save", "{\"q\":\"ação\"}"}, .operation = "op:0", .result = {}},
                  {.call = {"2", "stock", "{}"}, .operation = "op:1", .result = {}}}};
    const std::vector<tool_step> steps{{.result = "SUCESSO: ok"},
                                       {.result = "SUCESSO: 3", .source = "cache"}};
    const auto read = decode_journal({encode_asked(asked), encode_results(steps), "{\"calls\":7}", "x"});
    ASSERT_THAT(read, SizeIs(1));
    EXPECT_EQ(read[0].content, "Um instante");
    EXPECT_EQ(read[0].operation, "op");
    EXPECT_FALSE(read[0].is_older);
    EXPECT_EQ(read[0].calls.at(0).call.arguments, "{\"q\":\"ação\"}");
    EXPECT_THAT(read[0].calls,
                ElementsAre(call_with("op:0", "SUCESSO: ok", ""), call_with("op:1", "SUCESSO: 3", "cache")));
    const auto some =
        decode_journal({encode_asked(asked), encode_results(steps), R"({"results":["ERRO: x"]})"});
    EXPECT_THAT(some.at(0).calls, ElementsAre(call_with("op:0", "ERRO: x", ""), call_with("op:1", "", "")));
    EXPECT_THAT(decode_journal({"", "[]", "{\"results\":[1]}"}), IsEmpty());
    EXPECT_THAT(decode_journal({R"({"calls":[["1","save","{}"]],"operations":[]})"}), IsEmpty());
}

TEST(JournalEntries, OfAnOlderVersionHoldDoublesThatHaveOneResult) {
    const auto read = decode_journal({R"({"calls":[["1","save","{}"],["1","save","{}"],["2","look","{}"]]})",
                                      R"({"results":["SUCESSO: ok","SUCESSO: 3"]})"});
    ASSERT_THAT(read, SizeIs(1));
    EXPECT_TRUE(read[0].is_older);
    EXPECT_THAT(read[0].calls,
                ElementsAre(call_with("", "SUCESSO: ok", ""), call_with("", "SUCESSO: 3", "")));
}

} // namespace
} // namespace atende::test
