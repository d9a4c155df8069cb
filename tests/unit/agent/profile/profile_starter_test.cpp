// What `atende new-profile` and `atende new-tool` write is right as it stands, and answers.
#include "../fakes.hpp"
#include "profile_folder.hpp"
#include "support/event_loop.hpp"

#include <gmock/gmock.h>

#include <atende/agent/profile_starter.hpp>
#include <atende/agent/script_model.hpp>

namespace atende::test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::vector<std::string> problems_of(const std::filesystem::path& folder) {
    std::vector<std::string> lines;
    for (const auto& problem : read_profile(folder, profile_use::check).problems)
        lines.push_back(text_of(problem, language::english));
    return lines;
}

awaitable<thought> answer(agent mind, turn about) {
    co_return co_await mind.think(std::move(about));
}

TEST(profile_starter, writes_a_profile_that_passes_and_answers) {
    const scratch_folder scratch;
    const auto folder = scratch.path() / "nova-loja";
    const auto written = write_new_profile(folder);
    ASSERT_TRUE(written.has_value()) << written.error().english;
    EXPECT_EQ(written->size(), 6U);
    EXPECT_THAT(problems_of(folder), IsEmpty());

    const auto shop = read_profile(folder, profile_use::check).read;
    ASSERT_TRUE(shop);
    EXPECT_EQ(shop->evals.size(), 1U);
    const agent mind(shop, make_script_model(shop, ""), {}, "", 4'000, {});
    EXPECT_THAT(run(answer(mind, turn_saying({"oi"}))).text, HasSubstr("assistente virtual da Minha Loja"));
}

TEST(profile_starter, writes_a_tool_that_passes) {
    const scratch_folder scratch;
    const auto folder = scratch.path() / "nova-loja";
    ASSERT_TRUE(write_new_profile(folder).has_value());
    const auto written = write_new_tool(folder, "consultar_pedido");
    ASSERT_TRUE(written.has_value()) << written.error().english;
    EXPECT_THAT(problems_of(folder), IsEmpty());
    std::ifstream file(folder / "tools/consultar_pedido.yaml");
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    EXPECT_THAT(text, HasSubstr("\nname: consultar_pedido\n"));
}

std::string first_line_of(const std::filesystem::path& path) {
    std::ifstream file(path);
    std::string line;
    std::getline(file, line);
    return line;
}

// An editor that follows it finds the schema, or there is nothing to follow.
TEST(profile_starter, names_schemas_only_where_they_are) {
    const scratch_folder scratch;
    const auto elsewhere = scratch.path() / "loja";
    ASSERT_TRUE(write_new_profile(elsewhere).has_value());
    ASSERT_TRUE(write_new_tool(elsewhere, "a").has_value());
    for (const auto* name : {"profile.yaml", "script.yaml", "evals/primeira-conversa.yaml", "tools/a.yaml"})
        EXPECT_THAT(first_line_of(elsewhere / name), Not(HasSubstr("$schema"))) << name;

    std::filesystem::create_directories(scratch.path() / "docs/schemas");
    for (const auto* name : {"profile", "tool"})
        std::ofstream(scratch.path() / "docs/schemas" / (std::string(name) + ".schema.json")) << "{}";
    const auto beside = scratch.path() / "profiles/loja";
    ASSERT_TRUE(write_new_profile(beside).has_value());
    ASSERT_TRUE(write_new_tool(beside, "a").has_value());
    EXPECT_EQ(first_line_of(beside / "profile.yaml"),
              "# yaml-language-server: $schema=../../docs/schemas/profile.schema.json");
    EXPECT_EQ(first_line_of(beside / "tools/a.yaml"),
              "# yaml-language-server: $schema=../../../docs/schemas/tool.schema.json");
}

TEST(profile_starter, overwrites_nothing_and_takes_no_odd_names) {
    const scratch_folder scratch;
    ASSERT_TRUE(write_new_profile(scratch.path() / "loja").has_value());
    EXPECT_THAT(write_new_profile(scratch.path() / "loja").error().portuguese, HasSubstr("já existe"));
    EXPECT_FALSE(write_new_profile(scratch.path() / "Minha Loja").has_value());
    EXPECT_FALSE(write_new_profile(scratch.path() / "shared").has_value());
    ASSERT_TRUE(write_new_tool(scratch.path() / "loja", "a").has_value());
    EXPECT_THAT(write_new_tool(scratch.path() / "loja", "a").error().english, HasSubstr("is there already"));
    EXPECT_FALSE(write_new_tool(scratch.path() / "loja", "../fora").has_value());
    for (const auto* name : {"add_lead_to_nocodb", "transfer_to_human", "transfer_to_agent"})
        EXPECT_FALSE(write_new_tool(scratch.path() / "loja", name).has_value()) << name;
    EXPECT_THAT(problems_of(scratch.path() / "loja"), IsEmpty());
    EXPECT_THAT(write_new_tool(scratch.path(), "a").error().english, HasSubstr("profile.yaml"));
}

} // namespace
} // namespace atende::test
