// schedule.yaml, evals/*.yaml, and what they are made of.
#include "agent/profile/cron.hpp"
#include "agent/profile/spelling.hpp"
#include "profile_folder.hpp"

#include <gmock/gmock.h>

namespace atende::test {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

template <std::size_t N>
std::vector<std::size_t> set_in(const std::bitset<N>& bits) {
    std::vector<std::size_t> all;
    for (std::size_t i = 0; i < N; ++i) {
        if (bits.test(i)) all.push_back(i);
    }
    return all;
}

TEST(cron, reads_what_crontab_does) {
    const auto times = parse_cron("*/20 8-18/5 1,15 jan-mar,12 mon-5");
    ASSERT_TRUE(times.has_value()) << times.error().english;
    EXPECT_THAT(set_in(times->minutes), ElementsAre(0, 20, 40));
    EXPECT_THAT(set_in(times->hours), ElementsAre(8, 13, 18));
    EXPECT_THAT(set_in(times->days), ElementsAre(1, 15));
    EXPECT_THAT(set_in(times->months), ElementsAre(1, 2, 3, 12));
    EXPECT_THAT(set_in(times->weekdays), ElementsAre(1, 2, 3, 4, 5));
    EXPECT_FALSE(times->any_day);
    const auto sunday = parse_cron("0 0 * * 7");
    ASSERT_TRUE(sunday.has_value());
    EXPECT_THAT(set_in(sunday->weekdays), ElementsAre(0));
    EXPECT_TRUE(sunday->any_day);
    EXPECT_FALSE(sunday->any_weekday);
}

TEST(cron, refuses_what_never_comes) {
    for (const auto* text :
         {"", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8",
          "5-1 * * * *", "*/0 * * * *", "a * * * *", "1, * * * *", "@daily"}) {
        EXPECT_FALSE(parse_cron(text).has_value()) << text;
    }
    EXPECT_THAT(parse_cron("0 18 * * 1-9").error().portuguese, HasSubstr("dia da semana de 0 a 7"));
}

TEST(spelling, counts_what_fingers_do) {
    EXPECT_EQ(edit_distance("limits", "limits"), 0U);
    EXPECT_EQ(edit_distance("limist", "limits"), 1U);
    EXPECT_EQ(edit_distance("lmits", "limits"), 1U);
    EXPECT_EQ(edit_distance("", "abc"), 3U);
    const std::vector<std::string> known{"says", "has", "answer"};
    EXPECT_EQ(nearest_name("anwser", known), "answer");
    EXPECT_EQ(nearest_name("sasy", known), "says");
    EXPECT_EQ(nearest_name("temperature", known), "");
    const std::vector<std::string> endless{std::string(101, 'a')};
    EXPECT_EQ(nearest_name(std::string(100, 'a'), endless), endless[0]);
    EXPECT_EQ(nearest_name(std::string(102, 'a'), endless), "") << "it would take as long as both are";
}

TEST(variants, are_stable_and_follow_the_weights) {
    const std::vector<prompt_variant> variants{{"a", 3, ""}, {"b", 1, ""}, {"off", 0, ""}};
    int a = 0;
    for (int i = 0; i < 4'000; ++i) {
        const auto contact = "ig:shop:" + std::to_string(i);
        const auto& chosen = variant_for(variants, contact);
        EXPECT_EQ(chosen.name, variant_for(variants, contact).name);
        EXPECT_NE(chosen.name, "off");
        if (chosen.name == "a") ++a;
    }
    EXPECT_NEAR(a, 3'000, 120); // more than four standard deviations; the draw is the same every time
}

TEST(variants, a_new_one_takes_contacts_from_the_others_and_moves_no_more) {
    const std::vector<prompt_variant> before{{"a", 1, ""}, {"b", 1, ""}};
    const std::vector<prompt_variant> after{{"a", 1, ""}, {"b", 1, ""}, {"c", 1, ""}};
    for (int i = 0; i < 1'000; ++i) {
        const auto contact = "ig:shop:" + std::to_string(i);
        const auto now = variant_for(after, contact).name;
        if (now != "c") EXPECT_EQ(now, variant_for(before, contact).name);
    }
}

class planned_files : public ::testing::Test {
protected:
    profile_folder folder;
    planned_files() { folder.write_good(); }
};

TEST_F(planned_files, a_schedule_is_read) {
    folder.write("schedule.yaml",
                 "jobs:\n  - {name: resumo, cron: '0 18 * * 1-5', task: 'Resumo da {{shop}}', "
                 "send_to: 'ig:1:2'}\n"
                 "follow_ups:\n  - {name: voltar, after: 20h, only_if: no_lead, between: "
                 "'09:00-20:30', at_most: 2, text: 'Oi {{lead_name}}'}\n");
    const auto got = folder.read();
    ASSERT_TRUE(got.read) << ::testing::PrintToString(folder.problems());
    const auto& plan = got.read->schedule;
    ASSERT_EQ(plan.jobs.size(), 1U);
    EXPECT_TRUE(plan.jobs[0].when.hours.test(18));
    ASSERT_EQ(plan.follow_ups.size(), 1U);
    EXPECT_EQ(plan.follow_ups[0].after, std::chrono::hours(20));
    EXPECT_EQ(plan.follow_ups[0].only_if, follow_up::condition::no_lead);
    EXPECT_EQ(plan.follow_ups[0].between->until, std::chrono::minutes(20 * 60 + 30));
    EXPECT_EQ(plan.follow_ups[0].at_most, 2);
}

TEST_F(planned_files, a_schedules_mistakes_are_told) {
    folder.write(
        "schedule.yaml",
        "jobs:\n  - {name: a, cron: '61 * * * *', task: '{{shpo}}', send_to: gerente}\n"
        "follow_ups:\n  - {name: a, after: 2 horas, only_if: nolead, between: 20:00-09:00, text: b}\n"
        "  - {nome: c}\n");
    EXPECT_THAT(
        folder.problems(),
        AllOf(
            Contains(StartsWith("schedule.yaml:2: jobs[1].cron: expected minute from 0 to 59")),
            Contains(HasSubstr("jobs[1].task: the variable {{shpo}} does not exist")),
            Contains(StartsWith("schedule.yaml:2: jobs[1].send_to: expected a conversation")),
            Contains(StartsWith("schedule.yaml:4: follow_ups[1].after: expected a time from 5m to 30d")),
            Contains(StartsWith("schedule.yaml:4: follow_ups[1].only_if: expected always, no_lead, lead, not "
                                "\"nolead\" (did you mean \"no_lead\"?)")),
            Contains(StartsWith("schedule.yaml:4: follow_ups[1].between: expected hours of one day")),
            Contains("schedule.yaml:4: follow_ups[1].name: expected a name that no other has"),
            Contains(StartsWith("schedule.yaml:5: follow_ups[2].nome: unknown key (did you mean \"name\"?)")),
            Contains("schedule.yaml:5: follow_ups[2].text: expected a text")));
}

TEST_F(planned_files, evals_are_read) {
    folder.write("evals/preco.yaml",
                 "about: preço\nconversations:\n  - name: a\n    turns:\n      - says: [oi, 'quanto?']\n"
                 "        expect: {mentions: vendedor, avoids: ['r$'], calls: [add_lead_to_nocodb], "
                 "never_calls: [loja__reservar], matches: "
                 "'^Oi'}\n");
    const auto got = folder.read();
    ASSERT_TRUE(got.read) << ::testing::PrintToString(folder.problems());
    ASSERT_EQ(got.read->evals.size(), 1U);
    const auto& turn = got.read->evals[0].conversations.at(0).turns.at(0);
    EXPECT_THAT(turn.says, ElementsAre("oi", "quanto?"));
    EXPECT_THAT(turn.expect.mentions, ElementsAre("vendedor"));
}

TEST_F(planned_files, evals_mistakes_are_told) {
    folder.write("evals/a.yaml", "conversations:\n  - name: a\n    turns:\n      - says: oi\n"
                                 "  - name: a\n    turns:\n      - sais: oi\n        expect: {matches: '(', "
                                 "calls: [um dois], mentoins: x,\n"
                                 "                 mentions: [preço, XY 150, xy 150], avoids: ['R$'], "
                                 "never_calls: [add_lead_to_nocdb]}\n");
    folder.write("evals/b.yaml", "about: nada\n");
    EXPECT_THAT(
        folder.problems(),
        AllOf(Contains(HasSubstr("evals/a.yaml:4: conversations[1].turns: expected at least one turn with")),
              Contains("evals/a.yaml:5: conversations[2].name: expected a name that no other has"),
              Contains(HasSubstr("conversations[2].turns[1].sais: unknown key (did you mean \"says\"?)")),
              Contains(HasSubstr("turns[1].says: expected what the customer writes")),
              Contains(HasSubstr("expect.matches: expected a valid pattern")),
              Contains(HasSubstr("expect.calls: expected tools of this profile (add_lead_to_nocodb), not "
                                 "\"um dois\"")),
              Contains(HasSubstr("never_calls: expected tools of this profile (add_lead_to_nocodb), not "
                                 "\"add_lead_to_nocdb\" (did you mean \"add_lead_to_nocodb\"?)")),
              Contains(HasSubstr("mentoins: unknown key (did you mean \"mentions\"?)")),
              Contains(HasSubstr("expect.mentions: expected words in lower case without accents, because "
                                 "that is how the answer is compared: \"preco\", not \"preço\"")),
              Contains(HasSubstr("\"xy 150\", not \"XY 150\"")),
              Contains(HasSubstr("expect.avoids: expected words in lower case")),
              Contains(HasSubstr("evals/b.yaml:1: conversations: expected at least one conversation"))));
}

} // namespace
} // namespace atende::test
