#include "voice/spoken_text.hpp"

#include <gtest/gtest.h>

namespace atende {
namespace {

TEST(spoken_text, is_the_text_without_what_nobody_says) {
    EXPECT_EQ(words_to_say("  Oi! Tudo bem?\nTemos sim. "), "Oi! Tudo bem?\nTemos sim.");
    EXPECT_EQ(words_to_say("Veja **as fotos** em https://loja.example/motos?id=3."),
              "Veja as fotos em (o link vai por escrito).");
    EXPECT_EQ(words_to_say("Chame no wa.me/5581999998888, por favor"),
              "Chame no (o link vai por escrito), por favor");
    EXPECT_EQ(words_to_say("Não é comigo. 😅 Quer ver uma moto?🏍️\n👍🏽 🇧🇷\nÀs 1️⃣0️⃣h"),
              "Não é comigo. Quer ver uma moto?\nÀs 10h");
}

TEST(spoken_text, is_nothing_where_nothing_can_be_said) {
    EXPECT_EQ(words_to_say(""), "");
    EXPECT_EQ(words_to_say(" 👍 "), "");
    EXPECT_EQ(words_to_say("***"), "");
}

TEST(spoken_text, is_to_be_read_too_where_a_listener_would_need_a_pen) {
    for (const auto* text : {"custa R$ 497", "às 18h", "(81) 99876-5432", "veja https://loja.example",
                             "veja www.loja.example", "é loja.com.br", "escreva para ana@loja"})
        EXPECT_TRUE(is_to_be_read_too(text)) << text;
}

TEST(spoken_text, is_enough_where_there_are_only_words) {
    for (const auto* text : {"", "Temos sim! Quer ver?", "Claro. Pode vir... etc. e tal", "um @ solto"})
        EXPECT_FALSE(is_to_be_read_too(text)) << text;
}

} // namespace
} // namespace atende
