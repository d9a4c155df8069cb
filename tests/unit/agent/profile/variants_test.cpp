// Which of a shop's prompts a contact gets.
#include <gtest/gtest.h>

#include <algorithm>
#include <atende/agent/profile.hpp>
#include <map>
#include <string>

namespace atende {
namespace {

constexpr int contacts = 4000;

std::map<int, std::string> met(const std::vector<prompt_variant>& variants) {
    std::map<int, std::string> by_contact;
    for (int contact = 0; contact < contacts; ++contact)
        by_contact[contact] = variant_for(variants, std::to_string(17'000 + contact)).name;
    return by_contact;
}

int of(const std::string& name, const std::map<int, std::string>& met) {
    return static_cast<int>(std::ranges::count_if(met, [&](const auto& one) { return one.second == name; }));
}

TEST(variant_for, gives_each_its_share) {
    const auto even = met({{"a", 1, ""}, {"b", 1, ""}});
    EXPECT_NEAR(of("a", even), contacts / 2, 150);
    const auto three_of_four = met({{"a", 3, ""}, {"b", 1, ""}});
    EXPECT_NEAR(of("a", three_of_four), contacts * 3 / 4, 150);
    EXPECT_EQ(of("a", met({{"a", 0, ""}, {"b", 1, ""}})), 0);
}

TEST(variant_for, moves_no_more_contacts_than_a_change_must) {
    const auto before = met({{"a", 3, ""}, {"b", 1, ""}});
    const auto after = met({{"a", 3, ""}, {"b", 3, ""}, {"c", 0, ""}});
    for (const auto& [contact, variant] : before) {
        if (variant == "b") EXPECT_EQ(after.at(contact), "b") << "only b has more weight now";
    }
    EXPECT_NEAR(of("b", after) - of("b", before), contacts / 4, 150);
}

TEST(variant_for, does_not_depend_on_the_order_in_which_they_are_written) {
    EXPECT_EQ(met({{"a", 3, ""}, {"b", 1, ""}}), met({{"b", 1, ""}, {"a", 3, ""}}));
}

} // namespace
} // namespace atende
