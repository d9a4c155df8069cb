// Which variant of a prompt brings the leads: counted where the turn is decided, on a real Redis.
#include "integration/store_fixture.hpp"

#include <atende/turns/operator_store.hpp>

namespace atende {
namespace {

using namespace std::chrono_literals;

class prompt_variants : public test::store_test {
protected:
    int messages = 0;

    plan_outcome::verdict answer_as(const conversation_id& who, counted_turn counts) {
        hand_over(test::message(who, "m" + std::to_string(++messages), "oi", 0ms));
        auto outcome = loop.await(store().claim(who)).value();
        while (std::holds_alternative<not_due>(outcome)) {
            loop.await(sleep_for(1ms));
            outcome = loop.await(store().claim(who)).value();
        }
        const auto turn = std::get<claimed_turn>(outcome);
        const turn_plan decided{.history = {{.who = speaker::bot, .text = "ok"}},
                                .counts_for = std::move(counts)};
        const auto planned = loop.await(store().plan(who, turn, decided)).value();
        // A worker that did not hear the answer asks again.
        EXPECT_EQ(loop.await(store().plan(who, turn, decided)).value().what, planned.what);
        EXPECT_TRUE(loop.await(store().finish(who, turn.epoch, 0ms)));
        return planned.what;
    }
    std::vector<variant_figures> figures() {
        operator_store view(*redis, settings);
        return loop.await(view.variants()).value();
    }
};

TEST_F(prompt_variants, are_compared_by_turns_conversations_and_leads) {
    EXPECT_TRUE(figures().empty());
    const auto ana = test::conversation_of("2001"), bia = test::conversation_of("2002"),
               caio = test::conversation_of("2003");
    const counted_turn talk{.profile = "moto centro", .variant = "curta"};
    const counted_turn lead{.profile = "moto centro", .variant = "curta", .lead = true};
    for (const auto& turn : {talk, lead, lead}) // a lead corrected is one lead
        ASSERT_EQ(answer_as(ana, turn), plan_outcome::verdict::planned);
    answer_as(bia, talk);
    answer_as(caio, {.profile = "moto centro", .variant = "atual"});
    answer_as(caio, {.profile = "moto centro", .variant = ""}); // the profile compares nothing any more

    const auto seen = figures();
    ASSERT_EQ(seen.size(), 2U);
    EXPECT_EQ(seen[0].variant, "atual");
    EXPECT_EQ(seen[0].conversations, 1);
    EXPECT_EQ(seen[0].leads, 0);
    EXPECT_EQ(seen[1].variant, "curta");
    EXPECT_EQ(seen[1].profile, "moto centro");
    EXPECT_EQ(seen[1].turns, 4);
    EXPECT_EQ(seen[1].conversations, 2);
    EXPECT_EQ(seen[1].leads, 1);
}

} // namespace
} // namespace atende
