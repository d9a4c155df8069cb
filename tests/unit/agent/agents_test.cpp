// Several agents in one profile, and the way to a person.
#include "agent/profile/script.hpp"
#include "fakes.hpp"
#include "support/event_loop.hpp"

#include <gmock/gmock.h>

#include <atende/agent/built_in_tools.hpp>
#include <atende/agent/script_model.hpp>
#include <atende/platform/unix_time.hpp>

namespace atende::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

class agents_test : public ::testing::Test {
protected:
    std::shared_ptr<profile> shop = test_profile();
    std::shared_ptr<fake_model> brain = std::make_shared<fake_model>();
    std::shared_ptr<fake_tool> look = std::make_shared<fake_tool>("look_up");
    std::shared_ptr<fake_tool> ticket = std::make_shared<fake_tool>("ticket");
    std::vector<std::string> spoke; // as those who follow are told
    std::vector<std::string> stored;

    void have_two() {
        shop->agents = {{.id = "vendas",
                         .name = "Lia",
                         .about = "preços e modelos",
                         .prompts = {{.name = {}, .weight = 1, .prompt = "Vendas: {{agent_name}}"}},
                         .tools = std::vector<std::string>{"look_up"}},
                        {.id = "suporte",
                         .name = "Rui",
                         .about = "garantia",
                         .prompts = {{.name = {}, .weight = 1, .prompt = "Suporte: {{agent_name}}"}},
                         .tools = {}}};
    }

    thought think(turn about) {
        const agent mind(shop, brain,
                         {look, ticket, make_hand_over_tool(), make_agent_transfer_tool(shop->agents, "")},
                         "", 4'000, [this](const progress& each) {
                             if (each.what == stage::agent_switch) spoke.push_back(each.detail);
                         });
        return run(start(mind, std::move(about)));
    }
    awaitable<thought> start(agent mind, turn about) {
        co_return co_await mind.think(std::move(about), [this](std::string entry, bool) -> awaitable<bool> {
            stored.push_back(std::move(entry));
            co_return true;
        });
    }
    static turn saying(std::string text, std::vector<history_entry> history = {}) {
        auto made = turn_saying({std::move(text)});
        made.history = std::move(history);
        return made;
    }
    static model_answer transfers_to(const std::string& id) {
        return calls({{"c1", "transfer_to_agent", R"({"agente":")" + id + "\"}"}});
    }
    std::string prompt(std::size_t request) const {
        return brain->requests.at(request).messages.front().content;
    }
    std::vector<std::vector<std::string>> offered; // by request
};

// The names in a request are gone with the agent; they are read while it is there.
class noting_model final : public model {
public:
    noting_model(std::shared_ptr<fake_model> inner, std::vector<std::vector<std::string>>& into)
        : inner_(std::move(inner)),
          into_(into) {}
    [[nodiscard]] const std::string& name() const override { return inner_->name(); }
    awaitable<result<model_answer>> complete(const model_request& request) override {
        auto& names = into_.emplace_back();
        for (const auto& each : *request.tools) names.push_back(each.name);
        return inner_->complete(request);
    }

private:
    std::shared_ptr<fake_model> inner_;
    std::vector<std::vector<std::string>>& into_;
};

TEST_F(agents_test, the_other_one_goes_on_in_the_same_turn_with_its_own_prompt_and_tools) {
    have_two();
    brain->steps = {transfers_to("suporte"), says("Sou o Rui. Qual o defeito?")};
    const agent mind(shop, std::make_shared<noting_model>(brain, offered),
                     {look, ticket, make_agent_transfer_tool(shop->agents, "")}, "", 4'000,
                     [this](const progress& each) {
                         if (each.what == stage::agent_switch) spoke.push_back(each.detail);
                     });
    const auto got = run(start(mind, saying("minha moto quebrou")));
    EXPECT_EQ(got.text, "Sou o Rui. Qual o defeito?");
    EXPECT_EQ(got.agent, "suporte");
    EXPECT_FALSE(got.hand_over);
    EXPECT_EQ(prompt(0), "Vendas: Lia");
    EXPECT_EQ(prompt(1), "Suporte: Rui");
    EXPECT_THAT(offered, ElementsAre(ElementsAre("look_up", "transfer_to_agent"),
                                     ElementsAre("look_up", "ticket", "transfer_to_agent")));
    EXPECT_THAT(spoke, ElementsAre("Lia", "Rui"));
}

TEST_F(agents_test, who_spoke_last_answers_the_next_turn) {
    have_two();
    auto before = entry(speaker::bot, "Qual o defeito?");
    before.agent = "suporte";
    brain->steps = {says("Entendi.")};
    const auto got = think(saying("não liga", {before, entry(speaker::person, "já vejo")}));
    EXPECT_EQ(prompt(0), "Suporte: Rui");
    EXPECT_EQ(got.agent, "suporte");
    before.agent = "financeiro"; // one that the profile had
    brain->steps = {says("Oi.")};
    EXPECT_EQ(think(saying("não liga", {before})).agent, "vendas");
}

TEST_F(agents_test, a_turn_that_is_taken_up_again_is_still_the_others) {
    have_two();
    brain->steps = {transfers_to("suporte"), says("Sou o Rui.")};
    think(saying("quebrou"));
    auto again = saying("quebrou");
    again.journal = stored;
    brain->steps = {says("Sou o Rui.")};
    const auto got = think(std::move(again));
    EXPECT_EQ(got.agent, "suporte");
    EXPECT_EQ(brain->requests.back().messages.front().content, "Suporte: Rui");
}

TEST_F(agents_test, nobody_is_there_to_be_transferred_to_but_the_profiles_own) {
    have_two();
    brain->steps = {transfers_to("chefe"), says("Vendas mesmo.")};
    const auto got = think(saying("quero o chefe"));
    EXPECT_EQ(got.agent, "vendas");
    EXPECT_THAT(got.steps.at(0).result, StartsWith("ERRO:"));
    EXPECT_THAT(spoke, ElementsAre("Lia"));
}

TEST_F(agents_test, a_turn_counts_for_the_variant_it_met_whoever_ends_it) {
    have_two();
    shop->agents.front().prompts.front().name = "curta";
    brain->steps = {transfers_to("suporte"), says("Sou o Rui.")};
    const auto passed_on = think(saying("quero a XY 150, e a minha quebrou"));
    EXPECT_EQ(passed_on.agent, "suporte");
    EXPECT_EQ(passed_on.variant, "curta");

    auto before = entry(speaker::bot, "Qual o defeito?");
    before.agent = "suporte";
    brain->steps = {says("Entendi.")};
    EXPECT_EQ(think(saying("não liga", {before})).variant, "") << "it met none";
    brain->steps = {transfers_to("vendas"), says("Oi de novo!")};
    EXPECT_EQ(think(saying("quero outra", {before})).variant, "curta");
}

TEST_F(agents_test, the_others_know_the_first_by_the_name_it_goes_by) {
    have_two();
    const auto told = make_agent_transfer_tool(shop->agents, "Bia")->description();
    EXPECT_THAT(told, HasSubstr("vendas: preços e modelos (Bia)"));
    EXPECT_THAT(told, HasSubstr("suporte: garantia (Rui)"));
    EXPECT_THAT(told, Not(HasSubstr("Lia")));
    EXPECT_THAT(make_agent_transfer_tool(shop->agents, "")->description(), HasSubstr("(Lia)"));
}

TEST_F(agents_test, offline_too_the_first_goes_by_the_name_it_was_given) {
    have_two();
    offline_script script;
    script.rules.emplace_back().answer = "Aqui é {{agent_name}}.";
    shop->script = std::make_shared<const offline_script>(std::move(script));
    const auto answer = [this](const std::string& name, std::vector<history_entry> history = {}) {
        const agent mind(shop, make_script_model(shop, name), {}, name, 4'000, {});
        return run(start(mind, saying("oi", std::move(history)))).text;
    };
    EXPECT_EQ(answer("Bia"), "Aqui é Bia.");
    EXPECT_EQ(answer(""), "Aqui é Lia.");
    auto before = entry(speaker::bot, "Qual o defeito?");
    before.agent = "suporte";
    EXPECT_EQ(answer("Bia", {before}), "Aqui é Rui.");
}

TEST_F(agents_test, the_model_calls_a_person) {
    brain->steps = {calls({{"c1", "transfer_to_human", R"({"motivo":"pediu"})"}}), says("Já chamei alguém!")};
    const auto got = think(saying("isso é um absurdo"));
    EXPECT_TRUE(got.hand_over);
    EXPECT_TRUE(got.had_effect) << "newer words do not undo it";
    EXPECT_EQ(got.text, "Já chamei alguém!");

    brain->steps = {calls({{"c1", "transfer_to_human", "{}"}}), says("Posso ajudar?")};
    EXPECT_FALSE(think(saying("oi")).hand_over) << "a call with wrong arguments is none";
}

TEST_F(agents_test, the_shops_words_call_a_person_without_the_model) {
    shop->hand_over.words = {"falar com atendente", "humano"};
    shop->texts.hand_over = "Vou chamar alguém da {{shop}}.";
    const auto got = think(saying("Quero FALAR  com atendente!!"));
    EXPECT_TRUE(got.hand_over);
    EXPECT_EQ(got.text, "Vou chamar alguém da Loja A&B.");
    EXPECT_THAT(brain->requests, IsEmpty());

    brain->steps = {says("Sim.")};
    EXPECT_FALSE(think(saying("vocês vendem humanoides?")).hand_over) << "whole words only";
}

TEST_F(agents_test, who_calls_a_person_hears_of_a_voice_note_that_was_not_understood) {
    shop->hand_over.words = {"atendente"};
    shop->texts.hand_over = "Vou chamar alguém.";
    shop->texts.audio_not_understood = "Não entendi o áudio.";
    auto about = saying("quero um atendente");
    about.messages[0].attachments = {{.kind = attachment_kind::audio, .sound = hearing::not_understood}};
    const auto got = think(std::move(about));
    EXPECT_TRUE(got.hand_over);
    EXPECT_EQ(got.text, "Vou chamar alguém.\n\nNão entendi o áudio.");
}

TEST_F(agents_test, words_that_are_not_the_customers_call_nobody) {
    shop->hand_over.words = {"atendimento humano"};
    shop->texts.hand_over = "Vou chamar alguém.";
    const auto calls_somebody = [this](turn about) {
        brain->steps = {says("Claro.")};
        return think(std::move(about)).hand_over;
    };
    auto by_ad = saying("quanto custa a consulta?");
    by_ad.messages[0].came_from = referral{.ad_id = "1", .ad_title = "Atendimento humano e acolhedor"};
    EXPECT_FALSE(calls_somebody(std::move(by_ad)));

    auto post = saying("tem esse?");
    post.messages[0].attachments = {
        {.kind = attachment_kind::shared_post, .title = "Atendimento humano é aqui"}};
    EXPECT_FALSE(calls_somebody(std::move(post)));

    auto asked = entry(speaker::customer, "quero atendimento humano");
    asked.ids = {message_id("m1")};
    auto reply = saying("deixa, já resolvi", {asked, entry(speaker::bot, "Chamei.")});
    reply.messages[0].reply_to = message_id("m1");
    EXPECT_FALSE(calls_somebody(std::move(reply)));

    auto aloud = saying("");
    aloud.messages[0].attachments = {{.kind = attachment_kind::audio,
                                      .sound = hearing::heard,
                                      .words = "quero atendimento humano, por favor"}};
    EXPECT_TRUE(calls_somebody(std::move(aloud)));
    auto tapped = saying("Outro assunto");
    tapped.messages[0].quick_reply_payload = "ATENDIMENTO_HUMANO";
    EXPECT_TRUE(calls_somebody(std::move(tapped)));
}

class history_tool_test : public ::testing::Test {
protected:
    std::vector<history_entry> history;
    bool away = false;

    std::string ask() {
        const auto made = make_history_tool(
            [this](conversation_id) -> awaitable<result<std::vector<history_entry>>> {
                if (away) co_return fail(errc::unavailable, "Redis is away");
                co_return history;
            },
            "America/Recife");
        return run(made->call(nlohmann::json::object(), {}));
    }
    void said(int days_ago, speaker who, std::string text, std::vector<tool_step> steps = {}) {
        auto made = entry(who, std::move(text), std::move(steps));
        made.at_ms = unix_ms_now() - days_ago * 86'400'000LL;
        history.push_back(std::move(made));
    }
};

TEST_F(history_tool_test, tells_earlier_days_and_what_was_done) {
    EXPECT_THAT(ask(), StartsWith("SUCESSO: cliente novo"));
    said(9, speaker::customer, "quero um óculos de sol");
    said(9, speaker::bot, "Temos!",
         {{.round = 0,
           .call_id = "a",
           .name = "consultar_pedido",
           .arguments = "{}",
           .result = "SUCESSO: enviado"},
          {.round = 0, .call_id = "b", .name = "criar_ticket", .arguments = "{}", .result = "ERRO: fora"}});
    said(2, speaker::person, "Aqui é a Bia");
    said(0, speaker::customer, "oi de novo");
    const auto told = ask();
    EXPECT_THAT(told,
                HasSubstr("- cliente: quero um óculos de sol\n- você: Temos!\n- (consultar_pedido: SUCESSO: "
                          "enviado)\nEm "));
    EXPECT_THAT(told, HasSubstr("- atendente: Aqui é a Bia"));
    EXPECT_THAT(told, Not(HasSubstr("criar_ticket")));
    EXPECT_THAT(told, Not(HasSubstr("oi de novo"))) << "the model has it before it";
}

TEST_F(history_tool_test, tells_the_last_five_days_and_ten_lines_of_each) {
    for (int day = 7; day > 0; --day) {
        for (int line = 0; line < 12; ++line)
            said(day, speaker::customer, "dia " + std::to_string(day) + " linha " + std::to_string(line));
    }
    const auto told = ask();
    EXPECT_THAT(told, Not(HasSubstr("dia 6")));
    EXPECT_THAT(told, HasSubstr("dia 5 linha 11"));
    EXPECT_THAT(told, Not(HasSubstr("dia 5 linha 1\n")));
    EXPECT_EQ(std::ranges::count(told, '\n'), 5 * 11);
}

TEST_F(history_tool_test, says_when_it_cannot_be_read) {
    away = true;
    EXPECT_THAT(ask(), StartsWith("ERRO:"));
}

} // namespace
} // namespace atende::test
