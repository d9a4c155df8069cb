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
using ::testing::IsEmpty;
using ::testing::SizeIs;

class AgentJournalTest : public ::testing::Test {
protected:
    std::shared_ptr<profile> shop = test_profile();
    std::shared_ptr<fake_model> brain = std::make_shared<fake_model>();
    std::shared_ptr<fake_tool> save = std::make_shared<fake_tool>("save");
    std::vector<std::string> entries;
    std::vector<bool> commits;
    std::size_t refuses_at = 100;

    AgentJournalTest() { save->effect = true; }

    thought think(std::vector<std::string> recorded = {}) {
        turn about = turn_saying({"anota aí"});
        about.journal = std::move(recorded);
        agent mind(shop, brain, {save}, "", 4'000, {});
        return run(mind.think(std::move(about), [this](std::string entry, bool effect) {
            return write(std::move(entry), effect);
        }));
    }
    awaitable<bool> write(std::string entry, bool effect) {
        if (entries.size() >= refuses_at) co_return false;
        EXPECT_EQ(save->called.size(), (entries.size() + 1) / 2) << "stored before it is done, and after";
        entries.push_back(std::move(entry));
        commits.push_back(effect);
        co_return true;
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
    brain->steps = {says("Anotado!")};
    const auto asked = std::vector{entries[0]};
    save->contexts.clear();
    brain->requests.clear();
    agent mind(shop, brain, {save}, "", 4'000, {});
    turn about = turn_saying({"anota aí"});
    about.messages[0].id = message_id("the second"); // the first was taken back meanwhile
    about.journal = asked;
    run(mind.think(std::move(about)));
    ASSERT_THAT(save->contexts, SizeIs(1));
    EXPECT_EQ(save->contexts[0].operation_id, operation);
    EXPECT_TRUE(save->contexts[0].again);
    EXPECT_THAT(brain->requests, SizeIs(1));
}

TEST_F(AgentJournalTest, WhatIsAskedAfterAnInterruptedRoundIsNew) {
    model_saves_then_says("Anotado!");
    think();
    const auto asked = std::vector{entries[0]};
    save->contexts.clear();
    model_saves_then_says("Anotado!");
    agent mind(shop, brain, {save}, "", 4'000, {});
    turn about = turn_saying({"anota aí"});
    about.journal = asked;
    run(mind.think(std::move(about)));
    ASSERT_THAT(save->contexts, SizeIs(2));
    EXPECT_TRUE(save->contexts[0].again);
    EXPECT_FALSE(save->contexts[1].again);
}

TEST_F(AgentJournalTest, WhenTheJournalRefusesNothingIsDone) {
    refuses_at = 0;
    model_saves_then_says("Anotado!");
    EXPECT_EQ(think().what, thought::outcome::abandoned);
    EXPECT_THAT(save->called, IsEmpty());
}

auto result_is(const std::string& text, const std::string& source) {
    return AllOf(Field(&recorded_result::text, text), Field(&recorded_result::source, source));
}

TEST(JournalEntries, AreReadBackAndNonsenseIsLeftOut) {
    model_answer asked = calls({{"1", "save", "{\"q\":\"ação\"}"}});
    asked.content = "Um instante";
    const std::vector<tool_step> steps{{.result = "SUCESSO: ok"},
                                       {.result = "SUCESSO: 3", .source = "cache"}};
    const auto read =
        decode_journal({encode_asked(asked, "op"), encode_results(steps), "{\"calls\":7}", "x"});
    ASSERT_THAT(read, SizeIs(1));
    EXPECT_EQ(read[0].content, "Um instante");
    EXPECT_EQ(read[0].operation, "op");
    EXPECT_EQ(read[0].calls.at(0).arguments, "{\"q\":\"ação\"}");
    EXPECT_THAT(read[0].results.value(),
                ElementsAre(result_is("SUCESSO: ok", ""), result_is("SUCESSO: 3", "cache")));
    const auto older = decode_journal({encode_asked(asked, "op"), R"({"results":["SUCESSO: ok"]})"});
    EXPECT_THAT(older.at(0).results.value(), ElementsAre(result_is("SUCESSO: ok", "")));
    EXPECT_THAT(decode_journal({"", "[]", "{\"results\":[1]}"}), IsEmpty());
}

} // namespace
} // namespace atende::test
