// The demo: conversations with the real profile and the offline model, through the real loop.
#include "fakes.hpp"
#include "support/event_loop.hpp"
#include "support/test_paths.hpp"

#include <gmock/gmock.h>

#include <atende/agent/script_model.hpp>

namespace atende::test {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class MotorcycleDealerTest : public ::testing::Test {
protected:
    std::shared_ptr<const profile> shop = load();
    std::shared_ptr<fake_tool> save = std::make_shared<fake_tool>("add_lead_to_nocodb");
    std::vector<history_entry> history;

    MotorcycleDealerTest() {
        save->effect = true;
        save->schema = {{"type", "object"},
                        {"properties",
                         {{"name", {{"type", "string"}}},
                          {"phone", {{"type", "string"}}},
                          {"interest", {{"type", "string"}}},
                          {"city", {{"type", "string"}}}}},
                        {"required", {"name", "phone"}},
                        {"additionalProperties", false}};
    }

    static std::shared_ptr<const profile> load() {
        auto got = load_profile(std::string(test::source_folder) + "/profiles/motorcycle-dealer");
        if (!got) throw std::runtime_error(got.error().detail);
        return std::make_shared<const profile>(std::move(*got));
    }

    // What the shop answers to messages written in one go; remembered for what follows.
    std::string answer_burst(std::vector<std::string> texts) {
        auto about = turn_saying(texts);
        about.history = history;
        const agent mind(shop, make_script_model(shop, ""), {save}, "", 4'000, {});
        auto got = run(start(mind, std::move(about)));
        EXPECT_EQ(got.what, thought::outcome::reply);
        EXPECT_FALSE(got.text.empty());
        EXPECT_LT(got.text.size(), 1'000U);
        EXPECT_THAT(got.text, Not(HasSubstr("{{")));
        for (auto& text : texts) history.push_back(entry(speaker::customer, std::move(text)));
        history.push_back(entry(speaker::bot, got.text, got.steps));
        return got.text;
    }
    std::string answer(std::string text) { return answer_burst({std::move(text)}); }

    static awaitable<thought> start(agent mind, turn about) {
        co_return co_await mind.think(std::move(about));
    }
};

TEST_F(MotorcycleDealerTest, ABurstGetsOneAnswerAndSavesTheLead) {
    const auto said = answer_burst({"oi", "tem a XY 150?", "João da Silva", "81 99999-1234"});
    ASSERT_THAT(save->called, SizeIs(1));
    EXPECT_EQ(save->called[0],
              json({{"name", "João da Silva"}, {"phone", "81 99999-1234"}, {"interest", "XY 150"}}));
    EXPECT_THAT(said, AllOf(HasSubstr("assistente virtual"), HasSubstr("João da Silva"), HasSubstr("XY 150"),
                            HasSubstr("WhatsApp 81 99999-1234")));
}

TEST_F(MotorcycleDealerTest, ALeadIsSavedWhateverElseTheBurstSays) {
    const auto said =
        answer_burst({"quero falar com um atendente", "joao da silva", "81999991234", "obrigado"});
    ASSERT_THAT(save->called, SizeIs(1));
    EXPECT_EQ(save->called[0], json({{"name", "joao da silva"}, {"phone", "81999991234"}}));
    EXPECT_THAT(said, HasSubstr("wa.me/"));
}

TEST_F(MotorcycleDealerTest, StepByStep) {
    EXPECT_THAT(answer("oi"),
                AllOf(HasSubstr("Lia"), HasSubstr("assistente virtual"), HasSubstr("Qual moto")));
    EXPECT_THAT(answer("tem a xy150?"), AllOf(HasSubstr("XY 150"), HasSubstr("nome e telefone")));
    EXPECT_THAT(answer("joão da silva"), AllOf(HasSubstr("joão da silva"), HasSubstr("DDD")));
    EXPECT_THAT(save->called, IsEmpty());
    EXPECT_THAT(answer("(81) 9 9999-1234"), AllOf(HasSubstr("vendedor vai te chamar"), HasSubstr("XY 150")));
    ASSERT_THAT(save->called, SizeIs(1));
    EXPECT_EQ(save->called[0]["name"], "joão da silva");
    EXPECT_EQ(save->called[0]["phone"], "(81) 9 9999-1234");
    EXPECT_EQ(save->called[0]["interest"], "XY 150");
    EXPECT_THAT(answer("obrigado!"), AllOf(HasSubstr("agradeço"), HasSubstr("joão")));
    EXPECT_THAT(answer("e o capacete?"), HasSubstr("vendedor"));
    EXPECT_THAT(save->called, SizeIs(1));
}

TEST_F(MotorcycleDealerTest, PhoneFirstThenName) {
    answer("quanto custa a jet?");
    EXPECT_THAT(answer("81999991234"), HasSubstr("qual é o seu nome"));
    answer("Maria");
    ASSERT_THAT(save->called, SizeIs(1));
    EXPECT_EQ(save->called[0], json({{"name", "Maria"}, {"phone", "81999991234"}, {"interest", "Jet 125"}}));
}

TEST_F(MotorcycleDealerTest, NameAndPhoneInOneLine) {
    answer("bom dia");
    answer("me chamo Ana Souza e moro em Olinda");
    answer("meu zap é 81 98888-7777");
    ASSERT_THAT(save->called, SizeIs(1));
    EXPECT_EQ(save->called[0]["name"], "Ana Souza");
    EXPECT_EQ(save->called[0]["city"], "Olinda");

    history.clear();
    answer_burst({"Carlos Lima, 81 97777-6666", "quero uma moto elétrica"});
    ASSERT_THAT(save->called, SizeIs(2));
    EXPECT_EQ(save->called[1],
              json({{"name", "Carlos Lima"}, {"phone", "81 97777-6666"}, {"interest", "elétrica SE1"}}));
}

TEST_F(MotorcycleDealerTest, QuestionsAreNotNames) {
    answer("tem a XY 150?"); // asks for name and phone
    for (const auto* text :
         {"Qual o preço", "Bom Dia", "vocês financiam", "Sim", "Tem Na Cor Azul", "onde fica a loja"}) {
        EXPECT_THAT(answer(text), Not(HasSubstr("Prazer"))) << text;
    }
    EXPECT_THAT(save->called, IsEmpty());
}

TEST_F(MotorcycleDealerTest, NeverQuotesAPrice) {
    for (const auto* text :
         {"qual o valor da shi 175?", "quanto custa?", "faz financiamento?", "tem desconto?"}) {
        EXPECT_THAT(answer(text), AllOf(HasSubstr("vendedor"), Not(HasSubstr("R$")))) << text;
    }
}

TEST_F(MotorcycleDealerTest, HandsOverToAPersonWhenAsked) {
    EXPECT_THAT(answer("quero falar com um atendente"), AllOf(HasSubstr("wa.me/"), HasSubstr("equipe")));
    EXPECT_THAT(answer("você é um robô?"), HasSubstr("assistente virtual"));
}

TEST_F(MotorcycleDealerTest, HelpsWhateverComes) {
    EXPECT_THAT(answer("asdfgh"), HasSubstr("O que você procura?"));
    EXPECT_THAT(answer("onde vocês ficam?"), HasSubstr("Av. Norte"));
    EXPECT_THAT(answer("preciso de uma revisão"), HasSubstr("wa.me/"));
    EXPECT_THAT(answer("quais modelos vocês têm?"), HasSubstr("Storm 200"));
    EXPECT_THAT(answer("tchau"), HasSubstr("agradeço"));
}

TEST_F(MotorcycleDealerTest, AsksAgainWhenTheLeadIsRefused) {
    save->act = [](json) -> awaitable<std::string> { co_return "ERRO: phone: esperado um telefone com DDD"; };
    EXPECT_THAT(answer_burst({"João da Silva", "81 99999-1234"}),
                AllOf(HasSubstr("confirmar"), HasSubstr("DDD")));
    EXPECT_THAT(save->called, SizeIs(1));
    save->act = nullptr;
    EXPECT_THAT(answer("(81) 98888-7777"), HasSubstr("Prontinho, João da Silva"));
    EXPECT_EQ(save->called.at(1)["phone"], "(81) 98888-7777");
}

TEST_F(MotorcycleDealerTest, ACorrectionIsSavedToo) {
    answer_burst({"oi, quero a Phoenix", "me chamo Rita", "81 99999-1234"});
    answer("errei, é 81 98888-7777");
    ASSERT_THAT(save->called, SizeIs(2));
    EXPECT_EQ(save->called[1]["phone"], "81 98888-7777");
    EXPECT_EQ(save->called[1]["name"], "Rita");
}

TEST_F(MotorcycleDealerTest, SaysTheSameTwice) {
    const auto once = answer_burst({"oi", "tem a XY 150?"});
    history.clear();
    EXPECT_EQ(answer_burst({"oi", "tem a XY 150?"}), once);
}

TEST_F(MotorcycleDealerTest, WithoutTheToolItStillAnswers) {
    auto about = turn_saying({"João da Silva", "81 99999-1234"});
    const agent mind(shop, make_script_model(shop, "Bia"), {}, "Bia", 4'000, {});
    EXPECT_THAT(run(start(mind, about)).text, HasSubstr("Bia"));
}

TEST_F(MotorcycleDealerTest, ThePromptIsCompleteAndBounded) {
    const auto brain = std::make_shared<fake_model>();
    brain->steps = {says("ok")};
    const agent mind(shop, brain, {save}, "Bia", 4'000, {});
    run(start(mind, turn_saying({"oi"})));
    const auto& prompt = brain->requests.at(0).messages.at(0).content;
    EXPECT_THAT(prompt, AllOf(HasSubstr("Você é Bia"), HasSubstr("Moto Norte Shineray"),
                              HasSubstr("add_lead_to_nocodb"), Not(HasSubstr("{{"))));
}

} // namespace
} // namespace atende::test
