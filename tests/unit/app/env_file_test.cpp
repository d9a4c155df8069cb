// .env: how it is read, and that the documents list exactly the variables there are.
#include "support/test_paths.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atende/app/settings.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <re2/re2.h>
#include <set>
#include <sstream>

namespace atende {
namespace {

environment_map parsed(std::string_view text) {
    auto read = parse_env_file(text);
    EXPECT_TRUE(read.problems.empty()) << text;
    return std::move(read.values);
}

TEST(EnvFile, IsReadAsShellsAndDockerWriteIt) {
    const auto values = parsed("# comment\n"
                               "\n"
                               "PLAIN=value\n"
                               "  SPACED = around \r\n"
                               "export EXPORTED=1\n"
                               "DOUBLE=\"a # b\" # comment\n"
                               "SINGLE='it is \"quoted\"'\n"
                               "COMMENTED=x # comment\n"
                               "TABBED=x\t# comment\n"
                               "HASH=a#b\n"
                               "EMPTY=\n"
                               "ONLY_COMMENT= # nothing here\n"
                               "EQUALS=a=b=c\n"
                               "TWICE=first\n"
                               "TWICE=second");
    const environment_map expected{{"PLAIN", "value"},
                                   {"SPACED", "around"},
                                   {"EXPORTED", "1"},
                                   {"DOUBLE", "a # b"},
                                   {"SINGLE", "it is \"quoted\""},
                                   {"COMMENTED", "x"},
                                   {"TABBED", "x"},
                                   {"HASH", "a#b"},
                                   {"EMPTY", ""},
                                   {"ONLY_COMMENT", ""},
                                   {"EQUALS", "a=b=c"},
                                   {"TWICE", "second"}};
    EXPECT_EQ(values, expected);
}

TEST(EnvFile, EveryBrokenLineIsNamed) {
    const auto read = parse_env_file("GOOD=1\nno equals sign\nBAD NAME=1\nOPEN=\"x\nAFTER='x' y\n=x\n");
    ASSERT_EQ(read.problems.size(), 5U);
    for (std::size_t i = 0; i < 5; ++i) {
        EXPECT_THAT(read.problems[i].english, testing::HasSubstr("line " + std::to_string(i + 2)));
        EXPECT_THAT(read.problems[i].portuguese, testing::HasSubstr("linha " + std::to_string(i + 2)));
    }
    EXPECT_EQ(read.values, (environment_map{{"GOOD", "1"}}));
}

TEST(EnvFile, AByteOrderMarkIsNoPartOfTheFirstName) {
    EXPECT_EQ(parsed("\xEF\xBB\xBFPORT=1\n"), (environment_map{{"PORT", "1"}}));
}

TEST(EnvFile, IsWeakerThanTheEnvironment) {
    const environment_map file{{"AGENT_MODEL", "file"}, {"PORT", "1"}};
    EXPECT_EQ(merged({{"PORT", "2"}}, file), (environment_map{{"AGENT_MODEL", "file"}, {"PORT", "2"}}));
    EXPECT_EQ(load_settings({merged({{"MODEL_NAME", "mine"}}, file), {}})->agent_model, "mine");
    EXPECT_EQ(load_settings({merged({{"MODEL_NAME", ""}}, file), {}})->agent_model, "file");
}

TEST(EnvFile, IsNotHiddenByAnEmptyValue) {
    for (const char* empty : {"", " "}) {
        EXPECT_EQ(merged({{"PORT", empty}, {"HOST", empty}}, {{"PORT", "1"}}),
                  (environment_map{{"PORT", "1"}}));
    }
}

TEST(EnvFile, ANameThatIsNearlyThatOfASettingIsTold) {
    const std::vector<std::string> names{"DEBOUNCE_SECOND", "PORT", "STOCK_API_TOKEN", "WEB_CHAT_TOKN"};
    const auto told = misspelt_settings(names);
    ASSERT_EQ(told.size(), 2U);
    EXPECT_THAT(told[0].portuguese, testing::HasSubstr("DEBOUNCE_SECOND não é uma configuração"));
    EXPECT_THAT(told[0].english, testing::HasSubstr("(did you mean DEBOUNCE_SECONDS?)"));
    EXPECT_THAT(told[1].english, testing::HasSubstr("WEB_CHAT_TOKN is not a setting"));
}

TEST(EnvFile, AMisspeltNameIsToldBesideWhatIsMissing) {
    const auto loaded = load_settings({.values = {{"APP_ENV", "prod"}, {"TERMINAL_LANGUAGE", "en"}},
                                       .problems = {},
                                       .in_file = {"INSTAGRAM_APP_SECRTE"}});
    ASSERT_FALSE(loaded);
    EXPECT_THAT(loaded.error().front(), testing::HasSubstr("INSTAGRAM_APP_SECRET is missing"));
    EXPECT_THAT(loaded.error().back(), testing::HasSubstr("(did you mean INSTAGRAM_APP_SECRET?)"));
}

TEST(EnvFile, AValueMayBeASecretAndIsNotRepeated) {
    const auto read = parse_env_file("KEY=\"canary\n");
    ASSERT_EQ(read.problems.size(), 1U);
    EXPECT_THAT(read.problems.front().english, testing::Not(testing::HasSubstr("canary")));
    EXPECT_THAT(read.problems.front().portuguese, testing::Not(testing::HasSubstr("canary")));
}

std::string content_of(const std::string& file) {
    std::ifstream in(std::string(test::source_folder) + "/" + file);
    return {std::istreambuf_iterator<char>(in), {}};
}

TEST(EnvExample, HasEveryVariableWithItsDefaultAndNoOther) {
    const std::string text = content_of(".env.example");
    ASSERT_FALSE(text.empty());
    std::map<std::string, std::string> expected;
    for (const auto& row : all_settings()) expected.emplace(row.name, row.fallback);
    std::map<std::string, std::string> documented;
    for (const auto& [name, value] : parsed(text)) documented.emplace(name, value);
    EXPECT_EQ(documented, expected);
    EXPECT_TRUE(load_settings({parsed(text), {}})) << "works as it is";
}

TEST(EnvExample, ExplainsEveryVariableInBothLanguages) {
    const std::string text = content_of(".env.example");
    const auto squeezed = [](std::string_view from) {
        std::istringstream words{std::string(from)};
        std::string out;
        for (std::string word; words >> word;) {
            if (word != "#") out += word + " ";
        }
        return out;
    };
    const std::string all = squeezed(text);
    for (const auto& row : all_settings()) {
        EXPECT_THAT(all, testing::HasSubstr(squeezed(row.meaning)));
        EXPECT_THAT(all, testing::HasSubstr(squeezed(row.meaning_pt)));
    }
}

TEST(EnvExample, NamesWhatTheToolsOfTheProfilesWant) {
    std::set<std::string> wanted, named;
    const auto profiles = std::filesystem::path(test::source_folder) / "profiles";
    std::string name;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(profiles)) {
        if (entry.path().parent_path().filename() != "tools") continue;
        const auto text = content_of(entry.path().lexically_relative(test::source_folder));
        re2::StringPiece rest(text);
        while (RE2::FindAndConsume(&rest, R"(\{\{env\.(\w+)\}\})", &name)) wanted.insert(name);
    }
    std::istringstream lines(content_of(".env.example"));
    for (std::string line; std::getline(lines, line);) {
        if (RE2::PartialMatch(line, R"(^# (\w+)=)", &name)) named.insert(name);
    }
    EXPECT_GE(wanted.size(), 10U);
    EXPECT_EQ(named, wanted);
}

// The rows of a table of variables, from "| `" to " |".
std::set<std::string> variable_rows(const std::string& file) {
    std::istringstream lines(content_of(file));
    std::set<std::string> rows;
    for (std::string line; std::getline(lines, line);) {
        const bool is_one = line.starts_with("| `") && line.size() > 3 && line[3] >= 'A' && line[3] <= 'Z';
        if (is_one) EXPECT_TRUE(rows.insert(line).second) << file << " has it twice: " << line;
    }
    return rows;
}

std::string row_of(const setting& row, language lang) {
    const std::string fallback = row.fallback.empty() ? "" : "`" + std::string(row.fallback) + "`";
    const std::string meaning(lang == language::english ? row.meaning : row.meaning_pt);
    const std::string secret = row.secret ? in(lang, {" *(segredo)*", " *(secret)*"}) : "";
    return "| `" + std::string(row.name) + "` | " + fallback + " | " + meaning + secret + " |";
}

TEST(ConfigurationTables, HaveEveryVariableAsItIsAndNoOther) {
    const std::pair<const char*, language> documents[] = {{"docs/configuration.md", language::english},
                                                          {"README.md", language::english},
                                                          {"README.pt-BR.md", language::portuguese}};
    for (const auto& [file, lang] : documents) {
        std::set<std::string> expected;
        for (const auto& row : all_settings()) expected.insert(row_of(row, lang));
        const auto documented = variable_rows(file);
        for (const auto& row : expected) EXPECT_TRUE(documented.contains(row)) << file << " lacks " << row;
        for (const auto& row : documented) EXPECT_TRUE(expected.contains(row)) << file << " has " << row;
    }
}

} // namespace
} // namespace atende
