// Questions with a fixed answer.
#include "agent/knowledge/faq.hpp"
#include "knowledge_fixture.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace atende::test {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

using FaqTest = knowledge_fixture;

TEST_F(FaqTest, AFixedQuestionIsRecognisedWhateverItsSpelling) {
    options.variables = {{"hours", "das 8h às 18h"}};
    write("faq.yaml", "faq:\n"
                      "  - questions: ['Qual o horário de vocês?', que horas abre]\n"
                      "    answer: \"Abrimos {{hours}}.\"\n"
                      "  - questions: Tem estacionamento?\n"
                      "    answer: Tem!\n");
    auto& knowledge = loaded();
    const auto entry = knowledge.answer_to("QUAL O HORARIO DE VOCÊS??? 😊");
    ASSERT_TRUE(entry);
    EXPECT_EQ(entry->answer, "Abrimos das 8h às 18h.");
    EXPECT_EQ(entry->where,
              (knowledge_source{.file = "knowledge/faq.yaml", .first_line = 2, .last_line = 3}));
    EXPECT_TRUE(knowledge.answer_to("Que horas abre?"));
    EXPECT_TRUE(knowledge.answer_to("tem estacionamento"));
    EXPECT_FALSE(knowledge.answer_to("tem estacionamento para caminhão?"));
    EXPECT_FALSE(knowledge.answer_to("oi, tem estacionamento?"));
    EXPECT_FALSE(knowledge.answer_to(""));
    EXPECT_EQ(found(knowledge, "posso estacionar? o estacionamento é grátis?").at(0),
              "knowledge/faq.yaml:4-5")
        << "the model knows it, too";
}

TEST_F(FaqTest, MistakesInTheFaqAreNamedByLine) {
    write("faq.yaml", "faq:\n"
                      "  - questions: ['Oi?', '?!']\n"
                      "    answer: \"{{nome}}\"\n"
                      "  - questions: [oi]\n"
                      "    answer: Olá\n"
                      "  - answer: nada\n");
    const auto read = base().load();
    ASSERT_FALSE(read);
    const auto& detail = read.error().detail;
    EXPECT_THAT(detail, HasSubstr("faq.yaml:2: faq.questions: expected words"));
    EXPECT_THAT(detail, HasSubstr("faq.yaml:3: faq.answer: the variable {{nome}} does not exist"));
    EXPECT_THAT(detail, HasSubstr("faq.yaml:4: expected another question than 'oi'"));
    EXPECT_THAT(detail, HasSubstr("faq.yaml:6: faq.questions: expected at least one"));
    write("faq.yaml", "faq: [");
    EXPECT_THAT(base().load().error().detail, HasSubstr("faq.yaml:1: not valid YAML"));
    write("faq.yaml", "faq:\n  - questions: [Oi?]\n    answer: Olá\n");
    EXPECT_THAT(base().load().error().detail, HasSubstr("texts with ? need quotes"));
}

TEST_F(FaqTest, AnAnswerThatIsNoTemplateIsNotRendered) {
    problem_list problems;
    const auto entries =
        parse_faq("faq: [{questions: 'Oi?', answer: '{{#a}}'}]", "faq.yaml", {{"a", "b"}}, problems);
    EXPECT_FALSE(problems.empty());
    ASSERT_THAT(entries, SizeIs(1));
    EXPECT_EQ(entries[0].answer, "");
}

TEST_F(FaqTest, AFaqMayBeLongButDoesNotRepeatItselfWithoutEnd) {
    std::string faq = "faq:\n";
    for (int i = 0; i < 3'000; ++i) faq += fmt::format("  - {{questions: ['Onde {}?'], answer: Aqui.}}\n", i);
    write("faq.yaml", faq);
    EXPECT_EQ(loaded().state().faq, 3'000U);
    std::string questions = "a";
    for (int i = 1; i < 1'000; ++i) questions += ", a";
    faq = "faq:\n  - {questions: &q [" + questions + "], answer: Aqui.}\n";
    for (int i = 0; i < 1'000; ++i) faq += "  - {questions: *q, answer: Aqui.}\n";
    write("faq.yaml", faq);
    const auto read = base().load();
    ASSERT_FALSE(read);
    EXPECT_THAT(read.error().detail, HasSubstr("faq.yaml:1: expected at most 100000 values"));
}

} // namespace
} // namespace atende::test
