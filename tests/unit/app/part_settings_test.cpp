// What configuration and profile come to for the parts.
#include "app/part_settings.hpp"
#include "support/event_loop.hpp"
#include "unit/agent/profile/profile_folder.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atende/agent/knowledge.hpp>
#include <atende/agent/memory.hpp>
#include <functional>

namespace atende::test {
namespace {

using namespace std::chrono_literals;

settings configured(environment_map values = {}) {
    return load_settings({.values = std::move(values), .problems = {}}).value();
}

// What a part is told, in text.
using told_part = std::function<std::string(const settings&)>;

embeddings_settings embeddings_of(const settings& s) {
    return knowledge_options_for(s, {}).embeddings;
}

// A setting that is read, and then forgotten on its way to the part, would go unseen.
TEST(PartSettings, SayWhatTheEnvironmentSays) {
    struct row {
        environment_map given;
        told_part told;
        std::string usual, expected;
    };
    const auto yes_no = [](bool is) { return std::string(is ? "yes" : "no"); };
    const std::vector<row> rows{
        {{{"AUDIO_REPLY_MODEL", "tts-1"}},
         [](const settings& s) { return speech_settings_for(s).model; },
         "gpt-4o-mini-tts",
         "tts-1"},
        {{{"AUDIO_REPLY_VOICE", "nova"}},
         [](const settings& s) { return speech_settings_for(s).voice; },
         "alloy",
         "nova"},
        {{{"AUDIO_REPLY_FORMAT", "wav"}},
         [&](const settings& s) { return yes_no(speech_settings_for(s).format == audio_format::wav); },
         "no",
         "yes"},
        {{{"MAX_TRANSCRIPTION_AUDIO_MB", "3"}},
         [](const settings& s) { return fmt::to_string(listener_limits(s).largest_file); },
         "20971520",
         "3145728"},
        {{{"MAX_TRANSCRIPTION_AUDIO_SECONDS", "45"}},
         [](const settings& s) { return fmt::to_string(listener_limits(s).longest / 1s); },
         "300",
         "45"},
        {{{"MEDIA_RETENTION_DAYS", "2"}},
         [](const settings& s) { return fmt::to_string(archive_settings(s).kept / 24h); },
         "0",
         "2"},
        {{{"MEDIA_MAX_MB", "64"}},
         [](const settings& s) { return fmt::to_string(archive_settings(s).most_bytes); },
         "1073741824",
         "67108864"},
        {{{"WEB_CHAT_SESSIONS_PER_MINUTE", "5"}},
         [](const settings& s) { return fmt::to_string(web_settings(s).sessions_a_minute); },
         "60",
         "5"},
        {{{"RAG_WATCH_INTERVAL", "0.5"}},
         [](const settings& s) { return fmt::to_string(knowledge_options_for(s, {}).watch_interval / 1ms); },
         "3000",
         "500"},
        {{{"RAG_AUTO_RELOAD", "false"}},
         [&](const settings& s) { return yes_no(knowledge_options_for(s, {}).auto_reload); },
         "yes",
         "no"},
        {{{"EMBEDDINGS_BASE_URL", "https://vectors.example/v1"}},
         [](const settings& s) { return embeddings_of(s).base_url; },
         "https://api.openai.com/v1",
         "https://vectors.example/v1"},
        // The key of one server is none of the other's business.
        {{{"EMBEDDINGS_BASE_URL", "https://vectors.example/v1"}},
         [](const settings& s) { return embeddings_of(s).api_key; },
         "sk-model",
         ""},
        {{{"EMBEDDINGS_BASE_URL", "https://vectors.example/v1"}, {"EMBEDDINGS_API_KEY", "sk-vectors"}},
         [](const settings& s) { return embeddings_of(s).api_key; },
         "sk-model",
         "sk-vectors"},
    };
    const environment_map basics{{"OPENAI_API_KEY", "sk-model"}, {"EMBEDDINGS_MODEL", "any"}};
    for (const auto& [given, told, usual, expected] : rows) {
        EXPECT_EQ(told(configured(basics)), usual) << given.rbegin()->first;
        auto values = given;
        values.insert(basics.begin(), basics.end());
        EXPECT_EQ(told(configured(std::move(values))), expected) << given.rbegin()->first;
    }
}

TEST(PartSettings, TheModelIsTheEnvironmentsOrTheProfiles) {
    profile shop;
    EXPECT_EQ(model_name(configured(), shop), "gpt-4o-mini");
    shop.model.name = "gpt-4o";
    EXPECT_EQ(model_name(configured(), shop), "gpt-4o");
    EXPECT_EQ(model_name(configured({{"AGENT_MODEL", "mine"}}), shop), "mine");
    EXPECT_EQ(model_name(configured({{"MODEL_NAME", "mine"}}), shop), "mine");
}

TEST(PartSettings, TheQuietWindowIsTheEnvironmentsOrTheProfiles) {
    struct row {
        environment_map given;
        debounce_options profile;
        std::optional<milliseconds> quiet;
        milliseconds longest;
    };
    const std::vector<row> rows{
        {{}, {}, std::nullopt, 12s},
        {{}, {.quiet = 3s, .longest = 5s}, 3s, 5s},
        {{}, {.quiet = 30s, .longest = {}}, 30s, 30s}, // the usual longest gives way
        {{{"DEBOUNCE_SECONDS", "30"}}, {}, 30s, 30s},
        {{{"DEBOUNCE_SECONDS", "1"}}, {.quiet = 3s, .longest = 5s}, 1s, 5s},
        {{{"DEBOUNCE_SECONDS", "0"}}, {.quiet = 3s, .longest = {}}, 0s, 12s},
        {{{"DEBOUNCE_SECONDS", "8"}}, {.quiet = 3s, .longest = 5s}, 8s, 8s},
        {{{"DEBOUNCE_MAX_SECONDS", "2"}}, {.quiet = 3s, .longest = 5s}, 3s, 2s},
        {{{"DEBOUNCE_SECONDS", "1"}, {"DEBOUNCE_MAX_SECONDS", "2"}}, {.quiet = 3s, .longest = 5s}, 1s, 2s},
    };
    for (const auto& [given, of_profile, quiet, longest] : rows) {
        profile shop;
        shop.debounce = of_profile;
        const auto at = ::testing::PrintToString(given);
        EXPECT_EQ(quiet_settings_of(configured(given), shop).fixed, quiet) << at;
        EXPECT_EQ(store_settings(configured(given), shop).longest_wait, longest) << at;
    }
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

} // namespace
} // namespace atende::test
