// What `check` and `doctor` say of knowledge is what the server would say.
#include "app/doctor_checks.hpp"
#include "app/part_settings.hpp"
#include "app/told_knowledge.hpp"
#include "support/event_loop.hpp"
#include "unit/agent/profile/profile_folder.hpp"

#include <gmock/gmock.h>

namespace atende::test {
namespace {

class told_knowledge_test : public ::testing::Test {
protected:
    event_loop loop;
    profile_folder folder;
    settings configured;

    told_knowledge_test() {
        folder.write_good();
        configured.profile_folder = folder.path();
    }
    [[nodiscard]] told_knowledge told() const { return knowledge_told(configured, folder.read()); }
    // Refused, or the version.
    [[nodiscard]] result<std::string> served() {
        knowledge_base base(loop.executor(), nullptr, knowledge_options_for(configured, *folder.read().read));
        const auto read = base.load();
        loop.await(base.stop());
        if (!read) return std::unexpected(read.error());
        return base.version();
    }
    void write_fixed_answer() const {
        folder.write("profile.yaml",
                     std::string(good_profile_yaml) +
                         "knowledge: {faq: [{questions: 'Onde?', answer: 'Com {{agent_name}}'}]}");
    }
};

TEST_F(told_knowledge_test, has_the_servers_version) {
    EXPECT_EQ(told().version, "");
    write_fixed_answer();
    folder.write("knowledge/precos.md", "Custa R$ 10.");
    folder.write("knowledge/faq.yaml", "faq: [{questions: 'Quem?', answer: '{{agent_name}}'}]");
    const auto plain = told();
    EXPECT_EQ(plain.version, served().value());
    EXPECT_EQ(plain.files, 2U);
    EXPECT_EQ(plain.fixed_answers, 2U);
    configured.agent_name = "Bia";
    EXPECT_NE(told().version, plain.version);
    EXPECT_EQ(told().version, served().value());
}

TEST_F(told_knowledge_test, of_two_folders_too) {
    folder.write("knowledge/precos.md", "Custa R$ 10.");
    folder.write("../a/knowledge/precos.md", "Custa R$ 20.");
    folder.write("../a/knowledge/foto.jpg", "nobody's");
    configured.rag_folder = folder.path() / "../a/knowledge";
    EXPECT_EQ(told().version, served().value()) << "two files of one name, in the server's order";
    EXPECT_EQ(told().files, 2U);
    configured.rag_folder = folder.path() / "nenhuma";
    ASSERT_EQ(told().problems.size(), 1U);
    EXPECT_THAT(told().problems.front().what.english, testing::HasSubstr("expected a folder"));
}

TEST_F(told_knowledge_test, what_is_too_much_together_is_told) {
    configured.rag_folder = folder.path() / "../mais";
    for (const auto* name : {"knowledge/a.md", "../mais/a.md"}) {
        for (int i = 0; i < 5; ++i) {
            const auto file = name + std::to_string(i) + ".md";
            folder.write(file, "");
            std::filesystem::resize_file(folder.path() / file, 2 << 20);
        }
    }
    EXPECT_FALSE(served());
    EXPECT_EQ(told().problems.size(), 1U);
}

TEST_F(told_knowledge_test, the_doctor_counts_files_that_there_are) {
    const auto found = [this] { return check_knowledge(configured, folder.read()).found; };
    EXPECT_EQ(found().is, finding::state::unused);
    write_fixed_answer();
    EXPECT_EQ(found().is, finding::state::good);
    EXPECT_THAT(found().what.english, testing::StartsWith("0 files, 1 fixed answer, version "));
}

} // namespace
} // namespace atende::test
