// The profiles that ship, and the one that new-profile writes.
#include "agent/tools/declared_tool_spec.hpp"
#include "profile_folder.hpp"
#include "support/test_paths.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <atende/agent/profile_starter.hpp>
#include <chrono>
#include <utility>

namespace atende::test {
namespace {

using namespace std::chrono_literals;
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

// Null: it has none of that name.
std::shared_ptr<const declared_tool_spec> tool_of(std::string_view profile, std::string_view name) {
    const auto got =
        read_profile(std::filesystem::path(source_folder) / "profiles" / profile, profile_use::check);
    if (!got.read) return nullptr;
    const auto found = std::ranges::find(got.read->tools, name,
                                         [](const auto& tool) -> std::string_view { return tool->name; });
    return found == got.read->tools.end() ? nullptr : *found;
}

// These times are those of the systems that the profiles come from.
TEST(shipped_profiles, ask_services_for_so_long) {
    for (const auto& [name, timeout] :
         {std::pair("consultar_estoque", 8s), std::pair("agendar_test_ride", 10s)}) {
        const auto tool = tool_of("motorcycle-dealer", name);
        ASSERT_TRUE(tool) << name;
        EXPECT_EQ(tool->timeout, timeout) << name;
    }
}

TEST(shipped_profiles, keep_what_was_answered_for_so_long) {
    for (const auto& [name, time] :
         {std::pair("metricas_campanha", 5min), std::pair("listar_campanhas", 2min),
          std::pair("detalhes_campanha", 10min), std::pair("resumo_mensal", 30min)}) {
        const auto tool = tool_of("ads-manager", name);
        ASSERT_TRUE(tool) << name;
        EXPECT_EQ(tool->cache_ttl, time) << name;
    }
}

} // namespace
} // namespace atende::test
