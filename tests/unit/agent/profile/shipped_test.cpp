// The profiles that ship, and the one that new-profile writes.
#include "profile_folder.hpp"
#include "support/test_paths.hpp"

#include <gmock/gmock.h>

#include <atende/agent/profile_starter.hpp>

namespace atende::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::vector<std::filesystem::path> shipped() {
    std::vector<std::filesystem::path> folders;
    for (const auto& entry :
         std::filesystem::directory_iterator(std::filesystem::path(source_folder) / "profiles")) {
        if (entry.is_directory() && entry.path().filename() != "shared") folders.push_back(entry.path());
    }
    return folders;
}

// The words of a voice note stand behind [áudio]; a model that thinks it is deaf asks for what was just said.
TEST(shipped_profiles, tell_every_agent_that_voice_notes_are_heard) {
    const scratch_folder scratch;
    auto folders = shipped();
    ASSERT_GE(folders.size(), 5U);
    folders.push_back(scratch.path() / "nova-loja");
    ASSERT_TRUE(write_new_profile(folders.back()).has_value());
    for (const auto& folder : folders) {
        const auto got = read_profile(folder, profile_use::check);
        ASSERT_TRUE(got.read) << folder << text_of(got.problems.front(), language::english);
        for (const auto& agent : got.read->agents) {
            for (const auto& variant : agent.prompts)
                EXPECT_THAT(variant.prompt,
                            AllOf(HasSubstr("Depois de [áudio]"), Not(HasSubstr("ouve áudios"))))
                    << folder << " " << agent.id;
        }
    }
}

} // namespace
} // namespace atende::test
