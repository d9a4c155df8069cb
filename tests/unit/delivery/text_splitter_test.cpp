#include <gtest/gtest.h>

#include <algorithm>
#include <atende/delivery/text_splitter.hpp>
#include <atende/platform/text.hpp>
#include <random>
#include <sstream>

namespace atende {
namespace {

using pieces = std::vector<std::string>;

constexpr std::size_t instagram_limit = 1'000;

std::vector<std::string> words_of(const std::string& text) {
    std::istringstream in(text);
    return {std::istream_iterator<std::string>(in), {}};
}

std::string without_blanks(std::string text) {
    std::erase_if(text, [](char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; });
    return text;
}

std::string joined(const pieces& parts) {
    std::string all;
    for (const auto& part : parts) all += part;
    return all;
}

// What holds for every text and limit.
void expect_sound(const std::string& text, const pieces& parts, std::size_t limit) {
    for (const auto& part : parts) {
        EXPECT_FALSE(part.empty());
        EXPECT_LE(part.size(), limit);
        EXPECT_TRUE(is_valid_utf8(part)) << "cut inside a character";
        EXPECT_EQ(trimmed(part), part);
    }
    EXPECT_EQ(without_blanks(joined(parts)), without_blanks(text)) << "nothing lost, doubled or out of order";
}

TEST(TextSplitter, LeavesWhatFits) {
    EXPECT_EQ(split_text("", 10), pieces{});
    EXPECT_EQ(split_text(" \n ", 10), pieces{});
    EXPECT_EQ(split_text("  oi  ", 10), pieces{"oi"});
    EXPECT_EQ(split_text("0123456789", 10), pieces{"0123456789"});
    EXPECT_EQ(split_text(std::string(1'000, 'x'), instagram_limit).size(), 1U);
    EXPECT_EQ(split_text(std::string(1'001, 'x'), instagram_limit).size(), 2U);
}

TEST(TextSplitter, CountsBytesNotCharacters) {
    std::string text;
    for (int i = 0; i < 1'000; ++i) text += "é";
    const auto parts = split_text(text, instagram_limit);
    EXPECT_EQ(parts.size(), 2U) << "1000 characters, 2000 bytes";
    expect_sound(text, parts, instagram_limit);
    std::string odd = "a";
    for (int i = 0; i < 1'000; ++i) odd += "é"; // the limit falls inside a character
    expect_sound(odd, split_text(odd, instagram_limit), instagram_limit);
}

TEST(TextSplitter, PrefersParagraphsThenSentencesThenWords) {
    EXPECT_EQ(split_text("Um dois. Tres.\n\nQuatro cinco seis.", 25),
              (pieces{"Um dois. Tres.", "Quatro cinco seis."}));
    EXPECT_EQ(split_text("Um dois tres. Quatro cinco seis", 20),
              (pieces{"Um dois tres.", "Quatro cinco seis"}));
    EXPECT_EQ(split_text("um dois tres quatro cinco", 14), (pieces{"um dois tres", "quatro cinco"}));
    EXPECT_EQ(split_text("- item um\n- item dois\n- item", 22), (pieces{"- item um\n- item dois", "- item"}));
    EXPECT_EQ(split_text("Custa R$ 13.990 à vista", 16), (pieces{"Custa R$ 13.990", "à vista"}))
        << "a point inside a number ends no sentence";
}

TEST(TextSplitter, AWordThatEndsRightAtTheLimitStaysWhole) {
    EXPECT_EQ(split_text("12345 7890 2345", 10), (pieces{"12345 7890", "2345"}));
}

TEST(TextSplitter, NeverCutsAUrlThatFits) {
    const std::string url = "https://loja.example/motos/xy-150?cor=vermelha&utm_source=instagram_direct.html";
    for (std::size_t before = 0; before < 130; ++before) {
        for (const std::string gap : {" ", "", "\n", "("}) {
            const std::string text =
                std::string(before, 'x') + gap + url + " e depois venha nos visitar, combinado?";
            const auto parts = split_text(text, 100);
            expect_sound(text, parts, 100);
            EXPECT_TRUE(
                std::ranges::any_of(parts, [&](const auto& p) { return p.find(url) != std::string::npos; }))
                << before << " characters and '" << gap << "' in front";
        }
    }
}

TEST(TextSplitter, CutsAUrlOnlyIfItAloneIsTooLong) {
    const std::string url = "https://x/" + std::string(150, 'a');
    const auto parts = split_text("veja " + url, 100);
    expect_sound("veja " + url, parts, 100);
    EXPECT_EQ(parts.front(), "veja");
}

TEST(TextSplitter, KeepsEmojiFamiliesAndAccentsWhole) {
    const std::string family = "👨‍👩‍👧‍👦";
    std::string text;
    for (int i = 0; i < 40; ++i) text += family;
    const auto parts = split_text(text, 99);
    expect_sound(text, parts, 99);
    for (const auto& part : parts) EXPECT_EQ(part.size() % family.size(), 0U);

    std::string combining;
    for (int i = 0; i < 100; ++i) combining += "a\u0303";
    for (const auto& part : split_text(combining, 10)) EXPECT_EQ(part.size() % 3, 0U);
}

TEST(TextSplitter, EndsEvenWithACharacterLargerThanAMessage) {
    std::string monster = "a";
    for (int i = 0; i < 300; ++i) monster += "\u0303";
    const auto parts = split_text(monster, 100);
    expect_sound(monster, parts, 100);
}

TEST(TextSplitter, HoldsItsPromisesForAnyText) {
    const std::vector<std::string> atoms{"oi",        "motocicleta",
                                         "ação",      "👨‍👩‍👧‍👦",
                                         "13.990,00", ".",
                                         "!",         "?",
                                         "\n\n",      "\n",
                                         " ",         "  ",
                                         "…",         "🇧🇷",
                                         "a\u0303",   "\t",
                                         "R$",        "financiamento",
                                         "\r\n",      "🏍️"};
    const std::string url = "https://loja.ex/m?id=42";
    for (unsigned seed = 0; seed < 400; ++seed) {
        std::mt19937 random(seed);
        std::string text;
        std::size_t urls = 0;
        for (int length = static_cast<int>(random() % 200); length > 0; --length) {
            if (random() % 12 == 0) {
                text += " " + url + " ";
                ++urls;
            } else {
                text += atoms[random() % atoms.size()];
            }
        }
        const std::size_t limit = 30 + random() % 170;
        const auto parts = split_text(text, limit);
        SCOPED_TRACE("seed " + std::to_string(seed) + ", limit " + std::to_string(limit));
        expect_sound(text, parts, limit);
        std::size_t whole_urls = 0;
        pieces words;
        for (const auto& part : parts) {
            for (const auto& word : words_of(part)) {
                whole_urls += word == url ? 1 : 0;
                words.push_back(word);
            }
            if (text.find(part) == std::string::npos) ADD_FAILURE() << "the text inside a piece was changed";
        }
        EXPECT_EQ(whole_urls, urls);
        const auto original = words_of(text);
        if (std::ranges::all_of(original, [&](const auto& w) { return w.size() <= limit; })) {
            EXPECT_EQ(words, original) << "words that fit stay whole";
        }
    }
}

} // namespace
} // namespace atende
