// A shop's folder: read whole, or told everything that is wrong with it.
#include "agent/local_time.hpp"
#include "profile_folder.hpp"

#include <gmock/gmock.h>

namespace atende::test {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;
using ::testing::UnorderedElementsAre;

class profile_test : public ::testing::Test {
protected:
    profile_folder folder;

    void write(const std::string& name, const std::string& text) const { folder.write(name, text); }
    [[nodiscard]] std::vector<std::string> problems() const { return folder.problems(); }
};

TEST_F(profile_test, reads_a_folder) {
    folder.write_good();
    const auto got = folder.read();
    ASSERT_TRUE(got.read) << ::testing::PrintToString(problems());
    const auto& shop = *got.read;
    EXPECT_EQ(shop.name, "loja");
    EXPECT_EQ(shop.agents.front().name, "Lia");
    EXPECT_EQ(shop.model.temperature, 0.2);
    EXPECT_EQ(shop.model.name, "");
    EXPECT_FALSE(shop.debounce.quiet || shop.debounce.longest);
    EXPECT_TRUE(shop.answers_on(platform_kind::instagram) && shop.answers_on(platform_kind::web));
    EXPECT_EQ(shop.limits.rounds, 3);
    EXPECT_EQ(shop.limits.tool_calls, 10);
    EXPECT_EQ(shop.limits.turn, std::chrono::seconds(60));
    EXPECT_THAT(shop.leads.required_fields, ElementsAre("name", "phone"));
    EXPECT_EQ(shop.leads.columns.at("name"), "Nome");
    EXPECT_EQ(shop.script, nullptr);
    EXPECT_EQ(got.files, 2U);
}

TEST_F(profile_test, says_when_answers_are_spoken) {
    using when = voice_options::when;
    const auto read_with = [this](const std::string& reply) {
        folder.write_good();
        write("profile.yaml", good_profile_yaml + reply);
        return folder.read().read;
    };
    EXPECT_EQ(read_with("")->voice.reply, when::usual);
    EXPECT_EQ(read_with("voice: {reply: never}")->voice.reply, when::never);
    EXPECT_EQ(read_with("voice: {reply: mirror}")->voice.reply, when::mirror);
    EXPECT_EQ(read_with("voice: {reply: always}")->voice.reply, when::always);
    EXPECT_EQ(read_with("voice: {reply: out_of_scope}")->voice.reply, when::out_of_scope);
    EXPECT_EQ(read_with("voice: {reply: [out_of_scope, mirror]}")->voice.reply, when::usual);
    EXPECT_EQ(read_with("voice: {reply: [always]}")->voice.reply, when::always);
    for (const auto* wrong :
         {"sometimes", "[sometimes]", "[always, mirror]", "[mirror, mirror]", "[]", "{a: b}"}) {
        EXPECT_EQ(read_with(std::string("voice: {reply: ") + wrong + "}"), nullptr) << wrong;
        EXPECT_THAT(problems(),
                    Contains(HasSubstr("voice.reply: expected never, mirror, always, out_of_scope")))
            << wrong;
    }
}

TEST_F(profile_test, scope_words_are_looked_for_in_any_spelling) {
    folder.write_good();
    write("profile.yaml",
          std::string(good_profile_yaml) + "scope: {in_words: [Revisão, MOTO], out_words: Mega-Sena}\n");
    const auto shop = folder.read().read;
    ASSERT_TRUE(shop) << ::testing::PrintToString(problems());
    EXPECT_THAT(shop->scope.in_words, ElementsAre("revisao", "moto"));
    EXPECT_THAT(shop->scope.out_words, ElementsAre("mega sena"));
    write("profile.yaml", std::string(good_profile_yaml) + "scope: {out_words: [loto, '?!']}\n");
    EXPECT_THAT(problems(), ElementsAre(HasSubstr("scope.out_words: expected phrases of letters or digits")));
}

TEST_F(profile_test, names_the_model_and_how_long_is_waited) {
    folder.write_good();
    std::string yaml = good_profile_yaml;
    yaml.replace(yaml.find("{temperature"), 1, "{name: gpt-4o, ");
    write("profile.yaml", yaml + "debounce: {seconds: 2.5, max_seconds: 2.5}\n");
    const auto shop = folder.read().read;
    ASSERT_TRUE(shop) << ::testing::PrintToString(problems());
    EXPECT_EQ(shop->model.name, "gpt-4o");
    EXPECT_EQ(shop->model.temperature, 0.2);
    EXPECT_EQ(shop->debounce.quiet, std::chrono::milliseconds(2'500));
    EXPECT_EQ(shop->debounce.longest, std::chrono::milliseconds(2'500));

    write("profile.yaml",
          std::string(good_profile_yaml) + "debounce:\n  seconds: 61\n  max_seconds: 2,5\n  max_second: 3\n");
    EXPECT_THAT(problems(),
                ElementsAre("profile.yaml:10: debounce.seconds: expected a number from 0 to 60, not \"61\"",
                            "profile.yaml:11: debounce.max_seconds: expected a number from 0 to 120, not "
                            "\"2,5\"",
                            StartsWith("profile.yaml:12: debounce.max_second: unknown key (did you mean "
                                       "\"max_seconds\"?)")));
    write("profile.yaml", std::string(good_profile_yaml) + "debounce: {seconds: 20, max_seconds: 12}\n");
    EXPECT_THAT(problems(),
                ElementsAre("profile.yaml:9: debounce.max_seconds: must not be less than debounce.seconds"));
    write("profile.yaml", yaml.replace(yaml.find("{name: gpt-4o"), 13, "{nmae: gpt-4o"));
    EXPECT_THAT(problems(),
                ElementsAre(StartsWith("profile.yaml:5: model.nmae: unknown key (did you mean \"name\"?)")));
}

TEST_F(profile_test, lists_the_channels_it_answers_on) {
    folder.write_good();
    write("profile.yaml", std::string(good_profile_yaml) + "channels: [whatsapp, web]\n");
    const auto shop = folder.read().read;
    ASSERT_TRUE(shop) << ::testing::PrintToString(problems());
    EXPECT_TRUE(shop->answers_on(platform_kind::web));
    EXPECT_FALSE(shop->answers_on(platform_kind::instagram));
    write("profile.yaml", std::string(good_profile_yaml) + "channels: instagram\n");
    EXPECT_FALSE(folder.read().read->answers_on(platform_kind::web));

    write("profile.yaml", std::string(good_profile_yaml) + "\nchannels: [web, instagran]\n");
    EXPECT_THAT(problems(), ElementsAre("profile.yaml:10: channels: expected instagram, web, whatsapp, not "
                                        "\"instagran\" (did you mean \"instagram\"?)"));
    write("profile.yaml", std::string(good_profile_yaml) + "channels: []\n");
    EXPECT_THAT(problems(),
                ElementsAre("profile.yaml:9: channels: expected at least one of instagram, web, whatsapp"));
}

TEST_F(profile_test, tells_each_mistake_once_and_where_it_is) {
    folder.write_good();
    const auto with = [&](const std::string& line) {
        write("profile.yaml", std::string(good_profile_yaml) + line);
        return problems();
    };
    EXPECT_THAT(with("channels: {web: true}\n"), ElementsAre("profile.yaml:9: channels: expected a list"));
    EXPECT_THAT(with("channels:\n"), ElementsAre(StartsWith("profile.yaml:9: channels: expected at least")));
    EXPECT_THAT(with("debounce: 3\n"), ElementsAre("profile.yaml:9: debounce: expected keys and values"));
    auto misspelt = std::string(good_profile_yaml);
    misspelt.replace(misspelt.find("Paulo"), 5, "Paolo");
    write("profile.yaml", misspelt);
    EXPECT_THAT(problems(), ElementsAre("profile.yaml:2: time_zone: expected an IANA name such as "
                                        "America/Sao_Paulo, not \"America/Sao_Paolo\" (did you mean "
                                        "\"America/Sao_Paulo\"?)"));
    folder.write_good();
    write("tools/a.yaml",
          "name: a\ndescription: x\nurl: https://example.com/\nanswers: [{success: '{{x}}'}]\n");
    EXPECT_THAT(problems(),
                ElementsAre(HasSubstr("{{x}} does not exist; there are no parameters or values")));
}

TEST_F(profile_test, lists_every_problem_of_every_file) {
    write("profile.yaml", "agent_name: Lia\ntime_zone: Brasil\nlimit: 3\nlimits:\n  rounds: muitas\n"
                          "texts: {one_moment: a, fallback: '{{shpo}}', too_long_note: d}\n"
                          "leads: {required: [nome]}\nvariables: {shop: Loja}\nmodel: [1]\nleads: 1\n");
    write("prompt.md", "a\nOlá {{#shop}}");
    write("script.yaml", "slots:\n  name: [{take: '('}]\nrules:\n  - {says: Olá, answer: oi}\n"
                         "  - {hears: [nme], answer: a, call: b}\n");
    EXPECT_THAT(problems(),
                AllOf(Contains(StartsWith("profile.yaml:2: time_zone: expected an IANA name")),
                      Contains(StartsWith(
                          "profile.yaml:3: limit: unknown key (did you mean \"limits\"?); expected one of")),
                      Contains("profile.yaml:5: limits.rounds: expected a whole number from 0 to 20, not "
                               "\"muitas\""),
                      Contains(StartsWith("profile.yaml:6: texts.fallback: the variable {{shpo}} "
                                          "does not exist (did you mean \"shop\"?)")),
                      Contains("profile.yaml:6: texts.unsupported: expected a text"),
                      Contains(StartsWith("profile.yaml:7: leads.required: expected name, phone")),
                      Contains("profile.yaml:9: model: expected keys and values"),
                      Contains("profile.yaml:10: leads: written twice")));
    EXPECT_THAT(
        problems(),
        AllOf(Contains("prompt.md:2: expected {{/shop}} to close {{#shop}}"),
              Contains(StartsWith("script.yaml:2: slots.name[1].take: expected a valid pattern")),
              Contains(StartsWith("script.yaml:4: rules[1].says: expected words in lower case")),
              Contains(StartsWith("script.yaml:5: rules[2].hears: expected slots of this file (name), "
                                  "not \"nme\" (did you mean \"name\"?)")),
              Contains("script.yaml:5: rules[2].answer: expected answer or call, one of the two"),
              Contains(HasSubstr("rules: expected a last rule"))));
}

TEST_F(profile_test, says_the_same_in_portuguese) {
    folder.write_good();
    write("prompt.md", "Oi {{shpo}}");
    EXPECT_THAT(
        folder.problems(language::portuguese),
        ElementsAre(StartsWith("prompt.md:1: a variável {{shpo}} não existe (quis dizer \"shop\"?)")));
}

TEST_F(profile_test, the_prompt_cannot_depend_on_the_turn) {
    folder.write_good();
    write("prompt.md", "Oi.\nAgora são {{time}}."); // it would be paid in full every minute
    EXPECT_THAT(problems(), ElementsAre(AllOf(StartsWith("prompt.md:2: {{time}} changes from turn to turn"),
                                              HasSubstr("context"))));
}

TEST_F(profile_test, the_context_may) {
    std::string yaml = good_profile_yaml;
    write("profile.yaml", yaml.replace(yaml.find("{{weekday}}"), 11, "{{time}} {{channel}} {{lead_phone}}"));
    write("prompt.md", "Oi.");
    EXPECT_THAT(problems(), IsEmpty());
}

// Otherwise the shop's own city would pass for the customer's.
TEST_F(profile_test, a_slot_cannot_be_called_like_a_variable) {
    folder.write_good();
    write("script.yaml", "slots: {shop: [{take: a}]}\nrules: [{answer: a}]\n");
    EXPECT_THAT(problems(),
                ElementsAre(StartsWith("script.yaml:1: slots.shop: expected a name that is not")));
}

TEST_F(profile_test, a_variable_cannot_be_called_like_what_the_turn_knows) {
    write("profile.yaml",
          "agent_name: Lia\ntime_zone: America/Sao_Paulo\nvariables: {time: agora, 'a b': c}\n"
          "texts: {one_moment: a, fallback: b, unsupported: c, too_long_note: d}\n");
    write("prompt.md", "Oi.");
    EXPECT_THAT(problems(), ElementsAre(StartsWith("profile.yaml:3: variables.a b: expected a name of"),
                                        StartsWith("profile.yaml:3: variables.time: expected another name")));
}

TEST_F(profile_test, variants_have_prompts_of_their_own) {
    write("profile.yaml", std::string(good_profile_yaml) +
                              "variants:\n  atual: {weight: 3}\n  curta: {prompt: prompt-curto.md}\n");
    write("prompt.md", "Longo.");
    write("prompt-curto.md", "Curto.");
    const auto got = folder.read();
    ASSERT_TRUE(got.read) << ::testing::PrintToString(problems());
    ASSERT_EQ(got.read->agents.front().prompts.size(), 2U);
    EXPECT_EQ(got.read->agents.front().prompts[0].name, "atual");
    EXPECT_EQ(got.read->agents.front().prompts[0].weight, 3);
    EXPECT_EQ(got.read->agents.front().prompts[0].prompt, "Longo.");
    EXPECT_EQ(got.read->agents.front().prompts[1].prompt, "Curto.");

    write("profile.yaml", std::string(good_profile_yaml) +
                              "variants:\n  Grande: {weight: 0}\n  b: {prompt: script.yaml, wieght: 0}\n");
    EXPECT_THAT(problems(),
                AllOf(Contains(StartsWith("profile.yaml:10: variants.Grande: expected a name of")),
                      Contains(StartsWith("profile.yaml:11: variants.b.prompt: expected a file prompt")),
                      Contains(HasSubstr("did you mean \"weight\"?"))));
    write("profile.yaml", std::string(good_profile_yaml) + "variants:\n  a: {weight: 0}\n");
    EXPECT_THAT(problems(),
                ElementsAre("profile.yaml:10: variants: expected at least one with a weight above 0"));
}

TEST_F(profile_test, may_have_several_agents) {
    constexpr std::string_view rest =
        "time_zone: America/Sao_Paulo\n"
        "texts: {one_moment: a, fallback: b, unsupported: c, too_long_note: d}\n";
    folder.write_good();
    write("prompt.md", "Vendas: {{agent_name}}");
    write("prompt-suporte.md", "Suporte: {{agent_name}}");
    write("profile.yaml", std::string(rest) +
                              "agents:\n"
                              "  vendas: {name: Lia, about: preços, tools: [add_lead_to_nocodb]}\n"
                              "  suporte: {name: Rui, about: garantia, prompt: prompt-suporte.md}\n");
    write("script.yaml", "rules:\n  - {agent: suporte, says: oi, answer: Rui}\n  - {answer: Lia}\n");
    const auto got = folder.read();
    ASSERT_TRUE(got.read) << ::testing::PrintToString(problems());
    ASSERT_EQ(got.read->agents.size(), 2U);
    EXPECT_EQ(got.read->agents[0].id, "vendas"); // in the order written
    EXPECT_EQ(got.read->agents[1].prompts.front().prompt, "Suporte: {{agent_name}}");
    EXPECT_FALSE(got.read->agents[1].tools);

    write("script.yaml", "rules:\n  - {agent: suport, says: oi, answer: Rui}\n  - {answer: Lia}\n");
    write("profile.yaml", std::string(rest) + "agent_name: Lia\nagents:\n"
                                              "  Vendas: {name: Lia, tools: [add_lead]}\n"
                                              "  suporte: {name: Rui, about: x, prompt: script.yaml}\n");
    EXPECT_THAT(problems(),
                UnorderedElementsAre(
                    StartsWith("profile.yaml:5: agents.Vendas.tools: expected tools of this profile"),
                    StartsWith("profile.yaml:3: agent_name: has no place beside agents"),
                    StartsWith("profile.yaml:5: agents.Vendas: expected a name of"),
                    StartsWith("profile.yaml:5: agents.Vendas.about: expected a text"),
                    StartsWith("profile.yaml:6: agents.suporte.prompt: expected a file prompt"),
                    HasSubstr("rules[1].agent: expected agents of this profile (Vendas, suporte)")));
}

TEST_F(profile_test, a_hand_over_by_words_wants_a_text) {
    folder.write_good();
    write("profile.yaml", std::string(good_profile_yaml) + "handoff: {words: Falar com Atendente}\n");
    EXPECT_THAT(problems(),
                ElementsAre("profile.yaml:4: texts: expected handoff, too: what to say to who asks for a "
                            "person"));
    std::string whole(good_profile_yaml);
    whole.replace(whole.find("too_long_note: d"), 16, "too_long_note: d, handoff: Já vou chamar");
    write("profile.yaml", whole + "handoff: {words: Falar com Atendente!, pause_minutes: 90}\n");
    const auto got = folder.read();
    ASSERT_TRUE(got.read) << ::testing::PrintToString(problems());
    EXPECT_THAT(got.read->hand_over.words, ElementsAre("falar com atendente"));
    EXPECT_EQ(got.read->hand_over.pause, std::chrono::minutes(90));
    EXPECT_THAT(got.read->built_in_tools, ElementsAre("add_lead_to_nocodb", "transfer_to_human"));
    write("profile.yaml", std::string(good_profile_yaml) + "built_in_tools: [add_lead]\n");
    EXPECT_THAT(problems(), Contains(HasSubstr("built_in_tools")));
}

TEST_F(profile_test, says_how_a_customer_is_forgotten) {
    folder.write_good();
    auto shop = folder.read().read;
    ASSERT_TRUE(shop);
    EXPECT_THAT(shop->forget_words, ElementsAre("/esquecer"));
    EXPECT_THAT(shop->texts.forgotten, StartsWith("Pronto, esqueci"));
    std::string yaml = good_profile_yaml;
    yaml.insert(yaml.find("too_long_note"), "forgotten: 'tchau, da {{shop}}', ");
    write("profile.yaml", yaml + "memory: {forget_words: [/fim, apague tudo]}\n");
    shop = folder.read().read;
    ASSERT_TRUE(shop) << ::testing::PrintToString(problems());
    EXPECT_THAT(shop->forget_words, ElementsAre("/fim", "apague tudo"));
    EXPECT_EQ(shop->texts.forgotten, "tchau, da {{shop}}");
    write("profile.yaml", std::string(good_profile_yaml) + "memory: {forget_words: []}\n");
    EXPECT_THAT(folder.read().read->forget_words, IsEmpty());
    write("profile.yaml", std::string(good_profile_yaml) + "memory: {forget_word: x}\n");
    EXPECT_THAT(problems(), ElementsAre(HasSubstr("memory.forget_word: unknown key (did you mean")));
}

TEST_F(profile_test, what_is_commented_out_is_absent) {
    write("profile.yaml", std::string(good_profile_yaml) + "people:\n#  pause_words: [x]\nvariants:\n");
    write("prompt.md", "Oi.");
    write("schedule.yaml", "# nothing yet\n");
    EXPECT_THAT(problems(), IsEmpty());
}

TEST(local_time, is_the_shops_time_in_portuguese) {
    const auto when = std::chrono::system_clock::from_time_t(1'795'228'440); // 2026-11-21 02:34 UTC
    const auto in_recife = local_time_at(when, "America/Recife");
    EXPECT_EQ(in_recife.weekday, "sexta-feira");
    EXPECT_EQ(in_recife.date, "20 de novembro de 2026");
    EXPECT_EQ(in_recife.time, "23:34");
    EXPECT_EQ(local_time_at(when, "Europe/Lisbon").time, "02:34");
    EXPECT_FALSE(is_time_zone("Brasil"));
    EXPECT_TRUE(is_time_zone("America/Sao_Paulo"));
}

TEST_F(profile_test, reads_what_it_says_of_knowledge) {
    folder.write_good();
    folder.write("profile.yaml", std::string(good_profile_yaml) +
                                     "knowledge:\n"
                                     "  whole_up_to: 0\n"
                                     "  excerpts: 4\n"
                                     "  synonyms:\n"
                                     "    - [test ride, volta de moto]\n"
                                     "  built_in_synonyms: false\n"
                                     "  faq:\n"
                                     "    - questions: Onde fica?\n"
                                     "      answer: \"Na {{shop}}, fale com {{agent_name}}\"\n");
    const auto got = folder.read();
    ASSERT_TRUE(got.read) << ::testing::PrintToString(folder.problems());
    const auto& knowledge = got.read->knowledge;
    EXPECT_EQ(knowledge.whole_up_to, 0U);
    EXPECT_EQ(knowledge.excerpts, 4U);
    EXPECT_EQ(knowledge.chunk_characters, 900U);
    EXPECT_FALSE(knowledge.built_in_synonyms);
    EXPECT_THAT(knowledge.synonyms, ElementsAre(ElementsAre("test ride", "volta de moto")));
    ASSERT_EQ(knowledge.faq.size(), 1U);
    EXPECT_EQ(knowledge.faq[0].answer, "Na {{shop}}, fale com {{agent_name}}")
        << "not yet: AGENT_NAME decides";
    EXPECT_EQ(knowledge.faq[0].where.file, "profile.yaml");
    EXPECT_EQ(knowledge.faq[0].where.first_line, 16);
}

TEST_F(profile_test, names_what_is_wrong_with_knowledge) {
    folder.write_good();
    folder.write("profile.yaml", std::string(good_profile_yaml) +
                                     "knowledge:\n"
                                     "  whole: 0\n"
                                     "  excerpts: 0\n"
                                     "  synonyms: [[moto]]\n"
                                     "  built_in_synonyms: talvez\n"
                                     "  faq: [{questions: [Oi], answer: \"{{nada}}\"}]\n");
    folder.write("knowledge/faq.yaml", "faq: [{questions: [Oi]}]\n");
    EXPECT_THAT(
        folder.problems(),
        AllOf(Contains(StartsWith("profile.yaml:10: knowledge.whole: unknown key")),
              Contains(StartsWith("profile.yaml:11: knowledge.excerpts: expected a whole number from 1")),
              Contains(HasSubstr("knowledge.synonyms: expected a list of groups")),
              Contains(HasSubstr("knowledge.built_in_synonyms: expected true or false")),
              Contains(StartsWith("profile.yaml:14: faq.answer: the variable {{nada}}")),
              Contains(StartsWith("knowledge/faq.yaml:1: faq.answer: expected a text"))));
    EXPECT_THAT(folder.problems(language::portuguese), Contains(HasSubstr("espera uma lista de grupos")));
}

TEST_F(profile_test, a_tool_needs_a_name_that_no_server_offers) {
    folder.write_good();
    folder.write("profile.yaml", std::string(good_profile_yaml) +
                                     "mcp: [{name: estoque, command: node, tools: [{name: listar, pin: " +
                                     std::string(64, 'a') + "}]}]\n");
    const auto tool = [](const std::string& name) {
        return "name: " + name +
               "\ndescription: x\nurl: https://example.com/\nanswers: [{success: feito}]\nmock: [{}]\n";
    };
    folder.write("tools/a.yaml", tool("listar"));
    const auto got = folder.read();
    ASSERT_TRUE(got.read) << ::testing::PrintToString(folder.problems());
    EXPECT_EQ(got.read->tools.size(), 1U);
    EXPECT_EQ(got.read->mcp_servers.at(0).folder, folder.path());

    folder.write("tools/a.yaml", tool("estoque__listar"));
    EXPECT_THAT(
        folder.problems(),
        ElementsAre("tools/a.yaml:1: name: expected another name: the MCP server estoque has this one"));
}

} // namespace
} // namespace atende::test
