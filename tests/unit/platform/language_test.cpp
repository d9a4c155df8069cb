#include <gtest/gtest.h>

#include <atende/platform/language.hpp>

namespace atende {
namespace {

TEST(Language, ATextIsThereInBoth) {
    constexpr bilingual greeting{"bom dia", "good morning"};
    EXPECT_EQ(greeting.in(language::portuguese), "bom dia");
    EXPECT_EQ(in(language::english, greeting), "good morning");
}

// What the constructor of `bilingual` asks: a text that fails here does not compile.
TEST(Language, ACopyOrNothingIsNoTranslation) {
    EXPECT_TRUE(is_translated("bom dia", "good morning"));
    EXPECT_FALSE(is_translated("bom dia", "bom dia"));
    EXPECT_FALSE(is_translated("bom dia", ""));
    EXPECT_FALSE(is_translated("", "good morning"));
}

} // namespace
} // namespace atende
