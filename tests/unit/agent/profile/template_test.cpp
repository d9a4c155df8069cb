// Templates, and the parts that several of them share.
#include "agent/profile/template_text.hpp"
#include "agent/tools/answer_reading.hpp"
#include "profile_folder.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace atende::test {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

TEST(template_text, renders_plain_text) {
    const template_values values{{"name", "Ana & \"Zé\" <x>"}, {"empty", ""}};
    EXPECT_EQ(rendered("Oi, {{name}}!", values), "Oi, Ana & \"Zé\" <x>!");
    EXPECT_EQ(rendered("{{#empty}}tem{{/empty}}{{^empty}}falta{{/empty}}", values), "falta");
    EXPECT_EQ(rendered("{{#name}}Prazer, {{name}}.{{/name}}", values), "Prazer, Ana & \"Zé\" <x>.");
}

TEST(template_text, sees_what_is_wrong) {
    const std::set<std::string> known{"name"};
    const auto problem = [&](const std::string& text) {
        const auto found = template_problem(text, known);
        return found ? found->english : std::string();
    };
    EXPECT_EQ(problem("{{name}} {{{name}}} {{&name}} {{#name}}a{{/name}} {{! a note }}"), "");
    EXPECT_THAT(problem("{{nome}}"), HasSubstr("{{nome}} does not exist (did you mean \"name\"?)"));
    EXPECT_THAT(problem("{{#name}}"), HasSubstr("{{/name}} to close {{#name}}"));
    EXPECT_THAT(problem("{{/name}}"), HasSubstr("in front of {{/name}}"));
    EXPECT_THAT(problem("{{#name}}{{^name}}{{/nome}}{{/name}}"), HasSubstr("to close {{^name}}"));
    EXPECT_THAT(problem("{{name"), HasSubstr("}} to close {{"));
    EXPECT_THAT(problem("{{=<% %>=}}"), HasSubstr("delimiters"));
    EXPECT_THAT(problem("{{{=<% %>=}}}"), HasSubstr("delimiters")) << "the renderer does not look at braces";
    EXPECT_THAT(problem("{{> other}}"), HasSubstr("parts {{> …}}"));
}

TEST(template_text, knows_the_line_of_a_mistake) {
    const auto parsed = parse_template("a\n{{! a note\n over lines }}\n\n{{#open}}\n");
    ASSERT_EQ(parsed.mistakes.size(), 1U);
    EXPECT_EQ(parsed.mistakes[0].line, 5);
}

TEST(template_text, tells_each_unknown_name_once_a_line_and_no_more_than_fifty) {
    const auto mistakes = unknown_names(parse_template("{{a}} {{a}} {{b}}\n{{a}}").tags, {"name"});
    ASSERT_EQ(mistakes.size(), 3U);
    EXPECT_EQ(mistakes[2].line, 2);
    std::string many;
    std::set<std::string> known;
    for (int i = 10; i < 99; ++i) {
        many += fmt::format("{{{{nome{}}}}}\n", i);
        known.insert(fmt::format("x{}", i));
    }
    const auto first = unknown_names(parse_template(many).tags, known);
    ASSERT_EQ(first.size(), 50U);
    EXPECT_THAT(first[0].what.english, EndsWith(", x48, x49, …")) << "forty names are enough to see which";
}

// What is inside a section is copied as often as it lies within one.
TEST(template_text, may_not_nest_without_end) {
    const auto nested = [](int depth) {
        std::string text;
        for (int i = 0; i < depth; ++i) text += "{{#name}}\n";
        for (int i = 0; i < depth; ++i) text += "{{/name}}";
        return text;
    };
    EXPECT_EQ(template_problem(nested(64), {"name"}), std::nullopt);
    const auto parsed = parse_template(nested(65));
    ASSERT_EQ(parsed.mistakes.size(), 1U);
    EXPECT_EQ(parsed.mistakes[0].line, 65);
    EXPECT_EQ(parsed.mistakes[0].what.english, "expected at most 64 sections within each other");
    EXPECT_EQ(answer_text_problem(nested(64), {"name"}), std::nullopt);
    ASSERT_TRUE(answer_text_problem(nested(65), {"name"}));
    EXPECT_THAT(answer_text_problem(nested(65), {"name"})->english, HasSubstr("at most 64 sections"));
}

class parts_test : public ::testing::Test {
protected:
    profile_folder folder;
    parts_test() { folder.write_good(); }

    [[nodiscard]] std::string prompt() const {
        const auto got = folder.read();
        return got.read ? got.read->agents.front().prompts.front().prompt
                        : ::testing::PrintToString(folder.problems());
    }
};

TEST_F(parts_test, stand_where_they_are_included) {
    folder.write("parts/persona.md", "Você é {{agent_name}}.\n");
    folder.write("../shared/parts/regras.md", "Regras da {{shop}}.\n{{> estilo}}\n");
    folder.write("../shared/parts/estilo.md", "Seja breve.\n\n");
    folder.write("prompt.md", "{{> persona}}\n\n{{>regras}}\nFim.");
    EXPECT_EQ(prompt(), "Você é {{agent_name}}.\n\nRegras da {{shop}}.\nSeja breve.\nFim.");
}

TEST_F(parts_test, notes_leave_no_trace) {
    folder.write("parts/persona.md", "{{! quem\né }}\nVocê.\n");
    folder.write("prompt.md", "{{! nota }}\n{{> persona}}\nFim{{! fim }}.\n");
    EXPECT_EQ(prompt(), "Você.\nFim.\n");
}

TEST_F(parts_test, of_the_profile_come_before_shared_ones) {
    folder.write("parts/estilo.md", "da loja");
    folder.write("../shared/parts/estilo.md", "de todos");
    folder.write("prompt.md", "{{> estilo}}");
    EXPECT_EQ(prompt(), "da loja");
}

TEST_F(parts_test, may_stand_in_the_context_and_then_know_the_turn) {
    folder.write("parts/agora.md", "São {{time}}.");
    auto yaml = std::string(good_profile_yaml);
    yaml.replace(yaml.find("{{weekday}}"), 11, "{{> agora}}");
    folder.write("profile.yaml", yaml);
    ASSERT_THAT(folder.problems(), IsEmpty());
    EXPECT_EQ(folder.read().read->context, "São {{time}}. {{shop}}");
    folder.write("prompt.md", "Oi.\n{{> agora}}"); // not here
    EXPECT_THAT(folder.problems(),
                ElementsAre(StartsWith("parts/agora.md:1: {{time}} changes from turn to turn")));
}

TEST_F(parts_test, mistakes_are_told_where_they_stand) {
    folder.write("prompt.md", "{{> persona}}\n{{> estlio}}\n");
    folder.write("parts/persona.md", "Oi.\n{{shpo}}\n");
    folder.write("parts/estilo.md", "ok");
    folder.write("parts/sem-uso.md", "{{#aberta}}");
    EXPECT_THAT(folder.problems(),
                ElementsAre(AllOf(StartsWith("parts/persona.md:2: the variable {{shpo}} does not exist")),
                            StartsWith("parts/sem-uso.md:1: expected {{/aberta}}"),
                            AllOf(StartsWith("prompt.md:2: expected a part that exists"),
                                  HasSubstr("did you mean \"estilo\"?"))));
}

TEST_F(parts_test, cannot_include_themselves) {
    folder.write("prompt.md", "{{> a}}");
    folder.write("parts/a.md", "{{> b}}");
    folder.write("parts/b.md", "1\n{{> a}}");
    EXPECT_THAT(folder.problems(), ElementsAre(StartsWith("parts/b.md:2: a part cannot include itself")));
}

TEST_F(parts_test, cannot_grow_without_end) {
    folder.write("prompt.md", "Oi.\n{{> p0}}");
    for (int i = 0; i < 30; ++i)
        folder.write(fmt::format("parts/p{}.md", i), fmt::format("{{{{> p{0}}}}}{{{{> p{0}}}}}", i + 1));
    folder.write("parts/p30.md", "Fim.");
    EXPECT_THAT(folder.problems(), ElementsAre(HasSubstr(".md:1: expected parts of at most 4 MB")));
}

TEST_F(parts_test, cannot_be_nested_without_end) {
    folder.write("prompt.md", "{{> p0}}");
    for (int i = 0; i < 64; ++i)
        folder.write(fmt::format("parts/p{}.md", i), fmt::format("\n{{{{> p{}}}}}", i + 1));
    folder.write("parts/p64.md", "Fim.");
    EXPECT_THAT(folder.problems(), ElementsAre(StartsWith("parts/p63.md:2: expected parts of at most 4 MB, "
                                                          "repetitions included, within 64 levels")));
    folder.write("prompt.md", "{{> p1}}");
    EXPECT_THAT(folder.problems(), IsEmpty());
}

TEST_F(parts_test, count_the_sections_around_them) {
    std::string opened, closed;
    for (int i = 0; i < 40; ++i) {
        opened += "{{#shop}}";
        closed += "{{/shop}}";
    }
    folder.write("parts/a.md", opened + closed);
    folder.write("prompt.md", "Oi.{{> a}}");
    EXPECT_THAT(folder.problems(), IsEmpty());
    folder.write("prompt.md", opened + "{{> a}}" + closed);
    EXPECT_THAT(folder.problems(),
                ElementsAre("prompt.md:1: expected at most 64 sections within each other"));
}

TEST_F(parts_test, make_no_tags_together_with_what_surrounds_them) {
    folder.write("parts/a.md", "{");
    folder.write("prompt.md", "{{> a}}{#shop}}");
    EXPECT_THAT(folder.problems(), ElementsAre("prompt.md:1: expected {{/shop}} to close {{#shop}}"));
}

TEST_F(parts_test, change_no_delimiters_together_with_what_surrounds_them) {
    folder.write("parts/a.md", "{");
    folder.write("prompt.md", "{{> a}}{{> a}}{=<% %>=}}}");
    EXPECT_THAT(folder.problems(), Contains(HasSubstr("delimiters")));
}

TEST_F(parts_test, a_shared_part_changes_the_version) {
    folder.write("prompt.md", "{{> estilo}}");
    folder.write("../shared/parts/estilo.md", "um");
    const auto before = folder.read().read->version;
    folder.write("../shared/parts/estilo.md", "dois");
    EXPECT_NE(folder.read().read->version, before);
}

} // namespace
} // namespace atende::test
