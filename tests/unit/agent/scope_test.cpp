// Whether a turn is the shop's business, and what voice notes nobody heard do to an answer.
#include "fakes.hpp"
#include "support/event_loop.hpp"

#include <gmock/gmock.h>

#include <atende/platform/unix_time.hpp>

namespace atende::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

class ScopeTest : public ::testing::Test {
protected:
    std::shared_ptr<profile> shop = test_profile();
    std::shared_ptr<fake_model> brain = std::make_shared<fake_model>();
    bool matters = true;
    std::chrono::milliseconds patience = std::chrono::seconds(5);

    ScopeTest() {
        shop->scope.about = "{{shop}}: motos.";
        shop->texts.out_of_scope = "Isso não é com a {{shop}}.";
        shop->texts.audio_not_understood = "Me escreve?";
        shop->texts.audio_too_long = "Comprido demais.";
    }

    thought think(turn about) {
        const agent_scope scope{.matters = [this](const auto&) { return matters; }, .patience = patience};
        const agent mind(shop, brain, {}, "", 4'000, {}, {}, scope);
        return run(start(mind, std::move(about)));
    }
    thought think(std::string text) { return think(turn_saying({std::move(text)})); }
    static awaitable<thought> start(agent mind, turn about) {
        co_return co_await mind.think(std::move(about));
    }

    static heard_message voice(hearing sound, std::string words = {}) {
        heard_message message;
        message.attachments = {{.kind = attachment_kind::audio,
                                .platform_type = "audio",
                                .sound = sound,
                                .words = std::move(words)}};
        return message;
    }
    static turn turn_of(std::vector<heard_message> messages) {
        auto made = turn_saying({});
        made.messages = std::move(messages);
        return made;
    }
};

TEST_F(ScopeTest, OutGetsTheShopsWordsAndNothingElseIsThought) {
    brain->steps = {says(R"({"scope":"out"})")};
    const auto got = think("me faz uma redação?");
    EXPECT_EQ(got.text, "Isso não é com a Loja A&B.");
    EXPECT_EQ(got.scope, scope_verdict::out);
    EXPECT_EQ(got.usage.prompt, 10);
    ASSERT_THAT(brain->requests, SizeIs(1));
    EXPECT_NE(brain->requests[0].answer_as, nullptr);
    EXPECT_THAT(brain->requests[0].messages.at(0).content, HasSubstr("Loja A&B: motos."));
    EXPECT_THAT(brain->requests[0].messages.at(1).content, HasSubstr("me faz uma redação?"));
}

TEST_F(ScopeTest, InIsAnsweredAndBothAreCounted) {
    brain->steps = {says(R"({"scope":"in"})"), says("Temos!")};
    const auto got = think("tem moto?");
    EXPECT_EQ(got.text, "Temos!");
    EXPECT_EQ(got.scope, scope_verdict::in);
    EXPECT_EQ(got.usage.prompt, 20);
}

TEST_F(ScopeTest, InDoubtTheShopAnswers) {
    for (auto& odd : std::vector<result<model_answer>>{
             says("out"), says(R"(["out"])"), says(R"({"scope":"perhaps"})"), says(R"({"scope":7})"),
             fail(errc::unavailable, "away"), fail(errc::rejected, "no schemas here")}) {
        brain->steps = {std::move(odd), says("Claro.")};
        const auto got = think("e aí?");
        EXPECT_EQ(got.text, "Claro.");
        EXPECT_EQ(got.scope, scope_verdict::in);
    }
}

TEST_F(ScopeTest, AModelThatDoesNotSayInTimeCostsNobodyTheirAnswer) {
    patience = std::chrono::milliseconds(50);
    brain->hangs = 1;
    brain->steps = {says("Claro.")};
    const auto got = think("e aí?");
    EXPECT_EQ(got.text, "Claro.");
    EXPECT_EQ(got.scope, scope_verdict::in);
    EXPECT_THAT(brain->requests, SizeIs(2));
}

TEST_F(ScopeTest, IsAskedOnlyWhereItMatters) {
    matters = false;
    brain->steps = {says("Oi!")};
    EXPECT_EQ(think("oi").scope, scope_verdict::unknown);

    shop->scope.ask = scope_options::when::always;
    brain->steps = {says(R"({"scope":"in"})"), says("Oi!")};
    EXPECT_EQ(think("oi").scope, scope_verdict::in);

    matters = true;
    shop->scope.ask = scope_options::when::never;
    brain->steps = {says("Oi!")};
    EXPECT_EQ(think("oi").scope, scope_verdict::unknown);

    shop->scope = {};
    brain->steps = {says("Oi!")};
    EXPECT_EQ(think("oi").scope, scope_verdict::unknown) << "there is nothing to judge by";
}

TEST_F(ScopeTest, WordsDecideBeforeTheModel) {
    shop->scope.in_words = {"moto"};
    shop->scope.out_words = {"mega sena", "loto"};
    EXPECT_EQ(think("saiu a MEGA-SENA?").scope, scope_verdict::out);
    brain->steps = {says("Temos!")};
    EXPECT_EQ(think("Motó ou loto?").scope, scope_verdict::in);
    brain->steps = {says(R"({"scope":"out"})")};
    EXPECT_EQ(think("um loteamento?").scope, scope_verdict::out) << "whole words alone";
    EXPECT_TRUE(brain->steps.empty());
    shop->scope.about.clear();
    brain->steps = {says("Olá!")};
    EXPECT_EQ(think("bom dia").scope, scope_verdict::in) << "no word says otherwise";
}

TEST_F(ScopeTest, WordsOfAnAdAreNotTheCustomers) {
    shop->scope.about.clear();
    shop->scope.out_words = {"loto"};
    auto about = turn_saying({"quero participar"});
    about.messages[0].came_from = referral{.ad_id = "1", .ad_title = "Loto da loja: concorra a uma moto"};
    brain->steps = {says("Claro!")};
    EXPECT_EQ(think(std::move(about)).scope, scope_verdict::in);
}

TEST_F(ScopeTest, WordsHoldWhereTheModelIsNotAsked) {
    matters = false;
    shop->scope.in_words = {"moto"};
    shop->scope.out_words = {"loto"};
    const auto got = think("como jogo na LOTO?");
    EXPECT_EQ(got.text, "Isso não é com a Loja A&B.");
    EXPECT_EQ(got.scope, scope_verdict::out);
    EXPECT_TRUE(brain->requests.empty());
    brain->steps = {says("Temos!"), says("Oi!"), says("Não jogo.")};
    EXPECT_EQ(think("moto ou loto?").text, "Temos!");
    const auto undecided = think("oi");
    EXPECT_EQ(undecided.text, "Oi!") << "the model answers and is asked nothing else";
    EXPECT_EQ(undecided.scope, scope_verdict::unknown);
    shop->scope.ask = scope_options::when::never;
    EXPECT_EQ(think("como jogo na loto?").text, "Não jogo.");
}

TEST_F(ScopeTest, WhatHasBegunIsNotJudgedAgain) {
    auto about = turn_saying({"tem moto?"});
    about.journal = {"{}"};
    brain->steps = {says("Temos!")};
    EXPECT_EQ(think(std::move(about)).text, "Temos!");
}

TEST_F(ScopeTest, VoiceNotesAreWords) {
    matters = false;
    brain->steps = {says("Temos!")};
    think(turn_of({heard("oi"), voice(hearing::heard, "tem a XY 150?"), heard("obrigada")}));
    EXPECT_EQ(brain->requests.back().messages.back().content, "oi\n[áudio] tem a XY 150?\nobrigada");
}

TEST_F(ScopeTest, WhoWasNotHeardIsAskedToWriteOnceInAWhile) {
    EXPECT_EQ(think(turn_of({voice(hearing::not_understood)})).text, "Me escreve?");
    EXPECT_EQ(think(turn_of({voice(hearing::too_long)})).text, "Comprido demais.");
    EXPECT_TRUE(brain->requests.empty());

    const auto asked_ago = [this](std::chrono::minutes ago) {
        auto about = turn_of({voice(hearing::not_understood)});
        about.history = {entry(speaker::bot, "Temos!\n\nMe escreve?")};
        about.history[0].at_ms = unix_ms_now() - std::chrono::milliseconds(ago).count();
        return think(std::move(about)).text;
    };
    EXPECT_EQ(asked_ago(std::chrono::minutes(5)), "");
    EXPECT_EQ(asked_ago(std::chrono::minutes(45)), "Me escreve?");
}

TEST_F(ScopeTest, WhatWasWrittenBesideAnUnheardNoteIsAnswered) {
    matters = false;
    brain->steps = {says("Temos!")};
    const auto got = think(turn_of({heard("tem moto?"), voice(hearing::not_understood)}));
    EXPECT_EQ(got.text, "Temos!\n\nMe escreve?");
    EXPECT_THAT(brain->requests.back().messages.back().content, HasSubstr("não pôde ser entendido"));

    brain->steps = {fail(errc::unavailable, "away")};
    EXPECT_THAT(think(turn_of({heard("tem moto?"), voice(hearing::not_understood)})).text,
                Not(HasSubstr("Me escreve?")))
        << "the turn comes again";
}

} // namespace
} // namespace atende::test
