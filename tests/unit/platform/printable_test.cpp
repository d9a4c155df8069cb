// What a stranger writes must stay one harmless line of the log.
#include <gtest/gtest.h>

#include <atende/platform/log.hpp>
#include <atende/platform/text.hpp>
#include <string>

namespace atende {
namespace {

TEST(Printable, KeepsWhatPeopleWrite) {
    EXPECT_EQ(printable("Olá, tem a XY 150? 🏍️"), "Olá, tem a XY 150? 🏍️");
    EXPECT_EQ(printable(""), "");
}

TEST(Printable, EscapesWhatWouldForgeALineOrSteerATerminal) {
    EXPECT_EQ(printable("a\n[SEND] forged"), "a\\u{a}[SEND] forged");
    EXPECT_EQ(printable("\r"), "\\u{d}");
    EXPECT_EQ(printable("\x1b[2J"), "\\u{1b}[2J");
    EXPECT_EQ(printable("\u009b2J"), "\\u{9b}2J"); // the one-character form of ESC [
    EXPECT_EQ(printable("\x7f"), "\\u{7f}");
    EXPECT_EQ(printable("x\u202Etxt.exe"), "x\\u{202e}txt.exe");
    EXPECT_EQ(printable("\u2066\u200F\u061C"), "\\u{2066}\\u{200f}\\u{61c}");
    EXPECT_EQ(printable("\u2028\u2029"), "\\u{2028}\\u{2029}");
    EXPECT_EQ(printable(std::string_view("\0", 1)), "\\u{0}");
}

TEST(Printable, ShowsEveryByteOfInvalidUtf8) {
    EXPECT_EQ(printable("n\xE3o"), "n\\xe3o");
    EXPECT_EQ(printable("\xE2\x82"), "\\xe2\\x82");
    EXPECT_EQ(printable("\xFF\xFE"), "\\xff\\xfe");
}

TEST(Printable, IsLimitedInBytesAndSaysSo) {
    EXPECT_EQ(printable("12345", 5), "12345");
    EXPECT_EQ(printable("123456", 5), "12345…");
    EXPECT_EQ(printable("1234é", 5), "1234…");
    EXPECT_EQ(printable("123\n", 5), "123…") << "an escape is not cut either";
    EXPECT_EQ(printable(std::string(10'000, 'x')), std::string(200, 'x') + "…");
}

TEST(Printable, IsAlwaysValidUtf8) {
    std::string bytes;
    for (int round = 0; round < 3; ++round) {
        for (int c = 255; c >= 0; --c) bytes += static_cast<char>((c * (round * 2 + 1)) & 0xFF);
    }
    for (std::size_t limit = 0; limit < 300; ++limit) EXPECT_TRUE(is_valid_utf8(printable(bytes, limit)));
}

} // namespace
} // namespace atende
