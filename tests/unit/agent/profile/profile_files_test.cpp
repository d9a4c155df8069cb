// The files that make a profile: which they are, what is wrong with them, and their version.
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

class profile_files_test : public ::testing::Test {
protected:
    profile_folder folder;

    void write(const std::string& name, const std::string& text) const { folder.write(name, text); }
    [[nodiscard]] std::vector<std::string> problems() const { return folder.problems(); }
};

TEST_F(profile_files_test, says_what_is_missing) {
    EXPECT_THAT(problems(), AllOf(Contains(StartsWith("profile.yaml: cannot be read")),
                                  Contains(StartsWith("prompt.md: cannot be read"))));
    write("profile.yaml", "a: [");
    EXPECT_THAT(problems(), Contains(StartsWith("profile.yaml:1: not valid YAML")));
    EXPECT_THAT(load_profile("/nowhere/at/all").error().detail, HasSubstr("expected a folder"));
}

TEST_F(profile_files_test, misspelt_files_are_told_others_are_the_shops_own) {
    folder.write_good();
    write("promt.md", "never read");
    write("tool/x.yaml", "never read");
    write("evals/preco.yml", "never read");
    write("logo.png", "\x89PNG");
    write(".git/config", "");
    write("prompt.md~", "an editor's");
    EXPECT_THAT(problems(),
                ElementsAre("evals/preco.yml: expected a name that ends in .yaml (did you mean \".yaml\"?)",
                            "promt.md: is no part of a profile (did you mean \"prompt.md\"?)",
                            "tool: is no part of a profile (did you mean \"tools\"?)"));
}

TEST_F(profile_files_test, what_a_folder_has_no_use_for_is_told) {
    folder.write_good();
    write("parts/estilo.txt", "never read");
    write("../shared/parts/regras.mdd", "never read");
    write("tools/estoque.json", "{}");
    write("knowledge/faq.yml", "faq: []");
    write("knowledge/cursos/extra_faq.yaml", "faq: []");
    write("knowledge/tabela.PDF", "%PDF");
    write("knowledge/LOJA.TXT", "Abre às 8h.");
    for (const auto* aside : {"parts/.estilo.txt.swp", "parts/estilo.md~", "tools/a.yaml.orig",
                              "tools/Thumbs.db", "knowledge/..2026_01/x.pdf", "knowledge/loja.md.bak"})
        write(aside, "");
    EXPECT_THAT(
        problems(),
        ElementsAre("../shared/parts/regras.mdd: expected a name that ends in .md (did you mean \".md\"?)",
                    "knowledge/cursos/extra_faq.yaml: expected a name that ends in .md or .txt, or faq.yaml",
                    "knowledge/faq.yml: expected a name that ends in .md or .txt, or faq.yaml (did you mean "
                    "\"faq.yaml\"?)",
                    "knowledge/tabela.PDF: expected a name that ends in .md or .txt, or faq.yaml",
                    "parts/estilo.txt: expected a name that ends in .md",
                    StartsWith("tools/estoque.json: expected a name that ends in .yaml")));
    EXPECT_THAT(folder.problems(language::portuguese),
                Contains("knowledge/faq.yml: espera um nome que termine em .md ou .txt, ou faq.yaml (quis "
                         "dizer \"faq.yaml\"?)"));
}

TEST_F(profile_files_test, takes_what_windows_writes_and_names_what_it_cannot_read) {
    folder.write_good();
    write("prompt.md", "\xEF\xBB\xBFVocê é {{agent_name}}.\r\nFim.\r\n");
    ASSERT_THAT(problems(), IsEmpty());
    EXPECT_EQ(folder.read().read->agents.front().prompts.front().prompt, "Você é {{agent_name}}.\nFim.\n");
    write("prompt.md", "Oi.\nVoc\xEA \xE9 a Lia.\n"); // Latin-1
    EXPECT_THAT(problems(), ElementsAre(StartsWith("prompt.md:2: expected UTF-8 text")));
}

TEST_F(profile_files_test, the_version_is_that_of_what_shapes_answers) {
    folder.write_good();
    const auto version = [&] { return folder.read(profile_use::serve).read->version; };
    const auto before = version();
    EXPECT_EQ(before.size(), 12U);
    EXPECT_EQ(version(), before);
    write("evals/a.yaml", "conversations: [{name: a, turns: [{says: oi, expect: {mentions: oi}}]}]");
    EXPECT_EQ(version(), before);
    EXPECT_EQ(folder.read().read->version, before); // `atende check` tells the one that serves
    write("prompt.md", "Outro.");
    EXPECT_NE(version(), before);
    folder.write_good();
    EXPECT_EQ(version(), before);
    write("knowledge/precos.md", "XY 150: R$ 10");
    EXPECT_EQ(version(), before) << "knowledge comes into force by itself, and has a version of its own";
}

TEST_F(profile_files_test, evals_do_not_keep_a_shop_from_serving) {
    folder.write_good();
    write("evals/a.yaml", "conversation: []");
    write("evals/b.yml", "");
    EXPECT_EQ(folder.read().read, nullptr);
    EXPECT_NE(folder.read(profile_use::serve).read, nullptr);
}

TEST_F(profile_files_test, tools_are_part_of_its_version_and_knowledge_stands_beside_it) {
    folder.write_good();
    const auto before = folder.read().read;
    folder.write("tools/a.yml",
                 "name: a\ndescription: x\nurl: https://example.com/\nanswers: [{success: feito}]\n");
    const auto shop = folder.read().read;
    EXPECT_NE(shop->version, before->version);
    EXPECT_EQ(shop->label(""), "loja@" + shop->version);
    EXPECT_EQ(shop->label("0123456789ab"), "loja@" + shop->version + "+0123456789ab");
}

TEST_F(profile_files_test, counts_the_files_of_its_knowledge) {
    folder.write_good();
    folder.write("knowledge/precos.txt", "Pre\xE7o: R$ 512"); // as Windows writes it
    folder.write("knowledge/faq.yaml", "faq: [{questions: 'Tem Pix?', answer: Temos.}]");
    EXPECT_EQ(folder.read().files, 4U);
}

} // namespace
} // namespace atende::test
