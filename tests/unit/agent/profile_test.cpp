// A shop's folder: read whole, or told everything that is wrong with it.
#include "agent/local_time.hpp"
#include "agent/template_text.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include <atende/agent/profile.hpp>
#include <fstream>

namespace atende {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* good = R"(agent_name: Lia
time_zone: America/Sao_Paulo
context: "{{weekday}} {{shop}}"
texts: {one_moment: a, fallback: "{{shop}}", unsupported: c, too_long_note: d}
model: {temperature: 0.2}
limits: {rounds: 3, turn_seconds: 60}
leads: {required: [name, phone], columns: {name: Nome}}
variables: {shop: Loja}
)";

class ProfileTest : public ::testing::Test {
protected:
    std::filesystem::path folder =
        std::filesystem::path(::testing::TempDir()) / ("profile_" + std::to_string(getpid()));

    ProfileTest() { std::filesystem::create_directories(folder); }
    ~ProfileTest() override { std::filesystem::remove_all(folder); }

    void write(const std::string& name, const std::string& text) const {
        std::ofstream(folder / name) << text;
    }

    [[nodiscard]] std::string problems() const {
        const auto got = load_profile(folder);
        return got ? "" : got.error().detail;
    }
};

TEST_F(ProfileTest, ReadsAFolder) {
    write("profile.yaml", good);
    write("prompt.md", "Você é {{agent_name}} da {{shop}}.");
    const auto got = load_profile(folder);
    ASSERT_TRUE(got.has_value()) << got.error().detail;
    EXPECT_EQ(got->name, folder.filename());
    EXPECT_EQ(got->agent_name, "Lia");
    EXPECT_EQ(got->model.temperature, 0.2);
    EXPECT_EQ(got->limits.rounds, 3);
    EXPECT_EQ(got->limits.tool_calls, 10);
    EXPECT_EQ(got->limits.turn, std::chrono::seconds(60));
    EXPECT_THAT(got->leads.required_fields, ElementsAre("name", "phone"));
    EXPECT_EQ(got->leads.columns.at("name"), "Nome");
    EXPECT_EQ(got->script, nullptr);
}

TEST_F(ProfileTest, ListsEveryProblemOfEveryFile) {
    write("profile.yaml", "agent_name: Lia\ntime_zone: Brasil\nrouns: 3\nlimits:\n  rounds: muitas\n"
                          "texts: {one_moment: a, fallback: '{{shpo}}', too_long_note: d}\n"
                          "leads: {required: [nome]}\nvariables: {shop: Loja}\nmodel: [1]\n");
    write("prompt.md", "Olá {{#shop}}");
    write("script.yaml", "slots:\n  name: [{take: '('}]\nrules:\n  - {says: Olá, answer: oi}\n  - {hears: "
                         "[fone], answer: a, call: b}\n");
    EXPECT_THAT(problems(),
                AllOf(HasSubstr("profile.yaml:2: time_zone: expected an IANA name"),
                      HasSubstr("profile.yaml:3: rouns: unknown key"),
                      HasSubstr("profile.yaml:5: limits.rounds: expected a whole number from 0 to 20"),
                      HasSubstr("profile.yaml:6: texts.fallback: expected no unknown variable {{shpo}}"),
                      HasSubstr("texts.unsupported: expected a text"),
                      HasSubstr("profile.yaml:7: leads.required: expected name, phone"),
                      HasSubstr("profile.yaml:9: model. expected keys and values")));
    EXPECT_THAT(problems(),
                AllOf(HasSubstr("prompt.md: expected a valid mustache template"),
                      HasSubstr("script.yaml:2: slots.name[1].take: expected a valid pattern"),
                      HasSubstr("script.yaml:4: rules[1].says: expected words in lower case without accents"),
                      HasSubstr("script.yaml:5: rules[2].hears: expected slots of this file"),
                      HasSubstr("script.yaml:5: rules[2].answer: expected either this or call"),
                      HasSubstr("rules: expected a last rule")));
}

TEST_F(ProfileTest, ThePromptCannotDependOnTheClock) {
    write("profile.yaml", good);
    write("prompt.md", "Agora são {{time}}."); // it would be paid in full every minute
    EXPECT_THAT(problems(), HasSubstr("prompt.md: expected no unknown variable {{time}}"));
}

// Otherwise the shop's own city would pass for the customer's.
TEST_F(ProfileTest, ASlotCannotBeCalledLikeAVariable) {
    write("profile.yaml", good);
    write("prompt.md", "a");
    write("script.yaml", "slots: {shop: [{take: a}]}\nrules: [{answer: a}]\n");
    EXPECT_THAT(problems(), HasSubstr("script.yaml:1: slots.shop: expected a name that is not one of"));
}

TEST_F(ProfileTest, SaysWhatIsMissing) {
    EXPECT_THAT(problems(),
                AllOf(HasSubstr("profile.yaml: cannot be read"), HasSubstr("prompt.md: cannot be read")));
    write("profile.yaml", "a: [");
    EXPECT_THAT(problems(), HasSubstr("profile.yaml:1: not valid YAML"));
    EXPECT_THAT(load_profile("/nowhere/at/all").error().detail, HasSubstr("expected a folder"));
}

TEST(TemplateText, RendersPlainText) {
    const template_values values{{"name", "Ana & \"Zé\" <x>"}, {"empty", ""}};
    EXPECT_EQ(rendered("Oi, {{name}}!", values), "Oi, Ana & \"Zé\" <x>!");
    EXPECT_EQ(rendered("{{#empty}}tem{{/empty}}{{^empty}}falta{{/empty}}", values), "falta");
    EXPECT_EQ(rendered("{{#name}}Prazer, {{name}}.{{/name}}", values), "Prazer, Ana & \"Zé\" <x>.");
}

TEST(TemplateText, SeesWhatIsWrong) {
    const std::set<std::string> known{"name"};
    EXPECT_EQ(template_problem("{{name}} {{{name}}} {{&name}} {{#name}}a{{/name}} {{! a note }}", known),
              std::nullopt);
    EXPECT_THAT(template_problem("{{nome}}", known).value(), HasSubstr("{{nome}}"));
    EXPECT_THAT(template_problem("{{#name}}", known).value(), HasSubstr("mustache"));
    EXPECT_TRUE(template_problem("{{> other}}", known).has_value());
}

TEST(LocalTime, IsTheShopsTimeInPortuguese) {
    const auto when = std::chrono::system_clock::from_time_t(1'795'228'440); // 2026-11-21 02:34 UTC
    const auto in_recife = local_time_at(when, "America/Recife");
    EXPECT_EQ(in_recife.weekday, "sexta-feira");
    EXPECT_EQ(in_recife.date, "20 de novembro de 2026");
    EXPECT_EQ(in_recife.time, "23:34");
    EXPECT_EQ(local_time_at(when, "Europe/Lisbon").time, "02:34");
    EXPECT_FALSE(is_time_zone("Brasil"));
    EXPECT_TRUE(is_time_zone("America/Sao_Paulo"));
}

TEST_F(ProfileTest, ReadsWhatItSaysOfKnowledge) {
    write("prompt.md", "x");
    write("profile.yaml", std::string(good) + "knowledge:\n"
                                              "  whole_up_to: 0\n"
                                              "  excerpts: 4\n"
                                              "  synonyms:\n"
                                              "    - [test ride, volta de moto]\n"
                                              "  built_in_synonyms: false\n"
                                              "  faq:\n"
                                              "    - questions: Onde fica?\n"
                                              "      answer: \"Na {{shop}}, fale com {{agent_name}}\"\n");
    const auto got = load_profile(folder);
    ASSERT_TRUE(got) << got.error().detail;
    EXPECT_EQ(got->knowledge.whole_up_to, 0U);
    EXPECT_EQ(got->knowledge.excerpts, 4U);
    EXPECT_EQ(got->knowledge.chunk_characters, 900U);
    EXPECT_FALSE(got->knowledge.built_in_synonyms);
    EXPECT_THAT(got->knowledge.synonyms, ElementsAre(ElementsAre("test ride", "volta de moto")));
    ASSERT_EQ(got->knowledge.faq.size(), 1U);
    EXPECT_EQ(got->knowledge.faq[0].answer, "Na Loja, fale com Lia");
    EXPECT_EQ(got->knowledge.faq[0].where.file, "profile.yaml");
    EXPECT_EQ(got->knowledge.faq[0].where.first_line, 16);
}

TEST_F(ProfileTest, NamesWhatIsWrongWithKnowledge) {
    write("prompt.md", "x");
    write("profile.yaml", std::string(good) + "knowledge:\n"
                                              "  whole: 0\n"
                                              "  excerpts: 0\n"
                                              "  synonyms: [[moto]]\n"
                                              "  built_in_synonyms: talvez\n"
                                              "  faq: [{questions: [Oi], answer: \"{{nada}}\"}]\n");
    EXPECT_THAT(problems(),
                AllOf(HasSubstr("profile.yaml:10: knowledge.whole: unknown key"),
                      HasSubstr("profile.yaml:11: knowledge.excerpts: expected a whole number from 1"),
                      HasSubstr("knowledge.synonyms: expected a list of groups"),
                      HasSubstr("knowledge.built_in_synonyms: expected true or false"),
                      HasSubstr("profile.yaml:14: faq.answer: expected")));
}

} // namespace
} // namespace atende
