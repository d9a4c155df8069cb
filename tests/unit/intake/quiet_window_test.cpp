#include <gtest/gtest.h>

#include <atende/intake/quiet_window.hpp>

namespace atende {
namespace {

using namespace std::chrono_literals;

event written(std::string text) {
    return {.body = customer_message{.id = message_id("m"), .text = std::move(text)}};
}

TEST(QuietWindow, FollowsWhatWasWritten) {
    const quiet_settings settings;
    struct row {
        const char* text;
        std::chrono::milliseconds expected;
    };
    const row table[] = {
        {"oi", settings.fragment},
        {"eu queria", settings.fragment},
        {"  oi  \n", settings.fragment},
        {"João", settings.fragment},
        {"ããããããããããã", settings.fragment}, // eleven characters, twenty-two bytes
        {"queria saber o preço da moto", settings.usual},
        {"tem a XY 150 na cor vermelha?", settings.complete},
        {"Quero financiar em 48 vezes.", settings.complete},
        {"Quero financiar em 48 vezes. ", settings.complete},
        {"queria pensar mais um pouco…", settings.complete},
        {"Que moto linda!", settings.complete},
        {"oi!", settings.usual},
        {"tem?", settings.usual},
        {"", settings.usual}, // a photo
        {"🏍️", settings.fragment},
    };
    for (const auto& [text, expected] : table)
        EXPECT_EQ(quiet_window(written(text), settings), expected) << text;
}

TEST(QuietWindow, ATappedButtonSaysAllItHasToSay) {
    const quiet_settings settings;
    EXPECT_EQ(quiet_window({.body = postback{.title = "Ver"}}, settings), settings.complete);
    event tapped = written("Sim");
    std::get<customer_message>(tapped.body).quick_reply_payload = "YES";
    EXPECT_EQ(quiet_window(tapped, settings), settings.complete);
}

TEST(QuietWindow, AFixedOneIsForEveryMessage) {
    quiet_settings settings;
    for (const auto fixed : {0ms, 5'000ms}) {
        settings.fixed = fixed;
        for (const char* text : {"oi", "tem a XY 150 na cor vermelha?", ""})
            EXPECT_EQ(quiet_window(written(text), settings), fixed);
        EXPECT_EQ(quiet_window({.body = postback{}}, settings), fixed);
    }
}

TEST(QuietWindow, IsShorterTheMoreFinishedAMessageIs) {
    const quiet_settings settings;
    EXPECT_LT(settings.complete, settings.usual);
    EXPECT_LT(settings.usual, settings.fragment);
}

} // namespace
} // namespace atende
