#include "turns/record_codec.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace atende {
namespace {

event message_event(customer_message message) {
    return {.conversation = {.account = account_id("1"), .contact = contact_id("2")},
            .occurred_at_ms = 1'760'000'000'123,
            .idempotency_key = "k",
            .body = std::move(message)};
}

TEST(InboxItem, KeepsEverythingTheAgentReads) {
    const auto item = encode_inbox_item(message_event({
        .id = message_id("mid.1"),
        .text = "Olá \"você\"\n🏍️ \\ \x01",
        .attachments =
            {{.kind = attachment_kind::image, .platform_type = "image", .url = "https://x/y?z=1&w=2"},
             {.kind = attachment_kind::other, .platform_type = "hologram", .title = "Título"}},
        .quick_reply_payload = "PAYLOAD",
        .reply_to = message_id("mid.0"),
        .story = story_reference{.id = "s1", .url = "https://s"},
        .came_from = referral{.ref = "r",
                              .source = "ADS",
                              .type = "OPEN_THREAD",
                              .ad_id = "9",
                              .ad_title = "A",
                              .product_id = "p"},
        .unsupported = true,
        .content_withheld = true,
    }));
    EXPECT_TRUE(item.starts_with("mid.1\n")) << "scripts find the message by this";
    const auto heard = decode_inbox_item(item);
    ASSERT_TRUE(heard);
    EXPECT_EQ(heard->id.value, "mid.1");
    EXPECT_EQ(heard->at_ms, 1'760'000'000'123);
    EXPECT_EQ(heard->text, "Olá \"você\"\n🏍️ \\ \x01");
    ASSERT_EQ(heard->attachments.size(), 2U);
    EXPECT_EQ(heard->attachments[0].kind, attachment_kind::image);
    EXPECT_EQ(heard->attachments[0].url, "https://x/y?z=1&w=2");
    EXPECT_EQ(heard->attachments[1].platform_type, "hologram");
    EXPECT_EQ(heard->attachments[1].title, "Título");
    EXPECT_EQ(heard->quick_reply_payload, "PAYLOAD");
    EXPECT_EQ(heard->reply_to.value, "mid.0");
    EXPECT_EQ(heard->story->url, "https://s");
    EXPECT_EQ(heard->came_from->ad_id, "9");
    EXPECT_EQ(heard->came_from->product_id, "p");
    EXPECT_TRUE(heard->unsupported);
    EXPECT_TRUE(heard->content_withheld);
    EXPECT_FALSE(heard->unsent);
}

TEST(InboxItem, EveryKindOfAttachmentComesBack) {
    for (int kind = 0; kind <= static_cast<int>(attachment_kind::other); ++kind) {
        const auto item = encode_inbox_item(
            message_event({.id = message_id("m"),
                           .attachments = {{.kind = static_cast<attachment_kind>(kind), .url = "u"}}}));
        EXPECT_EQ(static_cast<int>(decode_inbox_item(item)->attachments.at(0).kind), kind);
    }
}

TEST(InboxItem, ComesBackWithWhatWasHeard) {
    for (const auto sound :
         {hearing::heard, hearing::not_understood, hearing::too_long, hearing::only_seen}) {
        // As HEARD does it.
        auto item = nlohmann::json::parse(
            encode_heard({.sound = sound, .words = "quero \"isso\"", .why = "HTTP \xff"}));
        item["kind"] = "video";
        const auto read = decode_inbox_item("m\n" + nlohmann::json{{"attachments", {item}}}.dump());
        ASSERT_TRUE(read);
        EXPECT_EQ(read->attachments.at(0).sound, sound);
        EXPECT_EQ(read->attachments.at(0).words, "quero \"isso\"");
        EXPECT_EQ(read->attachments.at(0).why, "HTTP \uFFFD");
    }
    EXPECT_EQ(encode_heard({.why = "it took too long"}), "") << "it may be tried again";
    EXPECT_EQ(decode_inbox_item(R"(m
{"attachments":[{"kind":"audio","sound":"of a newer version"}]})")
                  ->attachments.at(0)
                  .sound,
              hearing::none);
}

TEST(InboxItem, APostbackIsReadAsItsTitle) {
    event what = message_event({});
    what.body = postback{.id = message_id("p1"), .title = "Ver motos", .payload = "SHOW"};
    const auto heard = decode_inbox_item(encode_inbox_item(what));
    ASSERT_TRUE(heard);
    EXPECT_EQ(heard->id.value, "p1");
    EXPECT_EQ(heard->text, "Ver motos");
    EXPECT_EQ(heard->quick_reply_payload, "SHOW");
    EXPECT_FALSE(heard->came_from);
}

TEST(InboxItem, AnythingElseIsRefusedNotGuessed) {
    for (const char* broken : {"", "no line break", "id\n", "id\n[]", "id\n{", "id\n\"text\""})
        EXPECT_FALSE(decode_inbox_item(broken)) << broken;
}

TEST(InboxItem, OfANewerVersionIsReadAsFarAsItIsKnown) {
    const auto heard =
        decode_inbox_item("m\n{\"at\":1.5e3,\"text\":7,\"attachments\":[3,{\"kind\":\"smell\"}],\"new\":{}}");
    ASSERT_TRUE(heard);
    EXPECT_EQ(heard->at_ms, 1'500);
    EXPECT_EQ(heard->text, "");
    ASSERT_EQ(heard->attachments.size(), 1U);
    EXPECT_EQ(heard->attachments[0].kind, attachment_kind::other);
}

TEST(HistoryEntry, ComesBackWithTheToolsThatWereUsed) {
    const history_entry said{.who = speaker::bot,
                             .at_ms = 1'760'000'000'999,
                             .text = "Pronto, João!",
                             .ids = {},
                             .steps = {{.round = 1,
                                        .call_id = "c1",
                                        .name = "add_lead",
                                        .arguments = R"({"a":1})",
                                        .result = "SUCESSO: ok"},
                                       {.round = 2,
                                        .call_id = "c2",
                                        .name = "x",
                                        .arguments = "{}",
                                        .result = "ERRO: não",
                                        .source = "outdated_cache"}},
                             .profile = "moto-centro@0123456789ab",
                             .variant = "curta",
                             .turn = 12,
                             .scope = scope_verdict::out};
    const auto stored = encode_history_entry(said);
    EXPECT_EQ(stored.find("source"), stored.rfind("source")) << "a result is fresh unless it says otherwise";
    const auto read = decode_history_entry(stored);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->who, speaker::bot);
    EXPECT_EQ(read->at_ms, said.at_ms);
    EXPECT_EQ(read->text, said.text);
    EXPECT_TRUE(read->ids.empty());
    ASSERT_EQ(read->steps.size(), 2U);
    EXPECT_EQ(read->steps[0].round, 1);
    EXPECT_EQ(read->steps[0].arguments, R"({"a":1})");
    EXPECT_EQ(read->steps[1].call_id, "c2");
    EXPECT_EQ(read->steps[1].result, "ERRO: não");
    EXPECT_EQ(read->steps[0].source, "");
    EXPECT_EQ(read->steps[1].source, "outdated_cache");
    EXPECT_EQ(read->profile, said.profile);
    EXPECT_EQ(read->variant, said.variant);
    EXPECT_EQ(read->turn, 12);
    EXPECT_EQ(read->scope, scope_verdict::out);
}

TEST(HistoryEntry, OfAnOlderVersionWasMadeByNobodyKnowsWhat) {
    const auto read = decode_history_entry(
        "\n{\"who\":\"bot\",\"at\":1,\"text\":\"Oi\",\"steps\":[{\"name\":\"x\",\"result\":\"SUCESSO\"}]}");
    ASSERT_TRUE(read);
    EXPECT_EQ(read->profile, "");
    EXPECT_EQ(read->variant, "");
    EXPECT_EQ(read->steps.at(0).source, "");
    EXPECT_EQ(read->scope, scope_verdict::unknown);
    EXPECT_EQ(read->not_heard, "");
}

TEST(HistoryEntry, ComesBackWithWhyItWasNotHeard) {
    const auto read = decode_history_entry(
        encode_history_entry({.text = "[…]", .ids = {message_id("m")}, .not_heard = "download: HTTP 404"}));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->not_heard, "download: HTTP 404");
    EXPECT_EQ(encode_history_entry({.text = "oi"}).find("not_heard"), std::string::npos);
}

TEST(HistoryEntry, ComesBackWithWhyItWasNotAnswered) {
    const auto read = decode_history_entry(
        encode_history_entry({.text = "oi", .ids = {message_id("m")}, .not_answered = "channels"}));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->not_answered, "channels");
    EXPECT_EQ(encode_history_entry({.text = "oi"}).find("not_answered"), std::string::npos);
}

TEST(HistoryEntry, ComesBackWithTheKnowledgeThatWasRead) {
    const std::vector<knowledge_source> read_then{
        {.file = "knowledge/preços.md", .first_line = 3, .last_line = 7}, {.file = "*"}};
    const auto read =
        decode_history_entry(encode_history_entry({.who = speaker::bot, .text = "t", .sources = read_then}));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->sources, read_then);

    EXPECT_TRUE(decode_history_entry(encode_history_entry({.text = "t"}))->sources.empty());
    const auto odd =
        decode_history_entry("\n{\"text\":\"t\",\"sources\":[1,[\"a\",1],[\"b\",1,\"2\"],[\"c\",1,2]]}");
    ASSERT_TRUE(odd);
    EXPECT_EQ(odd->sources, (std::vector<knowledge_source>{{.file = "c", .first_line = 1, .last_line = 2}}));
}

TEST(HistoryEntry, SaysWhoSpoke) {
    for (const speaker who : {speaker::customer, speaker::bot, speaker::person}) {
        const auto read =
            decode_history_entry(encode_history_entry({.who = who, .text = "t", .ids = {message_id("m")}}));
        ASSERT_TRUE(read);
        EXPECT_EQ(read->who, who);
        EXPECT_EQ(read->ids, std::vector{message_id("m")});
    }
}

TEST(HistoryEntry, TakesAnInboxItemAsTheCustomersWords) {
    const auto read =
        decode_history_entry(encode_inbox_item(message_event({.id = message_id("m1"), .text = "oi"})));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->who, speaker::customer);
    EXPECT_EQ(read->text, "oi");
    EXPECT_EQ(read->ids, std::vector{message_id("m1")});
}

TEST(HistoryEntry, TakesAnInboxItemWithWhatIsSaidInIt) {
    const auto read = decode_history_entry(R"(m
{"text":"oi","attachments":[{"kind":"audio","sound":"heard","words":"tem a XY?"},{"kind":"image"},
{"kind":"video","sound":"heard","words":"essa aqui"},{"kind":"audio","sound":"too_long","why":"too long"},
{"kind":"audio","sound":"not_understood","why":"silent"}]})");
    ASSERT_TRUE(read);
    EXPECT_EQ(read->text, "oi\n[áudio] tem a XY?\n[vídeo] essa aqui");
    EXPECT_EQ(read->not_heard, "too long; silent");
}

TEST(HistoryEntry, AMessageTakenBackHasNoWords) {
    const auto read = decode_history_entry("m\n{\"at\":1,\"text\":\"secret\",\"unsent\":true}");
    ASSERT_TRUE(read);
    EXPECT_EQ(read->text, "");
}

TEST(RecordedEvent, IsJsonThatNamesItsKind) {
    const std::pair<event_body, const char*> kinds[] = {
        {reaction{.id = message_id("m"), .name = "love", .emoji = "❤"}, "reaction"},
        {read_receipt{message_id("m")}, "read"},
        {referral_opened{{.ref = "r"}}, "referral"},
        {opt_in{}, "opt_in"},
        {thread_control{.what = thread_control::change::taken}, "thread_control"},
        {policy_enforcement{.action = "block"}, "policy_enforcement"},
        {comment{.id = "c", .live = true}, "live_comment"},
        {comment{.id = "c"}, "comment"},
        {comment_mention{}, "mention"},
        {dashboard_test{}, "dashboard_test"},
        {unknown_event{"keys: a\nb"}, "unknown"},
        {customer_message{.id = message_id("m"), .text = "oi"}, "message"},
        {postback{}, "postback"},
        {message_edit{.id = message_id("m"), .text = "x", .number = 2}, "edit"},
        {message_unsent{message_id("m")}, "unsent"},
        {echo{.id = message_id("m"), .text = "x", .to_self = true}, "echo"},
    };
    for (const auto& [body, kind] : kinds) {
        event what = message_event({});
        what.body = body;
        const auto read = nlohmann::json::parse(encode_recorded_event(what));
        EXPECT_EQ(read["kind"], kind);
        EXPECT_EQ(read["conversation"], "ig:1:2");
    }
}

} // namespace
} // namespace atende
