// What the agent makes of what the shop wrote down: quotations for the model, and answers without it.
#include "fakes.hpp"
#include "support/event_loop.hpp"
#include "support/scratch_folder.hpp"

#include <gmock/gmock.h>

#include <atende/agent/knowledge.hpp>
#include <fstream>

namespace atende::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

class AgentKnowledge : public ::testing::Test {
protected:
    std::shared_ptr<profile> shop = test_profile();
    std::shared_ptr<fake_model> brain = std::make_shared<fake_model>();
    std::shared_ptr<fake_tool> save = std::make_shared<fake_tool>("save");
    std::vector<progress> seen;
    scratch_folder files;
    std::unique_ptr<knowledge_base> knowledge;
    static inline asio::io_context idle{1}; // for tasks that these tests do not start

    AgentKnowledge() { save->effect = true; }

    void know(const std::string& name, std::string_view text, std::size_t whole_up_to) {
        std::ofstream(files.path() / name) << text;
        knowledge_settings settings{.folders = {{.path = files.path()}}, .options = {}, .embeddings = {}};
        settings.options.whole_up_to = whole_up_to;
        knowledge = std::make_unique<knowledge_base>(idle.get_executor(), nullptr, settings);
        ASSERT_TRUE(knowledge->load());
    }

    thought think(turn about) {
        const agent mind(shop, brain, {save}, "", 4'000,
                         [this](const progress& each) { seen.push_back(each); }, {.base = knowledge.get()});
        return run(start(mind, std::move(about)));
    }
    thought think(std::string text) { return think(turn_saying({std::move(text)})); }
    static awaitable<thought> start(agent mind, turn about) {
        co_return co_await mind.think(std::move(about));
    }

    [[nodiscard]] const std::vector<chat_message>& last_messages() const {
        return brain->requests.back().messages;
    }
};

TEST_F(AgentKnowledge, WhatIsFoundStandsInTheTurnsContext) {
    shop->context = "Agora: {{time}}.";
    know("precos.md", "# XY 150\nR$ 12.990\n# Jet 125\nR$ 9.990\n", 0);
    brain->steps = {says("ok"), says("ok")};
    auto about = turn_saying({"quanto custa a xy150?"});
    about.history = {entry(speaker::customer, "oi"), entry(speaker::bot, "Olá!")};
    const auto got = think(std::move(about));
    ASSERT_THAT(last_messages(), SizeIs(5));
    const auto& context = last_messages()[3];
    EXPECT_EQ(context.role, chat_role::system);
    EXPECT_THAT(context.content, StartsWith("Agora: "));
    EXPECT_THAT(context.content, HasSubstr("R$ 12.990"));
    ASSERT_FALSE(got.sources.empty());
    EXPECT_EQ(got.sources[0].first_line, 2);
    ASSERT_THAT(seen, SizeIs(3));
    EXPECT_EQ(seen[2].what, stage::knowledge);
    EXPECT_EQ(nlohmann::json::parse(seen[2].detail)["sources"][0]["last_line"], 2);

    EXPECT_THAT(think("geladeira").sources, IsEmpty());
    EXPECT_THAT(last_messages()[1].content, testing::Not(HasSubstr("trecho")));
}

TEST_F(AgentKnowledge, WhatTheCustomerSpokeOfJustBeforeSaysWhatIsMeantNow) {
    know("precos.md", "# XY 150\nR$ 12.990\n# Jet 125\nR$ 9.990\n", 0);
    brain->steps = {says("ok"), says("ok")};
    auto about = turn_saying({"e quanto custa?"});
    about.history = {entry(speaker::customer, "tem a jet 125?"), entry(speaker::bot, "Temos sim!")};
    EXPECT_EQ(think(about).sources.at(0).first_line, 4);
    about.history.insert(about.history.end(),
                         {entry(speaker::customer, "e a xy150?"), entry(speaker::bot, "Também!")});
    EXPECT_EQ(think(about).sources.at(0).first_line, 2) << "not what came before that";
}

TEST_F(AgentKnowledge, ALittleKnowledgeFollowsThePromptForEveryTurn) {
    know("loja.txt", "Frete grátis.", 1'000);
    brain->steps = {says("ok"), says("ok")};
    EXPECT_THAT(think("oi").sources, ElementsAre(knowledge_source{.file = "*"}));
    const auto first = last_messages();
    think("tem frete?");
    ASSERT_THAT(last_messages(), SizeIs(3));
    EXPECT_EQ(last_messages()[1].role, chat_role::system);
    EXPECT_THAT(last_messages()[1].content, HasSubstr("Frete grátis."));
    EXPECT_EQ(last_messages()[1].content, first[1].content);
}

TEST_F(AgentKnowledge, KnowledgeStaysWhenThePastIsTooLongForTheModel) {
    know("loja.txt", "Frete grátis.", 1'000);
    brain->steps = {fail(errc::too_large, "HTTP 413"), says("Sim!")};
    auto about = turn_saying({"e hoje?"});
    about.history = {entry(speaker::customer, "oi"), entry(speaker::bot, "Olá!")};
    EXPECT_EQ(think(about).text, "Sim!");
    ASSERT_THAT(last_messages(), SizeIs(3));
    EXPECT_THAT(last_messages()[1].content, HasSubstr("Frete grátis."));
    EXPECT_EQ(last_messages()[2].content, "e hoje?");
}

TEST_F(AgentKnowledge, AFixedQuestionNeedsNoModel) {
    know("faq.yaml", "faq:\n  - questions: Tem Pix?\n    answer: Temos!\n", 0);
    const auto got = think("tem PIX");
    EXPECT_EQ(got.text, "Temos!");
    EXPECT_EQ(got.what, thought::outcome::reply);
    EXPECT_THAT(brain->requests, IsEmpty());
    ASSERT_THAT(got.sources, SizeIs(1));
    EXPECT_EQ(got.sources[0].first_line, 2);
    ASSERT_THAT(seen, SizeIs(2));
    EXPECT_EQ(seen[0].what, stage::agent_switch);
    EXPECT_EQ(seen[1].what, stage::knowledge);

    auto aloud = turn_saying({""});
    aloud.messages[0].attachments = {
        {.kind = attachment_kind::audio, .sound = hearing::heard, .words = "Tem Pix?"}};
    EXPECT_EQ(think(std::move(aloud)).text, "Temos!");
    EXPECT_THAT(brain->requests, IsEmpty());

    auto with_picture = turn_saying({"tem pix?"});
    with_picture.messages[0].attachments = {{.kind = attachment_kind::image}};
    brain->steps = {says("Vi a foto.")};
    EXPECT_EQ(think(std::move(with_picture)).text, "Vi a foto.");
}

TEST_F(AgentKnowledge, ATurnNamesTheKnowledgeItWasTold) {
    shop->name = "loja";
    shop->version = "0123456789ab";
    brain->steps = {says("ok")};
    EXPECT_EQ(think("oi").profile, "loja@0123456789ab") << "there is none";

    know("loja.txt", "Frete grátis.", 1'000);
    const auto told = knowledge->version();
    save->act = [this](const nlohmann::json&) -> awaitable<std::string> {
        std::ofstream(files.path() / "loja.txt") << "Frete pago.";
        EXPECT_TRUE(knowledge->load()); // while the turn is being thought
        co_return "SUCESSO: ok";
    };
    brain->steps = {calls({{.id = "c1", .name = "save", .arguments = R"({"q":"a"})"}}), says("ok"),
                    says("ok")};
    EXPECT_EQ(think("salva?").profile, "loja@0123456789ab+" + told);
    ASSERT_NE(knowledge->version(), told);
    EXPECT_EQ(think("e o frete?").profile, "loja@0123456789ab+" + knowledge->version());
}

TEST_F(AgentKnowledge, AFixedAnswerNamesTheKnowledgeItIsOf) {
    shop->name = "loja";
    know("faq.yaml", "faq:\n  - questions: Tem Pix?\n    answer: Temos!\n", 0);
    EXPECT_EQ(think("tem pix").profile, "loja@+" + knowledge->version());
}

TEST_F(AgentKnowledge, WhatWasBegunIsNotAnsweredOtherwise) {
    know("faq.yaml", "faq:\n  - questions: Salva?\n    answer: Não sei.\n", 0);
    auto resumed = turn_saying({"salva?"});
    resumed.journal = {R"({"content":"","calls":[["c1","save","{\"q\":\"a\"}"]]})",
                       R"({"results":["SUCESSO: salvo"]})"};
    brain->steps = {says("Salvei!")};
    EXPECT_EQ(think(std::move(resumed)).text, "Salvei!");
}

} // namespace
} // namespace atende::test
