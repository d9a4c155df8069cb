// INGEST, AMEND, RECORD: what becomes of events that arrive.
#include "integration/store_fixture.hpp"

#include <algorithm>
#include <map>

namespace atende {
namespace {

using namespace std::chrono_literals;
using fate = event_receipt::fate;
using texts = std::vector<std::string>;

class Gather : public test::store_test {};

TEST_F(Gather, ARedeliveryChangesNothing) {
    EXPECT_EQ(hand_over(test::message(customer, "m1", "oi")).what, fate::gathered);
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(hand_over(test::message(customer, "m1", "oi")).what, fate::duplicate);
    EXPECT_EQ(texts_of(claim().what.messages), texts{"oi"});
}

TEST_F(Gather, ARedeliveryAfterTheAnswerIsNotAnsweredAgain) {
    hand_over(test::message(customer, "m1", "oi"));
    answer("olá");
    EXPECT_EQ(hand_over(test::message(customer, "m1", "oi")).what, fate::duplicate);
    EXPECT_EQ(std::get<not_due>(try_claim()).due_in, 0ms) << "idle";
}

TEST_F(Gather, EachMessageStartsTheQuietWindowAgain) {
    EXPECT_EQ(hand_over(test::message(customer, "m1", "oi", 5'000ms)).due_in, 5'000ms);
    EXPECT_EQ(hand_over(test::message(customer, "m2", "tem", 8'000ms)).due_in, 8'000ms);
    EXPECT_EQ(hand_over(test::message(customer, "m3", "moto?", 1'200ms)).due_in, 1'200ms);
    const auto early = try_claim();
    ASSERT_TRUE(std::holds_alternative<not_due>(early));
    EXPECT_GT(std::get<not_due>(early).due_in, 0ms);
    EXPECT_LE(std::get<not_due>(early).due_in, 1'201ms) << "INGEST rounds the time up";
}

TEST_F(Gather, NeverWaitsLongerThanTheCap) {
    settings.longest_wait = 12'000ms;
    EXPECT_EQ(hand_over(test::message(customer, "m1", "oi", 20'000ms)).due_in, 12'000ms);
    EXPECT_LE(hand_over(test::message(customer, "m2", "oi", 20'000ms)).due_in, 12'000ms)
        << "counted from the first";
    command({"HINCRBY", keys.state(), "first", "-12000"}); // as if the first had come 12 s ago
    EXPECT_EQ(hand_over(test::message(customer, "m3", "oi", 20'000ms)).due_in, 0ms);
}

TEST_F(Gather, TheCapCountsFromTheFirstUnansweredMessage) {
    hand_over(test::message(customer, "m1", "oi"));
    command({"HINCRBY", keys.state(), "first", "-60000"});
    answer("olá");
    EXPECT_EQ(hand_over(test::message(customer, "m2", "e aí", 5'000ms)).due_in, 5'000ms);
}

TEST_F(Gather, ManyMessagesAreLookedAtAtOnce) {
    settings.most_messages = 3;
    EXPECT_GT(hand_over(test::message(customer, "m1", "1", 5'000ms)).due_in, 0ms);
    EXPECT_GT(hand_over(test::message(customer, "m2", "2", 5'000ms)).due_in, 0ms);
    EXPECT_EQ(hand_over(test::message(customer, "m3", "3", 5'000ms)).due_in, 0ms);
}

TEST_F(Gather, AnEventOfManyInOnePostIsHandledAlone) {
    const auto other = test::conversation_of("2002");
    const auto receipts = hand_over({test::message(customer, "m1", "oi"),
                                     test::message(other, "m2", "olá"),
                                     test::message(customer, "m1", "oi"),
                                     {.what = test::event_of(customer, "r", read_receipt{message_id("x")})},
                                     {.what = test::event_of(customer, "r", read_receipt{message_id("x")})}});
    std::vector<fate> fates;
    for (const auto& receipt : receipts) fates.push_back(receipt.what);
    EXPECT_EQ(fates, (std::vector{fate::gathered, fate::gathered, fate::duplicate, fate::recorded,
                                  fate::duplicate}));
    EXPECT_TRUE(loop.until([&] { return loop.await(store().overdue(10))->size() == 2; }));
}

TEST_F(Gather, APostRepeatedAfterHalfOfItWasStoredIsCompletedWithoutDoubling) {
    hand_over(test::message(customer, "m1", "um"));
    const auto receipts =
        hand_over({test::message(customer, "m1", "um"), test::message(customer, "m2", "dois")});
    EXPECT_EQ(receipts[0].what, fate::duplicate);
    EXPECT_EQ(receipts[1].what, fate::gathered);
    EXPECT_EQ(texts_of(claim().what.messages), (texts{"um", "dois"}));
}

TEST_F(Gather, TheAgentReadsInTheOrderPeopleWrote) {
    hand_over({test::message(customer, "m3", "tres", 0ms, 3'000),
               test::message(customer, "m1", "um", 0ms, 1'000),
               test::message(customer, "m2", "dois", 0ms, 2'000),
               test::message(customer, "m4", "quatro", 0ms, 3'000)});
    EXPECT_EQ(texts_of(claim().what.messages), (texts{"um", "dois", "tres", "quatro"}));
}

gathered_event announcement_of(const conversation_id& from, const std::string& id) {
    auto announced = test::message(from, id, "");
    announced.what.idempotency_key = "announced " + id;
    std::get<customer_message>(announced.what.body).content_withheld = true;
    return announced;
}

TEST_F(Gather, AMessageAnnouncedWithoutContentAndDeliveredWholeIsOne) {
    const auto announced = announcement_of(customer, "m1");
    for (const bool announced_first : {true, false}) {
        command({"FLUSHALL"});
        const auto whole = test::message(customer, "m1", "oi");
        hand_over(announced_first ? std::vector{announced, whole} : std::vector{whole, announced});
        const auto messages = claim().what.messages;
        ASSERT_EQ(messages.size(), 1U);
        EXPECT_EQ(messages[0].text, "oi");
        EXPECT_FALSE(messages[0].content_withheld);
    }
}

TEST_F(Gather, AnEditBetweenTheAnnouncementAndTheMessageIsKept) {
    hand_over({announcement_of(customer, "m1"), test::edit(customer, "m1", "tem a XY 150?"),
               test::message(customer, "m1", "tem a XY 125?")});
    EXPECT_EQ(texts_of(claim().what.messages), texts{"tem a XY 150?"});
}

TEST_F(Gather, TheWholeMessageKnowsMoreThanWhatWasFetchedOfIt) {
    hand_over(announcement_of(customer, "m1"));
    customer_message fetched{.id = message_id("m1"), .text = "oi"};
    fetched.attachments = {{.kind = attachment_kind::other, .url = "https://cdn/a"}};
    ASSERT_TRUE(loop.await(store().note_content(customer, fetched)));
    auto whole = test::message(customer, "m1", "oi");
    auto& written = std::get<customer_message>(whole.what.body);
    written.attachments = {{.kind = attachment_kind::image, .url = "https://cdn/a"}};
    written.reply_to = message_id("m0");
    hand_over(whole);
    const auto messages = claim().what.messages;
    ASSERT_EQ(messages.size(), 1U);
    EXPECT_EQ(messages[0].reply_to.value, "m0");
    EXPECT_EQ(messages[0].attachments.at(0).kind, attachment_kind::image);
}

TEST_F(Gather, AnEditBeforeTheAnswerChangesWhatIsRead) {
    hand_over({test::message(customer, "m1", "tem a XY 125?"), test::message(customer, "m2", "oi")});
    EXPECT_EQ(hand_over(test::edit(customer, "m1", "tem a XY 150? ação \"🏍️\"")).what, fate::amended);
    EXPECT_EQ(hand_over(test::edit(customer, "m1", "old redelivery")).what, fate::duplicate);
    EXPECT_EQ(texts_of(claim().what.messages), (texts{"tem a XY 150? ação \"🏍️\"", "oi"}));
}

TEST_F(Gather, AnEditKeepsEverythingElseOfTheMessage) {
    auto given = test::message(customer, "m1", "olha", 0ms, 1'760'000'000'123);
    auto& written = std::get<customer_message>(given.what.body);
    written.attachments = {{.kind = attachment_kind::image, .url = "https://cdn/x.jpg?a=1/2"}};
    written.reply_to = message_id("m0");
    written.came_from = referral{};
    written.story = story_reference{.id = "s"};
    hand_over(given);
    hand_over(test::edit(customer, "m1", "olha esta"));
    const auto read = claim().what.messages.at(0);
    EXPECT_EQ(read.text, "olha esta");
    EXPECT_EQ(read.at_ms, 1'760'000'000'123) << "Lua's numbers are doubles";
    ASSERT_EQ(read.attachments.size(), 1U);
    EXPECT_EQ(read.attachments[0].url, "https://cdn/x.jpg?a=1/2");
    EXPECT_EQ(read.reply_to.value, "m0");
    EXPECT_TRUE(read.came_from);
    EXPECT_EQ(read.story->id, "s");
}

TEST_F(Gather, AMessageTakenBackIsNotRead) {
    hand_over({test::message(customer, "m1", "senha 1234"), test::message(customer, "m2", "oi")});
    EXPECT_EQ(hand_over(test::unsend(customer, "m1")).what, fate::amended);
    const auto turn = claim();
    EXPECT_EQ(texts_of(turn.what.messages), texts{"oi"});
    EXPECT_EQ(turn.inbox_size, 2U) << "both are answered";
    const auto kept = command({"LRANGE", keys.inbox(), "0", "-1"});
    EXPECT_EQ(kept.items.at(0).text.find("1234"), std::string::npos) << "its words are gone for good";
}

TEST_F(Gather, AnEditThatComesAfterTheUnsendBringsNoWordsBack) {
    hand_over({test::message(customer, "m1", "senha 1234"), test::message(customer, "m2", "oi")});
    hand_over({test::unsend(customer, "m1"), test::edit(customer, "m1", "senha 12345")});
    EXPECT_FALSE(command({"LINDEX", keys.inbox(), "0"}).text.contains("1234"));
    answer("olá");
    hand_over({test::unsend(customer, "m2"), test::edit(customer, "m2", "senha 12345")});
    for (const auto& item : command({"LRANGE", keys.history(), "0", "-1"}).items)
        EXPECT_FALSE(item.text.contains("1234"));
}

TEST_F(Gather, AnAnsweredMessageTakenBackIsForgottenByTheHistory) {
    hand_over({test::message(customer, "m1", "senha 1234"), test::message(customer, "m2", "oi")});
    answer("olá");
    EXPECT_EQ(hand_over(test::unsend(customer, "m1")).what, fate::amended);
    EXPECT_EQ(hand_over(test::edit(customer, "m2", "oi!")).what, fate::amended);
    hand_over(test::message(customer, "m3", "e aí"));
    EXPECT_EQ(texts_of(claim().what.history), (texts{"", "oi!", "olá"}));
}

TEST_F(Gather, AmendingAnUnknownMessageDoesNoHarm) {
    EXPECT_EQ(hand_over(test::edit(customer, "m9", "x")).what, fate::amended);
    EXPECT_EQ(hand_over(test::unsend(customer, "m9")).what, fate::amended);
    EXPECT_EQ(std::get<not_due>(try_claim()).due_in, 0ms);
    hand_over(test::message(customer, "m", "um id que é o começo do outro"));
    hand_over(test::message(customer, "m.1", "inteiro"));
    hand_over(test::unsend(customer, "m"));
    EXPECT_EQ(texts_of(claim().what.messages), texts{"inteiro"});
}

TEST_F(Gather, AnEditOrUnsendMayOvertakeItsMessage) {
    hand_over(test::edit(customer, "m1", "tem a XY 150?"));
    hand_over(test::message(customer, "m1", "tem a XY 125?"));
    hand_over(test::unsend(customer, "m2"));
    EXPECT_NE(hand_over(test::message(customer, "m2", "senha 1234")).what, fate::gathered);
    EXPECT_EQ(hand_over(test::message(customer, "m2", "senha 1234")).what, fate::duplicate);
    hand_over(test::message(customer, "m3", "vermelha"));
    EXPECT_EQ(texts_of(claim().what.messages), (texts{"tem a XY 150?", "vermelha"}));
}

TEST_F(Gather, AnEditOrUnsendMayOvertakeBothTheAnnouncementAndTheMessage) {
    hand_over({test::unsend(customer, "m1"), test::edit(customer, "m2", "tem a XY 150?")});
    EXPECT_EQ(hand_over(announcement_of(customer, "m1")).what, fate::amended);
    EXPECT_EQ(hand_over(test::message(customer, "m1", "senha 1234")).what, fate::amended);
    hand_over({announcement_of(customer, "m2"), test::message(customer, "m2", "tem a XY 125?")});
    hand_over({test::edit(customer, "m3", "senha 12"), announcement_of(customer, "m3"),
               test::unsend(customer, "m3")});
    for (const auto& value : command({"HVALS", keys.state()}).items)
        EXPECT_FALSE(value.text.contains("senha")) << value.text;
    hand_over(test::message(customer, "m3", "senha 123"));
    EXPECT_EQ(texts_of(claim().what.messages), texts{"tem a XY 150?"});
    for (const auto& field : command({"HKEYS", keys.state()}).items)
        EXPECT_FALSE(field.text.starts_with("early")) << field.text;
}

// The first one's webhook failed and was repeated, the second one's did not.
TEST_F(Gather, AnOlderEditThatComesLateChangesNothing) {
    const auto newer = test::edit(customer, "m1", "tem a XY 150?", 2),
               older = test::edit(customer, "m1", "tem a XY 125?", 1);
    const auto asked = test::message(customer, "m1", "tem a XY 100?");
    for (const auto& order :
         {std::vector{asked, newer, older}, {newer, older, asked}, {newer, asked, older}}) {
        command({"FLUSHALL"});
        hand_over(order);
        EXPECT_EQ(texts_of(claim().what.messages), texts{"tem a XY 150?"});
    }
    for (const auto& order : {std::vector{asked, newer}, {newer, asked}}) {
        command({"FLUSHALL"});
        hand_over(order);
        answer("temos");
        EXPECT_EQ(hand_over(older).what, fate::amended);
        hand_over(test::message(customer, "m2", "e aí?"));
        EXPECT_EQ(texts_of(claim().what.history), (texts{"tem a XY 150?", "temos"}));
        hand_over(test::edit(customer, "m1", "tem a XY 200?", 3));
        EXPECT_TRUE(command({"LINDEX", keys.history(), "0"}).text.contains("200"));
    }
}

TEST_F(Gather, AnEditThatAnOlderVersionKeptForItsMessageHolds) {
    command({"HSET", keys.state(), "early:m1", "1760000000000\nedit\ntem a XY\n150?"});
    hand_over(test::message(customer, "m1", "tem a XY 125?"));
    EXPECT_EQ(texts_of(claim().what.messages), texts{"tem a XY\n150?"});
}

TEST_F(Gather, SeveralMayOvertakeTheirMessages) {
    hand_over({test::unsend(customer, "m1"), test::edit(customer, "m2", "tem a XY 150?"),
               test::unsend(customer, "m3"), test::edit(customer, "m3", "senha 12345")});
    hand_over({test::message(customer, "m1", "senha 1234"), test::message(customer, "m2", "tem a XY 125?"),
               test::message(customer, "m3", "senha 1234"), test::message(customer, "m4", "vermelha")});
    EXPECT_EQ(texts_of(claim().what.messages), (texts{"tem a XY 150?", "vermelha"}));
    for (const auto& field : command({"HKEYS", keys.state()}).items)
        EXPECT_FALSE(field.text.starts_with("early")) << field.text;
}

TEST_F(Gather, OneThatAnOlderVersionSawOvertakeItsMessageHolds) {
    command({"HSET", keys.state(), "early", "m1\nunsend\n"});
    EXPECT_EQ(hand_over(test::message(customer, "m1", "senha 1234")).what, fate::amended);
    EXPECT_EQ(command({"HEXISTS", keys.state(), "early"}).integer, 0);
}

TEST_F(Gather, WhatOvertakesIsKeptForATimeAndInNumber) {
    command(
        {"HSET", keys.state(), "early:old", "1760000000000\nunsend\n"}); // its message is answered long since
    for (int i = 0; i < 60; ++i) hand_over(test::unsend(customer, "m" + std::to_string(i)));
    EXPECT_EQ(command({"HLEN", keys.state()}).integer, 50);
    EXPECT_EQ(command({"HEXISTS", keys.state(), "early:old"}).integer, 0);
    EXPECT_EQ(command({"HEXISTS", keys.state(), "early:m59"}).integer, 1);
}

TEST_F(Gather, WhatOvertookAMessageThatNeverCameGoesWithALaterTurn) {
    settings.history_length = 0; // so that an edit of what was answered waits, too
    hand_over(test::message(customer, "m1", "a 125?"));
    answer("temos");
    hand_over({test::edit(customer, "m1", "senha 1234"), test::edit(customer, "m3", "a 150?")});
    ASSERT_EQ(command({"HEXISTS", keys.state(), "early:m1"}).integer, 1);
    command({"HSET", keys.state(), "early:m1", "1760000000000 1\nedit\nsenha 1234"}); // long ago
    hand_over(test::message(customer, "m2", "e aí?"));
    answer("tudo bem");
    EXPECT_EQ(command({"HEXISTS", keys.state(), "early:m1"}).integer, 0);
    EXPECT_EQ(command({"HEXISTS", keys.state(), "early:m3"}).integer, 1);
}

TEST_F(Gather, WhatNeedsNoAnswerMakesNothingDue) {
    auto standby = test::message(customer, "m1", "para outro app");
    standby.what.standby = true;
    auto nobody = test::message({.account = customer.account}, "m2", "sem remetente");
    const std::vector<gathered_event> quiet{
        standby,
        nobody,
        {.what = test::event_of(customer, "1", reaction{.id = message_id("x")})},
        {.what = test::event_of(customer, "2", comment{.id = "c"})},
        {.what = test::event_of(customer, "3", dashboard_test{})},
        {.what = test::event_of(customer, "4", unknown_event{"x"})},
        {.what = test::event_of(customer, "5", echo{.id = message_id("e"), .to_self = true})}};
    for (const auto& receipt : hand_over(quiet)) EXPECT_EQ(receipt.what, fate::recorded);
    EXPECT_TRUE(loop.await(store().overdue(10))->empty());
    EXPECT_EQ(command({"XLEN", keys.events()}).integer +
                  command({"XLEN", conversation_keys(nobody.what.conversation).events()}).integer,
              static_cast<std::int64_t>(quiet.size()));
}

// Meta repeats what failed: a script that had written half of it would find its own traces.
class GatherInTrouble : public Gather, public testing::WithParamInterface<std::string> {
protected:
    std::string odd_key() {
        const std::map<std::string, std::string> named{
            {"conversation", keys.state()}, {"inbox", keys.inbox()},     {"due", keys.due()},
            {"events", keys.events()},      {"history", keys.history()}, {"dead", keys.dead()}};
        return named.at(GetParam());
    }
    void fails_without_a_trace(const gathered_event& one) {
        const auto before = command({"DBSIZE"}).integer;
        EXPECT_FALSE(loop.await(store().hand_over({one})));
        EXPECT_EQ(command({"DBSIZE"}).integer, before);
    }
};

using MessageInTrouble = GatherInTrouble;
TEST_P(MessageInTrouble, FailsWithoutATraceAndCountsWhenRepeated) {
    const auto one = test::message(customer, "m1", "oi");
    command({"SET", odd_key(), "of another type"});
    fails_without_a_trace(one);
    command({"DEL", odd_key()});
    EXPECT_EQ(hand_over(one).what, fate::gathered);
    EXPECT_EQ(hand_over(one).what, fate::duplicate);
    EXPECT_EQ(texts_of(claim().what.messages), texts{"oi"});
}
INSTANTIATE_TEST_SUITE_P(Keys, MessageInTrouble, testing::Values("conversation", "inbox", "due"));

using EditInTrouble = GatherInTrouble;
TEST_P(EditInTrouble, FailsWithoutATraceAndCountsWhenRepeated) {
    const auto one = test::edit(customer, "m1", "tem a XY?");
    command({"SET", odd_key(), "of another type"});
    fails_without_a_trace(one);
    command({"DEL", odd_key()});
    hand_over(one);
    hand_over(test::message(customer, "m1", "tem a XZ?"));
    EXPECT_EQ(texts_of(claim().what.messages), texts{"tem a XY?"});
}
INSTANTIATE_TEST_SUITE_P(Keys, EditInTrouble, testing::Values("conversation", "inbox", "history", "dead"));

using RecordInTrouble = GatherInTrouble;
TEST_P(RecordInTrouble, FailsWithoutATraceAndCountsWhenRepeated) {
    const gathered_event one{.what = test::event_of(customer, "read 1", read_receipt{})};
    command({"SET", odd_key(), "of another type"});
    fails_without_a_trace(one);
    command({"DEL", odd_key()});
    EXPECT_EQ(hand_over(one).what, fate::recorded);
    EXPECT_EQ(command({"XLEN", odd_key()}).integer, 1);
}
INSTANTIATE_TEST_SUITE_P(Keys, RecordInTrouble, testing::Values("events"));

TEST_F(Gather, ACountThatIsNoNumberFailsWithoutATrace) {
    command({"HSET", keys.state(), "received", "many"});
    EXPECT_FALSE(loop.await(store().hand_over({test::message(customer, "m1", "oi")})));
    EXPECT_EQ(command({"DBSIZE"}).integer, 1);
}

TEST_F(Gather, ConversationsOfTwoAccountsAreTwo) {
    conversation_id elsewhere = customer;
    elsewhere.account = account_id("999");
    hand_over({test::message(customer, "m1", "aqui"), test::message(elsewhere, "m2", "lá")});
    EXPECT_EQ(texts_of(claim().what.messages), texts{"aqui"});
}

} // namespace
} // namespace atende
