#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atende/app/settings.hpp>
#include <set>

namespace atende {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

const environment_map production{{"APP_ENV", "prod"},
                                 {"INSTAGRAM_APP_SECRET", "app-secret"},
                                 {"INSTAGRAM_VERIFY_TOKEN", "verify"},
                                 {"INSTAGRAM_ACCESS_TOKEN", "IGAAtoken"},
                                 {"OPENAI_API_KEY", "sk-key"}};

std::expected<settings, std::vector<std::string>> loaded_from(environment_map values) {
    return load_settings({.values = std::move(values), .problems = {}});
}

std::vector<std::string> problems_of(environment_map values, std::string language = "en") {
    values.emplace("TERMINAL_LANGUAGE", std::move(language));
    const auto loaded = loaded_from(std::move(values));
    return loaded ? std::vector<std::string>{} : loaded.error();
}

environment_map with(environment_map base, std::string name, std::string value) {
    base.insert_or_assign(std::move(name), std::move(value));
    return base;
}

TEST(Settings, NothingConfiguredIsEnoughToTryIt) {
    const auto s = loaded_from({});
    ASSERT_TRUE(s) << s.error().front();
    EXPECT_EQ(s->environment, app_environment::dev);
    EXPECT_EQ(s->port, 8'000);
    EXPECT_EQ(s->host, "127.0.0.1");
    EXPECT_EQ(s->graph_version, "v25.0");
    EXPECT_EQ(s->graph_base_url, "https://graph.instagram.com");
    EXPECT_EQ(s->openai_base_url, "https://api.openai.com/v1");
    EXPECT_TRUE(s->agent_model.empty()) << "the profile's";
    EXPECT_FALSE(s->debounce) << "the profile's";
    EXPECT_FALSE(s->debounce_max);
    EXPECT_TRUE(s->offline());
    EXPECT_TRUE(s->simulator);
    EXPECT_TRUE(s->redis_url.empty());
}

TEST(Settings, ReportEveryProblemAtOnce) {
    const environment_map wrong{{"APP_ENV", "moon"},
                                {"PORT", "many"},
                                {"LOG_LEVEL", "loud"},
                                {"LOG_FORMAT", "xml"},
                                {"TERMINAL_LANGUAGE", "fr"},
                                {"DEBOUNCE_SECONDS", "-1"},
                                {"GRAPH_BASE_URL", "graph"},
                                {"REDIS_URL", "http://x"},
                                {"ADMIN_TOKEN", "short"},
                                {"ADMIN_ALLOW", "127.0.0.1,the shop"},
                                {"TRUSTED_PROXIES", "the proxy"},
                                {"AI_DRY_RUN", "perhaps"},
                                {"MAX_AGENT_INPUT_CHARS", "1e3"},
                                {"INSTAGRAM_API_VERSION", "newest"},
                                {"INSTAGRAM_ACCESS_TOKEN", "two words"},
                                {"NOCODB_TABLE_URL", "https://x/nothing"}};
    const auto problems = problems_of(wrong);
    for (const auto& [name, value] : wrong) EXPECT_THAT(problems, Contains(HasSubstr(name)));
    EXPECT_THAT(problems_of({{"PORT", "many"}}),
                Contains(HasSubstr("PORT: expected a number from 0 to 65535, got \"many\"")));
}

TEST(Settings, NeverQuoteASecretThatIsWrong) {
    const auto problems = problems_of({{"ADMIN_TOKEN", "canary"},
                                       {"INSTAGRAM_ACCESS_TOKEN", "canary canary"},
                                       {"OPENAI_API_KEY", "canary canary"},
                                       {"INSTAGRAM_APP_SECRET", "canary,"},
                                       {"REDIS_URL", "redis://:canary@host:none"}});
    EXPECT_EQ(problems.size(), 5U);
    for (const auto& problem : problems) EXPECT_THAT(problem, Not(HasSubstr("canary")));
}

TEST(Settings, SayWhatWasExpectedInASentence) {
    const std::pair<environment_map, std::string> sentences[] = {
        {{{"HOST", "shop.example"}},
         "HOST: expected an IP address such as 127.0.0.1 or ::1, or localhost, got \"shop.example\""},
        {{{"OPENAI_BASE_URL", "http://a b"}},
         "OPENAI_BASE_URL: expected a URL with https:// (or http://) and a host, without spaces, got "
         "\"http://a b\""},
        {{{"INSTAGRAM_ACCOUNT_ID", "@shop"}},
         "INSTAGRAM_ACCOUNT_ID: expected the account's id, digits only, got \"@shop\""},
        {{{"REDIS_URL", "rediss://x"}},
         "REDIS_URL: expected redis://[[user]:password@]host[:port][/db] or unix:///path (TLS to Redis "
         "(rediss://) is not supported; use redis:// on a private network or a local TLS tunnel)"},
        {{{"LEASE_SECONDS", "0.2"}},
         "LEASE_SECONDS: expected seconds from 0.3 to 300, such as 2.5, got \"0.2\""},
        {{{"NOCODB_TABLE_URL", "https://"}, {"NOCODB_API_TOKEN", "t"}},
         "NOCODB_TABLE_URL: expected the API address of a table's records (this one names no host), got "
         "\"https://\""},
    };
    for (const auto& [values, sentence] : sentences)
        EXPECT_THAT(problems_of(values), testing::ElementsAre(sentence));
}

TEST(Settings, SayItInPortugueseUnlessToldOtherwise) {
    EXPECT_EQ(loaded_from({})->lang, language::portuguese);
    EXPECT_EQ(loaded_from({{"TERMINAL_LANGUAGE", "en"}})->lang, language::english);
    const auto wrong = loaded_from({{"PORT", "many"}, {"TERMINAL_LANGUAGE", "fr"}});
    ASSERT_FALSE(wrong);
    EXPECT_THAT(wrong.error(),
                testing::UnorderedElementsAre("TERMINAL_LANGUAGE: espera pt-BR ou en; recebeu \"fr\"",
                                              "PORT: espera um número de 0 a 65535; recebeu \"many\""));
}

TEST(Settings, TheLanguageIsKnownWhateverElseIsWrong) {
    EXPECT_EQ(language_of({{"TERMINAL_LANGUAGE", "en"}, {"PORT", "many"}}), language::english);
    EXPECT_EQ(language_of({{"TERMINAL_LANGUAGE", "PT-br"}}), language::portuguese);
    EXPECT_EQ(language_of({{"TERMINAL_LANGUAGE", "fr"}, {"LANG", "en_US.UTF-8"}}), language::portuguese);
    EXPECT_EQ(language_of({{"LANG", "en_US.UTF-8"}}), language::portuguese) << "not the locale's";
}

// Mistakes of every kind: none is said in the words of the other language.
TEST(Settings, EveryMistakeIsSaidInBothLanguages) {
    std::vector<environment_map> mistakes{
        {{"APP_ENV", "prod"}, {"ENABLE_SIMULATOR", "1"}, {"AI_DRY_RUN", "1"}},
        {{"NOCODB_API_TOKEN", "t"}},
        {{"NOCODB_TABLE_URL", "https://n.example/api/v2/tables/m1/records"}},
        {{"DEBOUNCE_SECONDS", "30"}, {"DEBOUNCE_MAX_SECONDS", "12"}}};
    for (const auto& row : all_settings()) {
        if (row.name == "TERMINAL_LANGUAGE") continue; // would choose the language itself
        for (const char* wrong : {"?", "https://u@x", "two words,"})
            mistakes.push_back({{std::string(row.name), wrong}, {"ADMIN_TOKEN", "0123456789abcdef"}});
    }
    for (const char* url : {"http://x", "rediss://x", "unix://", "redis://x@y", "redis://x/y", "redis://[::1",
                            "redis://x:y", "redis://:1"})
        mistakes.push_back({{"REDIS_URL", url}});
    for (const char* url :
         {"https://a b", "x", "https://n/dashboard", "https://", "https://u@h/api/v2/tables/m1/records",
          "https://n/api/v2/tables/records", "https://n/tables"})
        mistakes.push_back({{"NOCODB_TABLE_URL", url}, {"NOCODB_API_TOKEN", "t"}});
    std::size_t seen = 0;
    for (const auto& values : mistakes) {
        const auto portuguese = problems_of(values, "pt-BR"), english = problems_of(values, "en");
        ASSERT_EQ(portuguese.size(), english.size());
        for (std::size_t i = 0; i < portuguese.size(); ++i, ++seen) {
            EXPECT_NE(portuguese[i], english[i]);
            EXPECT_THAT(portuguese[i], Not(testing::ContainsRegex(
                                           "[ (](the|must|with|expected|is|names|holds|does|neither)[ )]")));
        }
    }
    EXPECT_GT(seen, all_settings().size());
}

TEST(Settings, TheOperatorIsOnThisMachineUnlessSaidOtherwise) {
    const auto usual = loaded_from({});
    ASSERT_TRUE(usual);
    EXPECT_TRUE(usual->admin_allow.contains("127.0.0.1"));
    EXPECT_TRUE(usual->admin_allow.contains("::1"));
    EXPECT_FALSE(usual->admin_allow.contains("192.168.0.7"));
    const auto other = loaded_from({{"ADMIN_ALLOW", "192.168.0.0/24"}});
    ASSERT_TRUE(other);
    EXPECT_TRUE(other->admin_allow.contains("192.168.0.7"));
    EXPECT_FALSE(other->admin_allow.contains("127.0.0.1")) << "the list is all there is";
}

TEST(Settings, AUrlHasAHostAndNoSpaces) {
    for (const char* wrong :
         {"https://", "https:///", "https://:80", "https://?x", "https://u@", "http://a b"})
        EXPECT_EQ(problems_of({{"PUBLIC_BASE_URL", wrong}}).size(), 1U) << wrong;
    for (const char* right : {"https://shop.example", "http://[::1]:80/x/", "http://u:p@h"})
        EXPECT_THAT(problems_of({{"PUBLIC_BASE_URL", right}}), testing::IsEmpty()) << right;
}

TEST(Settings, ReportBrokenLinesAndTheRestTogether) {
    const auto loaded = load_settings(
        {.values = {{"PORT", "many"}}, .problems = {bilingual{".env, linha 1: …", ".env line 1: …"}}});
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().size(), 2U);
}

TEST(Settings, WhatIsWrongIsNotCalledMissing) {
    for (const char* name : {"INSTAGRAM_ACCESS_TOKEN", "OPENAI_API_KEY"})
        EXPECT_EQ(problems_of(with(production, name, "two words")).size(), 1U) << name;
}

TEST(Settings, TheServerIsReachedThroughLoopback) {
    const std::pair<const char*, const char*> urls[] = {
        {"127.0.0.1", "http://127.0.0.1:80"}, {"localhost", "http://127.0.0.1:80"},
        {"0.0.0.0", "http://127.0.0.1:80"},   {"::", "http://[::1]:80"},
        {"::1", "http://[::1]:80"},           {"10.0.0.7", "http://10.0.0.7:80"}};
    for (const auto& [host, url] : urls) EXPECT_EQ(server_url(*loaded_from({{"HOST", host}}), 80), url);
}

TEST(Settings, ProductionNeedsWhatARealShopNeeds) {
    EXPECT_THAT(problems_of(production), testing::IsEmpty());
    for (const auto& [name, value] : production) {
        if (name == "APP_ENV") continue;
        for (const char* missing : {"", "  "})
            EXPECT_THAT(problems_of(with(production, name, missing)), Contains(HasSubstr(name)));
    }
    EXPECT_THAT(problems_of(with(production, "AI_DRY_RUN", "1")), Contains(HasSubstr("AI_DRY_RUN")));
    EXPECT_EQ(problems_of({{"APP_ENV", "prod"}}).size(), 4U);
    EXPECT_THAT(problems_of({{"APP_ENV", "staging"}}), testing::IsEmpty());
}

TEST(Settings, ProductionHasASimulatorOnlyBehindAToken) {
    EXPECT_FALSE(loaded_from(production)->simulator);
    const auto enabled = with(production, "ENABLE_SIMULATOR", "true");
    EXPECT_THAT(problems_of(enabled), Contains(HasSubstr("ADMIN_TOKEN")));
    const auto guarded = loaded_from(with(enabled, "ADMIN_TOKEN", "0123456789abcdef"));
    ASSERT_TRUE(guarded);
    EXPECT_TRUE(guarded->simulator);
    EXPECT_FALSE(loaded_from({{"ENABLE_SIMULATOR", "false"}})->simulator);
    EXPECT_TRUE(loaded_from({{"ENABLE_SIMULATOR", ""}})->simulator);
}

TEST(Settings, TakeTheOriginalNames) {
    EXPECT_EQ(loaded_from({{"MODEL_NAME", "old"}})->agent_model, "old");
    EXPECT_EQ(loaded_from({{"MODEL_NAME", "old"}, {"AGENT_MODEL", "new"}})->agent_model, "new");
    EXPECT_EQ(loaded_from({{"MODEL_NAME", "old"}, {"AGENT_MODEL", " "}})->agent_model, "old");
}

TEST(Settings, FlagsAreWrittenInManyWays) {
    for (const char* yes : {"1", "true", "True", "TRUE", "yes", "on"})
        EXPECT_TRUE(loaded_from({{"AI_DRY_RUN", yes}})->dry_run) << yes;
    for (const char* no : {"0", "false", "False", "no", "off", ""})
        EXPECT_FALSE(loaded_from({{"AI_DRY_RUN", no}})->dry_run) << no;
}

TEST(Settings, AKeyMakesTheModelReal) {
    EXPECT_FALSE(loaded_from({{"OPENAI_API_KEY", "sk"}})->offline());
    EXPECT_TRUE(loaded_from({{"OPENAI_API_KEY", "sk"}, {"AI_DRY_RUN", "1"}})->offline());
}

TEST(Settings, DebounceIsInSeconds) {
    EXPECT_EQ(loaded_from({{"DEBOUNCE_SECONDS", "2.5"}})->debounce, 2'500ms);
    EXPECT_EQ(loaded_from({{"DEBOUNCE_SECONDS", "0"}})->debounce, 0ms);
    EXPECT_EQ(loaded_from({{"DEBOUNCE_MAX_SECONDS", "0.5"}})->debounce_max, 500ms);
    EXPECT_TRUE(loaded_from({{"DEBOUNCE_SECONDS", "30"}, {"DEBOUNCE_MAX_SECONDS", ""}}));
    EXPECT_THAT(problems_of({{"DEBOUNCE_SECONDS", "30"}, {"DEBOUNCE_MAX_SECONDS", "12"}}),
                Contains(HasSubstr("DEBOUNCE_MAX_SECONDS")));
    for (const char* wrong : {"nan", "2,5", "61", "1s"})
        EXPECT_EQ(problems_of({{"DEBOUNCE_SECONDS", wrong}}).size(), 1U) << wrong;
    EXPECT_EQ(problems_of({{"DEBOUNCE_MAX_SECONDS", "121"}}).size(), 1U);
}

TEST(Settings, OfVoiceHaveAUsualValue) {
    const auto usual = loaded_from({});
    EXPECT_EQ(usual->audio_reply_kept, 60min);
    EXPECT_EQ(usual->max_audio_reply_characters, 600);
    EXPECT_EQ(usual->transcription_model, "gpt-4o-mini-transcribe");
    const auto own = loaded_from({{"AUDIO_REPLY_MINUTES", "90"},
                                  {"MAX_AUDIO_REPLY_CHARS", "80"},
                                  {"AUDIO_TRANSCRIPTION_MODEL", "whisper-1"}});
    EXPECT_EQ(own->audio_reply_kept, 90min);
    EXPECT_EQ(own->max_audio_reply_characters, 80);
    EXPECT_EQ(own->transcription_model, "whisper-1");
}

TEST(Settings, SeveralAppSecretsAreSeparatedByCommas) {
    EXPECT_EQ(loaded_from({{"INSTAGRAM_APP_SECRET", "one, two ,three"}})->app_secrets,
              (std::vector<std::string>{"one", "two", "three"}));
    for (const char* wrong : {",", "one,", "one,,two"})
        EXPECT_EQ(problems_of({{"INSTAGRAM_APP_SECRET", wrong}}).size(), 1U) << wrong;
}

TEST(Settings, UrlsLoseTheirLastSlash) {
    EXPECT_EQ(loaded_from({{"GRAPH_BASE_URL", "https://graph.facebook.com/"}})->graph_base_url,
              "https://graph.facebook.com");
}

TEST(Settings, NocoDbIsConfiguredWholeOrNotAtAll) {
    EXPECT_THAT(problems_of({{"NOCODB_API_TOKEN", "t"}}), Contains(HasSubstr("NOCODB_TABLE_URL")));
    EXPECT_THAT(problems_of({{"NOCODB_TABLE_URL", "https://n.example/api/v2/tables/m1/records"}}),
                Contains(HasSubstr("NOCODB_API_TOKEN")));
}

TEST(Settings, AreDescribedWithSecretsMasked) {
    std::string described = describe({{"OPENAI_API_KEY", "sk-canary-abcd"},
                                      {"ADMIN_TOKEN", "canary"},
                                      {"REDIS_URL", "redis://:canary@host:6379/0"},
                                      {"MODEL_NAME", "old"},
                                      {"UNRELATED", "x"}});
    EXPECT_THAT(described, Not(HasSubstr("canary")));
    EXPECT_THAT(described, HasSubstr("OPENAI_API_KEY=****abcd\n"));
    EXPECT_THAT(described, HasSubstr("ADMIN_TOKEN=****\n"));
    EXPECT_THAT(described, HasSubstr("AGENT_MODEL=old\n"));
    EXPECT_THAT(described, HasSubstr("PORT=8000\n"));
    EXPECT_THAT(described, Not(HasSubstr("UNRELATED")));
    EXPECT_EQ(static_cast<std::size_t>(std::ranges::count(described, '\n')), all_settings().size());
}

TEST(Settings, AreDescribedAsTheyAreInForce) {
    EXPECT_THAT(describe({}), HasSubstr("ENABLE_SIMULATOR=true\n"));
    EXPECT_THAT(describe({{"APP_ENV", "prod"}}), HasSubstr("ENABLE_SIMULATOR=false\n"));
    EXPECT_THAT(describe({{"APP_ENV", "prod"}, {"ENABLE_SIMULATOR", "1"}}),
                HasSubstr("ENABLE_SIMULATOR=1\n"));
    EXPECT_THAT(describe({}), HasSubstr("AGENT_NAME= # o nome é o do perfil\n"));
    EXPECT_THAT(describe({{"TERMINAL_LANGUAGE", "en"}}), HasSubstr("AGENT_NAME= # the profile's\n"));
    EXPECT_THAT(describe({{"AGENT_NAME", "Sol"}}), HasSubstr("AGENT_NAME=Sol\n"));
    for (const char* name : {"AGENT_MODEL", "DEBOUNCE_SECONDS", "DEBOUNCE_MAX_SECONDS"})
        EXPECT_THAT(describe({}), testing::ContainsRegex(std::string(name) + "= # .*do perfil"));
}

TEST(Settings, AWebChatNeedsItsTokenAndItsOrigins) {
    const environment_map chat{{"WEB_CHAT_TOKEN", "a-token-for-the-page"},
                               {"WEB_CHAT_ORIGINS", "https://Loja.example, http://localhost:3000"}};
    const auto s = loaded_from(chat);
    ASSERT_TRUE(s) << s.error().front();
    EXPECT_EQ(s->web_chat_origins,
              (std::vector<std::string>{"https://loja.example", "http://localhost:3000"}));
    EXPECT_EQ(s->web_chat_sessions_a_minute, 60);
    EXPECT_THAT(problems_of({{"WEB_CHAT_TOKEN", "a-token-for-the-page"}}),
                Contains(HasSubstr("WEB_CHAT_ORIGINS is missing")));
    EXPECT_THAT(problems_of({{"WEB_CHAT_ORIGINS", "https://loja.example"}}),
                Contains(HasSubstr("WEB_CHAT_TOKEN is missing")));
    EXPECT_THAT(problems_of(with(chat, "WEB_CHAT_TOKEN", "short")), Contains(HasSubstr("16 characters")));
    for (const char* wrong : {"*", "loja.example", "https://loja.example/chat", "https://", "ftp://x",
                              "https://a,", "https://*.loja.example"}) {
        EXPECT_THAT(problems_of(with(chat, "WEB_CHAT_ORIGINS", wrong)),
                    Contains(HasSubstr("WEB_CHAT_ORIGINS")))
            << wrong;
    }
}

TEST(Settings, ToolsAreGivenEveryVariableButOurOwnSecrets) {
    environment_map values{
        {"STOCK_API_TOKEN", "theirs"}, {"PATH", "/bin"}, {"AGENT_NAME", "Sol"}, {"EMPTY", " "}};
    for (const auto& row : all_settings()) {
        if (row.secret) values.emplace(row.name, "a-long-secret-of-ours");
    }
    values["REDIS_URL"] = "redis://:password@redis:6379";
    values["NOCODB_TABLE_URL"] = "https://noco.example/api/v2/tables/m1/records";
    values["WEB_CHAT_ORIGINS"] = "https://loja.example";
    const auto s = loaded_from(values);
    ASSERT_TRUE(s) << s.error().front();
    EXPECT_EQ(s->tool_environment,
              (environment_map{{"AGENT_NAME", "Sol"},
                               {"NOCODB_TABLE_URL", "https://noco.example/api/v2/tables/m1/records"},
                               {"PATH", "/bin"},
                               {"STOCK_API_TOKEN", "theirs"},
                               {"WEB_CHAT_ORIGINS", "https://loja.example"}}));
}

TEST(SettingsTable, IsCompleteAndItsDefaultsAreValid) {
    std::set<std::string_view> names;
    for (const auto& row : all_settings()) {
        EXPECT_TRUE(names.insert(row.name).second) << row.name;
        EXPECT_FALSE(row.meaning.empty() || row.meaning_pt.empty() || row.group.empty()) << row.name;
        settings into;
        if (!row.fallback.empty()) EXPECT_FALSE(row.apply(row.fallback, into)) << row.name;
    }
    for (const char* name : {"OPENAI_API_KEY",
                             "INSTAGRAM_VERIFY_TOKEN",
                             "INSTAGRAM_ACCESS_TOKEN",
                             "INSTAGRAM_API_VERSION",
                             "PUBLIC_BASE_URL",
                             "REDIS_URL",
                             "AGENT_MODEL",
                             "AGENT_NAME",
                             "NOCODB_API_TOKEN",
                             "NOCODB_TABLE_URL",
                             "MEDIA_ALLOWED_HOSTS",
                             "AUDIO_TRANSCRIPTION_MODEL",
                             "AUDIO_REPLY_MODEL",
                             "AUDIO_REPLY_VOICE",
                             "ENABLE_INSTAGRAM_AUDIO_REPLY",
                             "MAX_TRANSCRIPTION_AUDIO_MB",
                             "MAX_TRANSCRIPTION_AUDIO_SECONDS",
                             "MAX_CONTACT_AUDIO_MINUTES",
                             "MAX_AGENT_INPUT_CHARS",
                             "MAX_AUDIO_REPLY_CHARS",
                             "AI_DRY_RUN",
                             "INSTAGRAM_APP_SECRET",
                             "INSTAGRAM_ACCOUNT_ID",
                             "GRAPH_BASE_URL",
                             "OPENAI_BASE_URL",
                             "DEBOUNCE_SECONDS",
                             "DEBOUNCE_MAX_SECONDS",
                             "HOST",
                             "PORT",
                             "DATA_DIR",
                             "PROFILE_DIR",
                             "ADMIN_TOKEN",
                             "LOG_LEVEL",
                             "LOG_FORMAT",
                             "TERMINAL_LANGUAGE",
                             "APP_ENV"})
        EXPECT_TRUE(names.contains(name)) << name;
}

} // namespace
} // namespace atende
