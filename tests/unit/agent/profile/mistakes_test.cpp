// Mistakes that concern more than one file of a profile, and those far below the key they are told of.
#include "profile_folder.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace atende::test {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

class mistakes_test : public ::testing::Test {
protected:
    profile_folder folder;
};

TEST_F(mistakes_test, a_script_calls_tools_that_there_are) {
    folder.write_good();
    folder.write("tools/a.yaml", "name: ver_estoque\ndescription: x\nurl: https://example.com/\n"
                                 "answers: [{success: feito}]\nmock: [{}]\n");
    folder.write("script.yaml",
                 "rules:\n  - {says: a, call: ver_estoque}\n  - {says: b, call: loja__reservar}\n"
                 "  - {done: add_lead_to_nocodb, answer: a}\n  - {answer: a}\n");
    EXPECT_THAT(folder.problems(), IsEmpty());
    folder.write("script.yaml",
                 "rules:\n  - {says: a, call: ver_estoqe}\n  - {done: ver_estoque2, answer: a}\n"
                 "  - {not_done: [salvar], answer: a}\n  - {says: b, call: transfer_to_agent}\n"
                 "  - {answer: a}\n");
    EXPECT_THAT(folder.problems(),
                ElementsAre(AllOf(StartsWith("script.yaml:2: rules[1].call: expected tools of this profile "
                                             "(add_lead_to_nocodb, ver_estoque), not \"ver_estoqe\""),
                                  HasSubstr("did you mean \"ver_estoque\"?")),
                            StartsWith("script.yaml:3: rules[2].done: expected tools of this profile"),
                            StartsWith("script.yaml:4: rules[3].not_done: expected tools of this profile"),
                            StartsWith("script.yaml:5: rules[4].call: expected tools of this profile")));
}

TEST_F(mistakes_test, a_script_names_agents_that_there_are) {
    folder.write_good();
    folder.write("script.yaml", "rules:\n  - {agent: suporte, says: a, answer: b}\n  - {answer: a}\n");
    EXPECT_THAT(
        folder.problems(),
        ElementsAre("script.yaml:2: rules[1].agent: expected agents of this profile, not \"suporte\""));
}

TEST_F(mistakes_test, a_section_left_open_does_not_hide_other_mistakes_of_a_prompt) {
    folder.write_good();
    folder.write("prompt.md", "{{#shop}}\n{{shpo}}");
    EXPECT_THAT(folder.problems(),
                ElementsAre("prompt.md:1: expected {{/shop}} to close {{#shop}}",
                            StartsWith("prompt.md:2: the variable {{shpo}} does not exist")));
}

TEST_F(mistakes_test, a_file_that_cannot_be_parsed_is_one_problem) {
    folder.write_good();
    folder.write("prompt.md", "Na {{shop}}, {{agent_name}}.");
    folder.write("knowledge/faq.yaml", "faq: [{questions: 'Onde?', answer: \"Na {{shop}}\"}]\n");
    folder.write("profile.yaml", "agent_name: Lia\nvariables:\n\tshop: Loja\n");
    EXPECT_THAT(folder.problems(), ElementsAre(AllOf(StartsWith("profile.yaml:3: not valid YAML"),
                                                     HasSubstr("(indented with a tab? use spaces)"))));
    EXPECT_THAT(folder.problems(language::portuguese),
                ElementsAre(HasSubstr("(recuo com tab? use espaços)")));

    folder.write_good();
    folder.write("script.yaml", "rules:\n  - {says: a, call: ver_estoque}\n  - {answer: a}\n");
    folder.write("tools/a.yaml", "name: ver_estoque\ndescription: [x\n");
    EXPECT_THAT(folder.problems(), ElementsAre(AllOf(StartsWith("tools/a.yaml:"), HasSubstr("not valid YAML"),
                                                     Not(HasSubstr("tab")))));
}

// As Notepad saves what it calls ANSI.
TEST_F(mistakes_test, so_is_one_that_is_not_utf_8) {
    folder.write_good();
    folder.write("prompt.md", "Na {{shop}}, {{agent_name}}.");
    folder.write("tools/a.yaml", "name: ver_estoque\ndescription: pre\xE7o\n");
    folder.write("script.yaml", "rules:\n  - {says: a, call: ver_estoque}\n  - {answer: a}\n");
    EXPECT_THAT(folder.problems(), ElementsAre(StartsWith("tools/a.yaml:2: expected UTF-8 text")));
    folder.write("profile.yaml", "agent_name: Concei\xE7\xE3o\n");
    EXPECT_THAT(folder.problems(), ElementsAre(StartsWith("profile.yaml:1: expected UTF-8 text"),
                                               StartsWith("tools/a.yaml:2: expected UTF-8 text")));
}

TEST_F(mistakes_test, no_file_repeats_itself_without_end) {
    folder.write_good();
    const auto list = [](std::string_view item) { // of a hundred
        std::string all(item);
        for (int i = 1; i < 100; ++i) all += fmt::format(", {}", item);
        return "[" + all + "]";
    };
    folder.write("script.yaml", "slots: {}\nrules: [&r {answer: a, hears: " + list("a") + "}, " +
                                    list("*r").substr(1) + "\n");
    folder.write("evals/a.yaml", "conversations: [&c {name: a, turns: [&t {says: " + list("a") + "}, " +
                                     list("*t").substr(1) + "}]\n");
    EXPECT_THAT(folder.problems(),
                ElementsAre(StartsWith("evals/a.yaml:1: expected at most 10000 values, 4 MB and 64 levels"),
                            StartsWith("script.yaml:2: expected at most 10000 values")));
}

TEST_F(mistakes_test, are_told_as_long_as_somebody_may_read_them) {
    folder.write_good();
    std::string prompt;
    for (int i = 0; i < 1'500; ++i) prompt += "{{> nenhuma}}\n";
    folder.write("prompt.md", prompt);
    EXPECT_THAT(folder.problems(), SizeIs(1'000));
    folder.write_good();
    std::string slots;
    for (int i = 10; i < 99; ++i) slots += fmt::format("s{}: [{{take: a}}], ", i);
    folder.write("script.yaml", "slots: {" + slots + "}\nrules: [{hears: nome, answer: a}, {answer: a}]\n");
    EXPECT_THAT(folder.problems(), ElementsAre(HasSubstr(", s48, s49, …), not \"nome\"")));
}

TEST_F(mistakes_test, what_is_wrong_in_a_long_list_is_told_on_its_line) {
    folder.write("prompt.md", "Oi.");
    folder.write("profile.yaml", "time_zone: America/Sao_Paulo\n"
                                 "texts: {one_moment: a, fallback: b, unsupported: c, too_long_note: d}\n"
                                 "agents:\n  vendas:\n    name: Lia\n    about: preços\n    tools:\n"
                                 "      - add_lead_to_nocodb\n      - ver_preco\n"
                                 "built_in_tools:\n  - add_lead_to_nocodb\n  - transfer_to_humam\n"
                                 "leads:\n  required:\n    - name\n    - fone\n"
                                 "knowledge:\n  synonyms:\n    - [moto, motocicleta]\n    - [carro]\n"
                                 "voice:\n  vocabulary:\n    - XY 150\n    - " +
                                     std::string(61, 'x') + "\n");
    folder.write("evals/a.yaml", "conversations:\n  - name: a\n    turns:\n      - says: oi\n"
                                 "        expect:\n          calls:\n            - add_lead_to_nocodb\n"
                                 "            - ver_preco\n          mentions:\n            - oi\n"
                                 "            - Olá\n");
    EXPECT_THAT(
        folder.problems(),
        ElementsAre(
            StartsWith(
                "evals/a.yaml:8: conversations[1].turns[1].expect.calls: expected tools of this profile"),
            StartsWith("evals/a.yaml:11: conversations[1].turns[1].expect.mentions: expected words"),
            StartsWith("profile.yaml:9: agents.vendas.tools: expected tools of this profile"),
            AllOf(StartsWith("profile.yaml:12: built_in_tools: expected"), HasSubstr("transfer_to_human")),
            StartsWith("profile.yaml:16: leads.required: expected name, phone"),
            StartsWith("profile.yaml:20: knowledge.synonyms: expected a list of groups"),
            StartsWith("profile.yaml:24: voice.vocabulary: expected up to 100 names")));
}

} // namespace
} // namespace atende::test
