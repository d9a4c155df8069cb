// Files of knowledge: which are read, as what, and what is wrong with them.
#include "agent/knowledge/knowledge_files.hpp"
#include "knowledge_fixture.hpp"

#include <gmock/gmock.h>

namespace atende::test {
namespace {

using ::testing::HasSubstr;

using KnowledgeFilesTest = knowledge_fixture;

TEST_F(KnowledgeFilesTest, ReadsWhatNotepadWrites) {
    options.whole_up_to = 1'000;
    write("ansi.txt", "Promo\xE7\xE3o de ver\xE3o");
    write("mark.txt", "\xEF\xBB\xBF"
                      "Preço");
    write("utf16.txt", std::string_view("\xFF\xFE\x4F\x00\x6C\x00\xE1\x00", 8));
    const auto whole = loop.await(loaded().look_up("x", "")).whole;
    EXPECT_THAT(whole, HasSubstr("Promoção de verão"));
    EXPECT_THAT(whole, HasSubstr(">\nPreço\n"));
    EXPECT_THAT(whole, HasSubstr("Olá"));
}

// As of a file that could not be read until somebody was allowed to.
TEST_F(KnowledgeFilesTest, OtherRightsAreAChange) {
    write("a.md", "Custa R$ 10.");
    const auto file = home.path() / "knowledge/a.md";
    const std::vector<knowledge_folder> folders{{.path = file.parent_path()}};
    const auto before = fingerprint_of(folders);
    EXPECT_TRUE(loop.until([&] { // the file system's clock has to tick once
        std::filesystem::permissions(file, std::filesystem::perms::owner_all);
        return fingerprint_of(folders) != before;
    }));
}

TEST_F(KnowledgeFilesTest, AMissingFolderIsAFaultOnlyWhereItWasAskedFor) {
    EXPECT_TRUE(base().load());
    const auto read = base(true).load();
    ASSERT_FALSE(read);
    EXPECT_THAT(read.error().detail, HasSubstr("expected a folder"));
}

TEST_F(KnowledgeFilesTest, AFileThatIsTooLargeIsNamed) {
    write("lista.txt", std::string(3 << 20, 'x'));
    const auto read = base().load();
    ASSERT_FALSE(read);
    EXPECT_THAT(read.error().detail, HasSubstr("knowledge/lista.txt: expected at most 2 MB"));
}

TEST_F(KnowledgeFilesTest, NothingIsReadBeyondWhatFitsInAll) {
    for (char name = 'a'; name <= 'i'; ++name) {
        const auto file = std::string(1, name) + ".txt";
        write(file, "");
        std::filesystem::resize_file(home.path() / "knowledge" / file, 2 << 20);
    }
    write("z.txt", std::string(3 << 20, 'x'));
    const auto read = base().load();
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().detail, "knowledge: expected at most 16 MB in all");
}

// As when faq.yaml is renamed: the fixed answers would be lost without a word.
TEST_F(KnowledgeFilesTest, WhatNobodyReadsIsAMistakeInTheProfileAndTheOperatorsBusinessElsewhere) {
    write("loja.md", "Abre às 8h.");
    write("faq.yml", "faq: []");
    EXPECT_TRUE(base().load());
    of_profile = true;
    auto& knowledge = base();
    const auto refused = knowledge.load();
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().detail, HasSubstr("did you mean \"faq.yaml\"?"));
    knowledge.start();
    std::filesystem::remove(home.path() / "knowledge/faq.yml");
    EXPECT_TRUE(loop.until([&] { return knowledge.state().files == 1; }));
}

TEST_F(KnowledgeFilesTest, ALinkOutOfTheFolderIsNamedAndNotFollowed) {
    write("loja.md", "Abre às 8h.");
    write("../segredo.env", "TOKEN=x");
    std::filesystem::create_symlink("loja.md", home.path() / "knowledge/horario.md");
    EXPECT_EQ(loaded().state().files, 2U);
    std::filesystem::create_symlink("../segredo.env", home.path() / "knowledge/mais.md");
    const auto read = base().load();
    ASSERT_FALSE(read);
    EXPECT_THAT(read.error().detail, HasSubstr("knowledge/mais.md: expected what is in the folder itself"));
}

} // namespace
} // namespace atende::test
