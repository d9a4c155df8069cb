// What configuration and profile come to for the parts.
#include "app/part_settings.hpp"
#include "support/event_loop.hpp"
#include "unit/agent/profile/profile_folder.hpp"

#include <gtest/gtest.h>

#include <atende/agent/knowledge.hpp>
#include <atende/agent/memory.hpp>

namespace atende::test {
namespace {

settings configured(environment_map values = {}) {
    return load_settings({.values = std::move(values), .problems = {}}).value();
}

void add(std::vector<history_entry>& history, speaker who, std::int64_t number) {
    auto& added = history.emplace_back();
    added.who = who;
    added.turn = number;
}

// 24 turns, after the last of which a person may have written; of them what the store keeps.
turn after_24_turns(int messages_of_a_turn, int messages_of_a_person, const turn_store_settings& store) {
    turn about;
    for (std::int64_t number = 1; number <= 24; ++number) {
        for (int i = 0; i < messages_of_a_turn; ++i) add(about.history, speaker::customer, number);
        add(about.history, speaker::bot, number);
    }
    for (int i = 0; i < messages_of_a_person; ++i) add(about.history, speaker::person, 24);
    const auto kept = static_cast<std::size_t>(store.history_length);
    if (about.history.size() > kept)
        about.history.erase(about.history.begin(), about.history.end() - static_cast<std::ptrdiff_t>(kept));
    return about;
}

// A name said in the first turn is lost otherwise.
TEST(StoreSettings, NothingIsForgottenBeforeNotesCanBeMadeOfIt) {
    profile shop;
    shop.limits.history_turns = 12;
    const auto store = store_settings(configured(), shop);
    for (const auto& [customer, person] : {std::pair(1, 0), {5, 0}, {store.most_messages, 0}, {2, 200}}) {
        const auto due = compaction_due(after_24_turns(customer, person, store), 12);
        ASSERT_TRUE(due) << customer;
        EXPECT_EQ(due->turns.front().turn, 1) << customer;
        EXPECT_EQ(due->through, 12);
        EXPECT_TRUE(due->urgent) << "without a model, the lead is noted now";
    }
}

TEST(StoreSettings, MemoryIsBounded) {
    profile shop;
    shop.limits.history_turns = 100;
    EXPECT_EQ(store_settings(configured(), shop).history_length, 1'000);
    shop.limits.history_turns = 0;
    EXPECT_EQ(store_settings(configured(), shop).history_length, 0);
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

TEST(WebSettings, NoProxyIsTrustedUnlessItIsNamed) {
    EXPECT_FALSE(web_settings(configured()).trusted_proxies.contains("127.0.0.1"));
    const auto named = web_settings(configured({{"TRUSTED_PROXIES", "127.0.0.1, 172.16.0.0/12"}}));
    EXPECT_TRUE(named.trusted_proxies.contains("127.0.0.1"));
    EXPECT_TRUE(named.trusted_proxies.contains("172.18.0.2"));
    EXPECT_FALSE(named.trusted_proxies.contains("203.0.113.7"));
}

TEST(KnowledgeSettings, FilesAreWatchedUnlessTheShopSaysOtherwise) {
    EXPECT_TRUE(knowledge_options_for(configured(), {}).auto_reload);
    EXPECT_FALSE(knowledge_options_for(configured({{"RAG_AUTO_RELOAD", "0"}}), {}).auto_reload);
}

} // namespace
} // namespace atende::test
