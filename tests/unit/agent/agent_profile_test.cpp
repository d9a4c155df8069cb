// What the agent makes of its profile: the context of a turn, variants of the prompt, a change while it runs.
#include "fakes.hpp"
#include "support/event_loop.hpp"

#include <gmock/gmock.h>

namespace atende::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class agent_profile_test : public ::testing::Test {
protected:
    std::shared_ptr<profile> shop = test_profile();
    std::shared_ptr<fake_model> brain = std::make_shared<fake_model>();

    agent make() { return {shop, brain, {}, "", 4'000, {}}; }
    static awaitable<thought> think(agent& mind, turn about) {
        co_return co_await mind.think(std::move(about));
    }
    [[nodiscard]] std::string context() const {
        const auto& messages = brain->requests.back().messages;
        return messages.at(messages.size() - 2).content;
    }
};

TEST_F(agent_profile_test, the_context_knows_the_turn) {
    shop->context = "{{channel}} {{contact}}{{#came_from}} de {{came_from}}{{/came_from}}"
                    "{{#lead_name}} lead {{lead_name}} {{lead_city}}{{/lead_name}} {{shop}}";
    brain->steps = {says("ok"), says("ok")};
    auto mind = make();
    run(think(mind, turn_saying({"oi"})));
    EXPECT_EQ(context(), "Instagram ana Loja A&B");

    auto about = turn_saying({"oi"});
    about.messages[0].came_from = referral{.ref = "bio", .ad_title = "Promo\nde maio"};
    const auto saved = [](std::string arguments, std::string result) {
        return tool_step{.round = 0,
                         .call_id = "c",
                         .name = "add_lead_to_nocodb",
                         .arguments = std::move(arguments),
                         .result = std::move(result)};
    };
    about.history = {
        entry(speaker::bot, "Anotei", {saved(R"({"name":"Ana","city":"Olinda"})", "SUCESSO: salvo")}),
        entry(speaker::bot, "Hm", {saved(R"({"name":"Bia"})", "ERRO: telefone")})};
    run(think(mind, std::move(about)));
    EXPECT_THAT(context(), HasSubstr("lead Ana Olinda"));
    EXPECT_THAT(context(), HasSubstr("de Promo"));
    EXPECT_THAT(context(), Not(HasSubstr("\n"))); // what others wrote stays on its line
}

TEST_F(agent_profile_test, a_context_that_comes_out_empty_is_left_out) {
    shop->context = "{{#lead_name}}{{lead_name}}{{/lead_name}}\n";
    brain->steps = {says("ok")};
    auto mind = make();
    run(think(mind, turn_saying({"oi"})));
    EXPECT_EQ(brain->requests.back().messages.size(), 2U);
}

TEST_F(agent_profile_test, a_contact_keeps_its_variant_and_the_turn_tells_it) {
    shop->name = "loja";
    shop->version = "0123456789ab";
    shop->agents.front().prompts = {{"a", 1, "Prompt A de {{shop}}"}, {"b", 1, "Prompt B"}};
    auto mind = make();
    std::map<std::string, int> met;
    for (int contact = 0; contact < 20; ++contact) {
        std::string first;
        for (int turns = 0; turns < 2; ++turns) {
            brain->steps = {says("ok")};
            auto about = turn_saying({"oi"});
            about.conversation.contact = contact_id(std::to_string(contact));
            const auto got = run(think(mind, std::move(about)));
            const auto& prompt = brain->requests.back().messages.front().content;
            EXPECT_EQ(prompt, got.variant == "a" ? "Prompt A de Loja A&B" : "Prompt B");
            EXPECT_EQ(got.profile, "loja@0123456789ab");
            if (turns > 0) EXPECT_EQ(got.variant, first);
            first = got.variant;
        }
        ++met[first];
    }
    EXPECT_EQ(met.size(), 2U);
}

TEST_F(agent_profile_test, a_turn_ends_with_the_profile_it_began_with) {
    shop->name = "antes";
    auto mind = make();
    auto next = test_profile();
    next->name = "depois";
    next->texts.fallback = "Novo.";
    auto other = std::make_shared<fake_model>();
    // The profile changes while the model thinks.
    struct changing final : model {
        std::function<void()> change;
        std::string called = "changing";
        [[nodiscard]] const std::string& name() const override { return called; }
        awaitable<result<model_answer>> complete(const model_request&) override {
            change();
            co_return says(""); // the fallback speaks
        }
    };
    auto slow = std::make_shared<changing>();
    slow->change = [&] { mind.change(next, other, {}); };
    mind.change(shop, slow, {});
    const auto first = run(think(mind, turn_saying({"oi"})));
    EXPECT_EQ(first.text, "Chame a Loja A&B.");
    EXPECT_EQ(first.profile, "antes@");

    other->steps = {says("")};
    const auto second = run(think(mind, turn_saying({"oi"})));
    EXPECT_EQ(second.text, "Novo.");
    EXPECT_EQ(second.profile, "depois@");
}

} // namespace
} // namespace atende::test
