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

TEST(profile_starter, overwrites_nothing_and_takes_no_odd_names) {
    const scratch_folder scratch;
    ASSERT_TRUE(write_new_profile(scratch.path() / "loja").has_value());
    EXPECT_THAT(write_new_profile(scratch.path() / "loja").error().portuguese, HasSubstr("já existe"));
    EXPECT_FALSE(write_new_profile(scratch.path() / "Minha Loja").has_value());
    EXPECT_FALSE(write_new_profile(scratch.path() / "shared").has_value());
    ASSERT_TRUE(write_new_tool(scratch.path() / "loja", "a").has_value());
    EXPECT_THAT(write_new_tool(scratch.path() / "loja", "a").error().english, HasSubstr("is there already"));
    EXPECT_FALSE(write_new_tool(scratch.path() / "loja", "../fora").has_value());
    EXPECT_THAT(write_new_tool(scratch.path(), "a").error().english, HasSubstr("profile.yaml"));
}

} // namespace
} // namespace atende::test
