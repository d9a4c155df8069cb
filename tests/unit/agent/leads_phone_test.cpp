#include "agent/leads/phone_br.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace atende {
namespace {

using ::testing::HasSubstr;

struct spelling {
    const char* written;
    const char* e164;
};

class phone_spellings : public ::testing::TestWithParam<spelling> {};

TEST_P(phone_spellings, become_e164) {
    const auto phone = normalised_phone(GetParam().written);
    ASSERT_TRUE(phone) << GetParam().written << ": " << phone.error().detail;
    EXPECT_EQ(*phone, GetParam().e164);
}

INSTANTIATE_TEST_SUITE_P(
    as_people_write, phone_spellings,
    ::testing::Values(
        spelling{"(81) 99999-1234", "+5581999991234"}, spelling{"81 9 9999 1234", "+5581999991234"},
        spelling{"081999991234", "+5581999991234"}, spelling{"+55 81 99999-1234", "+5581999991234"},
        spelling{"0055 81 99999-1234", "+5581999991234"}, spelling{"5581999991234", "+5581999991234"},
        spelling{"0 15 81 99999-1234", "+5581999991234"}, spelling{"01581999991234", "+5581999991234"},
        spelling{"0xx81 99999 1234", "+5581999991234"}, spelling{"(0XX81)99999.1234", "+5581999991234"},
        spelling{"+55 (081) 99999-1234", "+5581999991234"}, spelling{"055 81 99999-1234", "+5581999991234"},
        spelling{"(+55) 81 99999/1234", "+5581999991234"},
        spelling{"81\u00a099999\u20111234", "+5581999991234"},
        spelling{"\u200e+55 81 99999\u20131234\u202c", "+5581999991234"},
        spelling{"81 8888-1234", "+5581988881234"}, spelling{"558188881234", "+5581988881234"},
        spelling{"(11) 3456-7890", "+551134567890"}, spelling{"0 21 11 3456-7890", "+551134567890"},
        spelling{"55 99912-3456", "+5555999123456"}, spelling{"5534567890", "+555534567890"},
        spelling{"55 55 9991-2345", "+5555999912345"}, spelling{"+351 912 345 678", "+351912345678"},
        spelling{"+1 (212) 555-0123", "+12125550123"}));

struct wrong_number {
    const char* written;
    const char* told;
};

class wrong_phones : public ::testing::TestWithParam<wrong_number> {};

TEST_P(wrong_phones, are_refused_with_what_to_ask) {
    const auto phone = normalised_phone(GetParam().written);
    ASSERT_FALSE(phone) << GetParam().written << " became " << *phone;
    EXPECT_EQ(phone.error().code, errc::invalid_input);
    EXPECT_THAT(phone.error().detail, HasSubstr(GetParam().told));
}

INSTANTIATE_TEST_SUITE_P(
    as_people_write, wrong_phones,
    ::testing::Values(
        wrong_number{"99999-1234", "sem DDD"}, wrong_number{"3456-7890", "sem DDD"},
        wrong_number{"+55 99999-1234", "sem DDD"}, wrong_number{"12345", "incompleto"},
        wrong_number{"", "sem números"}, wrong_number{"()", "sem números"},
        wrong_number{"(20) 99999-1234", "DDD"}, wrong_number{"0800 123 4567", "DDD"},
        wrong_number{"81 99999-9999", "não parece real"}, wrong_number{"11 2222-2222", "não parece real"},
        wrong_number{"81 89999-1234", "começa com 9"}, wrong_number{"81 1234-5678", "não existe"},
        wrong_number{"81 99999-1234 / 81 98888-4321", "dígitos demais"},
        wrong_number{"81 99999-1234 ou 3456-7890", "só pode ter números"},
        wrong_number{"oitenta e um", "só pode ter números"}, wrong_number{"81+999991234", "só pode ter"},
        wrong_number{"00 351 912 345 678", "com +"}, wrong_number{"+1234567", "outro país"},
        wrong_number{"+1234567890123456", "outro país"}, wrong_number{"+1111111111", "outro país"},
        wrong_number{"+0112345678", "outro país"}));

TEST(phone, every_spelling_of_a_mobile_is_the_same_number) {
    constexpr std::string_view ddds[] = {"11", "19", "21", "28", "31", "48", "55", "61", "71", "81", "99"};
    std::mt19937 random(20'261'121);
    std::uniform_int_distribution<int> digits(1'000, 9'998);
    for (int round = 0; round < 200; ++round) {
        const std::string ddd(ddds[static_cast<std::size_t>(round) % std::size(ddds)]);
        const std::string first = std::to_string(6'000 + digits(random) % 3'999);
        const std::string last = std::to_string(digits(random));
        const std::string expected = "+55" + ddd + "9" + first + last;
        for (const std::string& written :
             {"(" + ddd + ") 9" + first + "-" + last, ddd + "9" + first + last,
              ddd + " " + first + "-" + last, "0" + ddd + "9" + first + last,
              "0 31 " + ddd + " 9" + first + last, "55" + ddd + "9" + first + last,
              "0055" + ddd + "9" + first + last, "+55 " + ddd + " " + first + " " + last, expected}) {
            EXPECT_EQ(normalised_phone(written).value_or("refused"), expected) << written;
        }
        EXPECT_EQ(normalised_phone(phone_for_people(expected)).value_or("refused"), expected);
    }
}

TEST(phone, whatever_is_accepted_is_e164_and_stays_as_it_is) {
    constexpr std::string_view alphabet = "0123456789012345678901234567895555 +-()x./\xC2\xA0";
    std::mt19937 random(7);
    std::uniform_int_distribution<std::size_t> length(0, 22);
    std::uniform_int_distribution<std::size_t> letter(0, alphabet.size() - 1);
    int accepted = 0;
    for (int round = 0; round < 50'000; ++round) {
        std::string written;
        for (std::size_t left = length(random); left > 0; --left) written += alphabet[letter(random)];
        const auto phone = normalised_phone(written);
        if (!phone) {
            EXPECT_FALSE(phone.error().detail.empty());
            continue;
        }
        ++accepted;
        EXPECT_GE(phone->size(), 9U);
        EXPECT_LE(phone->size(), 16U);
        EXPECT_EQ(phone->find_first_not_of("0123456789", 1), std::string::npos) << written;
        EXPECT_EQ(phone->front(), '+');
        EXPECT_EQ(normalised_phone(*phone).value_or("refused"), *phone) << written;
    }
    EXPECT_GT(accepted, 100);
}

TEST(phone, is_shown_as_a_shop_dials_it) {
    EXPECT_EQ(phone_for_people("+5581999991234"), "(81) 99999-1234");
    EXPECT_EQ(phone_for_people("+551134567890"), "(11) 3456-7890");
    EXPECT_EQ(phone_for_people("+351912345678"), "+351912345678");
    EXPECT_EQ(phone_for_people(""), "");
}

} // namespace
} // namespace atende
