// What configuration and profile come to for the parts.
#include "app/part_settings.hpp"
#include "support/event_loop.hpp"
#include "unit/agent/profile/profile_folder.hpp"

#include <gtest/gtest.h>

#include <atende/agent/knowledge.hpp>

namespace atende::test {
namespace {

settings configured(environment_map values = {}) {
    return load_settings({.values = std::move(values), .problems = {}}).value();
}

TEST(KnowledgeSettings, FixedAnswersOfTheProfileKnowTheNameTheAgentGoesBy) {
    const profile_folder folder;
    folder.write_good();
    folder.write(
        "profile.yaml",
        std::string(good_profile_yaml) +
            "knowledge:\n"
            "  faq: [{questions: ['Quem é você?'], answer: 'Sou a {{agent_name}}, da {{shop}}.'}]\n");
    const auto shop = folder.read();
    ASSERT_TRUE(shop.read);
    const auto answer = [&](const environment_map& environment) {
        auto s = configured(environment);
        s.profile_folder = folder.path();
        event_loop loop;
        knowledge_base known(loop.executor(), nullptr, knowledge_options_for(s, *shop.read));
        const auto loaded = known.load();
        const auto found = known.answer_to("quem é você");
        return loaded && found ? found->answer : std::string("none");
    };
    EXPECT_EQ(answer({{"AGENT_NAME", "Bia"}}), "Sou a Bia, da Loja.");
    EXPECT_EQ(answer({}), "Sou a Lia, da Loja.");
}

} // namespace
} // namespace atende::test
