#include "turns/notes_codec.hpp"

#include <gtest/gtest.h>

namespace atende {
namespace {

TEST(Notes, ComeBackAsTheyWere) {
    const contact_notes notes{.who = {{.text = "Ana \"de\" Recife\n🏍️", .turns = {1, 4}}},
                              .wants = {{.text = "XY 150", .turns = {2}}},
                              .promised = {{.text = "ligar na segunda", .turns = {3}}},
                              .open_questions = {{.text = "aceita troca?", .turns = {4}}},
                              .lead = {{"name", "Ana"}, {"phone", "+5581998765432"}},
                              .through = 4,
                              .messages = {{.id = message_id("mid.1"), .turn = 1}},
                              .profile = "shop"};
    EXPECT_EQ(decode_notes("shop", encode_notes(notes)), notes);
}

TEST(Notes, AnEmptyListMayBeAnObjectAndANumberAFraction) { // as Lua writes them
    const auto notes =
        decode_notes("shop", R"({"who":{},"wants":[{"text":"a","turns":[2.0]}],"through":5.0})");
    ASSERT_TRUE(notes);
    EXPECT_TRUE(notes->who.empty());
    EXPECT_EQ(notes->wants.at(0).turns, std::vector<std::int64_t>{2});
    EXPECT_EQ(notes->through, 5);
}

TEST(Notes, WhatIsOddIsLeftOut) {
    for (const auto* text : {"", "[]", "{", "3"}) EXPECT_FALSE(decode_notes("shop", text)) << text;
    const auto notes =
        decode_notes("shop", R"({"who":[1,{"text":"x"},{"turns":[1]},{"text":"ok","turns":[1]}],
        "lead":{"name":3},"messages":"no","through":"x"})");
    ASSERT_TRUE(notes);
    EXPECT_EQ(notes->who.size(), 1U);
    EXPECT_TRUE(notes->lead.empty());
}

} // namespace
} // namespace atende
