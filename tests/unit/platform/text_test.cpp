#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <atende/platform/text.hpp>
#include <string>

namespace atende {
namespace {

using sizes = std::vector<std::size_t>;

constexpr std::string_view family =
    "👨‍👩‍👧‍👦"; // four people and three joiners: 25 bytes, one grapheme

TEST(Utf8, IsJudgedAsTheStandardSays) {
    for (const std::string_view good : {"", "oi", "não", "🏍️", "\x7f", "\xEF\xBF\xBD", "\xF4\x8F\xBF\xBF"})
        EXPECT_TRUE(is_valid_utf8(good)) << good;
    EXPECT_TRUE(is_valid_utf8(std::string("\0", 1)));
    const std::pair<const char*, std::string_view> bad[] = {
        {"a lone continuation byte", "\x80"},
        {"cut in the middle", "\xE2\x82"},
        {"overlong slash", "\xC0\xAF"},
        {"overlong, three bytes", "\xE0\x80\xAF"},
        {"a surrogate", "\xED\xA0\x80"},
        {"beyond U+10FFFF", "\xF4\x90\x80\x80"},
        {"Latin-1", "n\xE3o"},
        {"a byte that never occurs", "\xFF"},
    };
    for (const auto& [what, text] : bad) EXPECT_FALSE(is_valid_utf8(text)) << what;
}

TEST(Graphemes, EndWhereAPersonSeesTheNextCharacter) {
    EXPECT_EQ(grapheme_ends(""), sizes{});
    EXPECT_EQ(grapheme_ends("não"), (sizes{1, 3, 4}));
    EXPECT_EQ(grapheme_ends("na\u0303o"), (sizes{1, 4, 5})); // a and a combining tilde
    EXPECT_EQ(grapheme_ends(family), sizes{family.size()});
    EXPECT_EQ(grapheme_ends("🇧🇷🇵🇹"), (sizes{8, 16}));
    EXPECT_EQ(grapheme_ends("👍🏽!"), (sizes{8, 9}));
    EXPECT_EQ(grapheme_ends("\r\n"), sizes{2});
}

TEST(Graphemes, PrefixNeverCutsOne) {
    EXPECT_EQ(grapheme_prefix("moto", 10), "moto");
    EXPECT_EQ(grapheme_prefix("moto", 4), "moto");
    EXPECT_EQ(grapheme_prefix("éé", 3), "é");
    EXPECT_EQ(grapheme_prefix("éé", 1), "");
    const std::string text = "a" + std::string(family) + "b";
    for (std::size_t limit = 1; limit <= family.size(); ++limit) EXPECT_EQ(grapheme_prefix(text, limit), "a");
    EXPECT_EQ(grapheme_prefix(text, family.size() + 1), "a" + std::string(family));
}

TEST(Characters, AreCodePointsNotBytes) {
    EXPECT_EQ(count_characters(""), 0U);
    EXPECT_EQ(count_characters("ação"), 4U);
    EXPECT_EQ(count_characters("🏍"), 1U);
}

TEST(Folded, MakesSpellingsOfTheSameWordsEqual) {
    EXPECT_EQ(folded("  Olá!!  Você TEM a XY-150?"), "ola voce tem a xy 150");
    EXPECT_EQ(folded("AÇÃO"), folded("ac\u0327a\u0303o"));
    EXPECT_EQ(folded("ﬁnanciamento"), "financiamento"); // a ligature
    EXPECT_EQ(folded("👍 ok"), "ok");
    EXPECT_EQ(folded("... "), "");
    EXPECT_EQ(folded("Straße"), "strasse");
}

TEST(Trimmed, TakesWhiteSpaceOffBothEnds) {
    EXPECT_EQ(trimmed(" \t\r\n a b \n"), "a b");
    EXPECT_EQ(trimmed(" \n"), "");
    EXPECT_EQ(trimmed(""), "");
}

TEST(WhiteSpace, IsAllTakenOut) {
    EXPECT_EQ(without_white_space(" Olá!\r\n\tTudo  bem? "), "Olá!Tudobem?");
    EXPECT_EQ(without_white_space(" \n"), "");
}

TEST(PercentDecoded, GivesBackWhatWasEncoded) {
    std::string every;
    for (int c = 0; c < 256; ++c) every += static_cast<char>(c);
    EXPECT_EQ(percent_decoded(percent_encoded(every)), every);
    EXPECT_EQ(percent_decoded("a%2bb"), "a+b");
}

TEST(PercentDecoded, LeavesWhatIsNoEscape) {
    for (const char* text : {"100%", "%", "%4", "%zz", "%4z", "a+b"}) EXPECT_EQ(percent_decoded(text), text);
}

TEST(HiddenCharacters, AreTakenOut) {
    EXPECT_EQ(without_hidden_characters("a\u202Eb\u200Bc\x1B[31m\u0085d\U000E0041\uFEFF\u2066\r\tção 🏍️\n"),
              "abc[31md\tção 🏍️\n");
    EXPECT_EQ(without_hidden_characters(""), "");
}

TEST(JsonEscape, IsReadBackByAParser) {
    std::string every;
    for (int c = 0; c < 128; ++c) every += static_cast<char>(c);
    every += "ação 🏍️ \u2028 \u202E";
    std::string out = "\"";
    append_json_escaped(out, every);
    EXPECT_EQ(nlohmann::json::parse(out + "\"").get<std::string>(), every);
}

TEST(JsonEscape, LeavesNoControlCharacterAndAppends) {
    std::string out = "x";
    append_json_escaped(out, std::string("a\n\x01\"\\\0b", 7));
    EXPECT_EQ(out, "xa\\n\\u0001\\\"\\\\\\u0000b");
}

} // namespace
} // namespace atende
