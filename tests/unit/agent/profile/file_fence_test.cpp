// A profile that somebody else wrote: links out of it, pipes, and files without end.
#include "agent/profile/file_fence.hpp"
#include "profile_folder.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

namespace atende::test {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class file_fence_test : public ::testing::Test {
protected:
    profile_folder folder;

    void SetUp() override { folder.write_good(); }
    [[nodiscard]] fs::path at(const std::string& name) const {
        auto path = folder.path() / name;
        fs::create_directories(path.parent_path());
        return path;
    }
    [[nodiscard]] std::string prompt() const {
        const auto reading = folder.read();
        return reading.read ? reading.read->agents.front().prompts.front().prompt : "";
    }
};

TEST_F(file_fence_test, a_link_out_of_the_profile_is_named_and_not_followed) {
    folder.write("../segredos/.env", "META_ACCESS_TOKEN=x\n");
    folder.write("prompt.md", "{{> ambiente}}");
    fs::create_symlink("/proc/self/environ", at("parts/ambiente.md"));
    fs::create_symlink("../../../segredos/.env", at("knowledge/cursos/loja.md"));
    fs::create_symlink("../../segredos/.env", at("../shared/parts/estilo.md"));
    EXPECT_THAT(
        folder.problems(),
        ElementsAre(StartsWith("../shared/parts/estilo.md: expected what is in the folder itself; the link"),
                    StartsWith("knowledge/cursos/loja.md: expected what is in the folder itself"),
                    StartsWith("parts/ambiente.md: expected what is in the folder itself"),
                    StartsWith("prompt.md:1: expected a part that exists")));
}

TEST_F(file_fence_test, nor_is_a_folder) {
    for (const auto* name : {"parts", "tools", "knowledge", "evals"}) fs::create_symlink("/", at(name));
    fs::create_symlink("/", at("../shared/parts"));
    EXPECT_THAT(folder.problems(),
                ElementsAre(StartsWith("../shared/parts/: expected what is in the folder itself"),
                            StartsWith("evals/: expected"), StartsWith("knowledge/: expected"),
                            StartsWith("parts/: expected"), StartsWith("tools/: expected")));
}

TEST_F(file_fence_test, a_folder_whose_name_only_begins_alike_is_outside) {
    folder.write("../loja-2/loja.md", "De outra loja.");
    fs::create_symlink("../../loja-2/loja.md", at("knowledge/loja.md"));
    EXPECT_THAT(folder.problems(), ElementsAre(StartsWith("knowledge/loja.md: expected what is in")));
}

// As a ConfigMap is mounted, and replaced at once.
TEST_F(file_fence_test, links_of_kubernetes_stay_inside) {
    fs::remove(folder.path() / "prompt.md");
    folder.write("..2026_01/prompt.md", "Do cluster. {{> estilo}}");
    folder.write("..2026_01/parts/estilo.md", "Breve.");
    fs::create_symlink("..2026_01", at("..data"));
    fs::create_symlink("..data/prompt.md", at("prompt.md"));
    fs::create_symlink("..data/parts", at("parts"));
    folder.write("knowledge/..2026_01/loja.md", "Abre às 8h.");
    fs::create_symlink("..2026_01", at("knowledge/..data"));
    fs::create_symlink("..data/loja.md", at("knowledge/loja.md"));
    EXPECT_THAT(folder.problems(), IsEmpty());
    EXPECT_EQ(prompt(), "Do cluster. Breve.");
}

TEST_F(file_fence_test, a_part_may_be_a_link_to_a_shared_one) {
    folder.write("../shared/parts/estilo.md", "Breve.");
    fs::create_symlink("../../shared/parts/estilo.md", at("parts/jeito.md"));
    folder.write("prompt.md", "{{> jeito}}");
    EXPECT_EQ(prompt(), "Breve.");
}

TEST_F(file_fence_test, a_pipe_is_not_waited_for) {
    ASSERT_EQ(::mkfifo(at("parts/a.md").c_str(), S_IRUSR | S_IWUSR), 0);
    ASSERT_EQ(::mkfifo(at("knowledge/a.md").c_str(), S_IRUSR | S_IWUSR), 0);
    EXPECT_THAT(folder.problems(), ElementsAre(StartsWith("knowledge/a.md: cannot be read"),
                                               StartsWith("parts/a.md: cannot be read")));
}

TEST_F(file_fence_test, many_files_are_not_read_beyond_what_fits) {
    for (int i = 10; i < 27; ++i) {
        const auto name = "parts/" + std::to_string(i) + ".md";
        folder.write(name, "");
        fs::resize_file(at(name), 1U << 20U);
    }
    EXPECT_THAT(folder.problems(),
                ElementsAre(StartsWith("parts/26.md: expected at most 16 MB in the whole")))
        << "nothing is said of what was not read";
}

// The size that it is said to have is 0.
TEST(file_fence, reads_no_further_than_it_may) {
    const file_fence fence({"/proc/self"});
    const auto whole = fence.read("/proc/self/status", 1U << 20U);
    ASSERT_TRUE(whole);
    EXPECT_THAT(*whole, StartsWith("Name:"));
    const auto most = fence.read("/proc/self/status", 100);
    ASSERT_FALSE(most);
    EXPECT_THAT(most.error().english, StartsWith("expected at most"));
}

} // namespace
} // namespace atende::test
