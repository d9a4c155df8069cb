#include "unit/channels/render_event.hpp"
#include "unit/channels/test_data.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <atende/channels/instagram_webhook.hpp>
#include <set>

namespace atende {
namespace {

using nlohmann::json;

std::vector<event> parse(const std::string& body) {
    instagram_parser parser;
    auto events = parser.parse(body);
    EXPECT_TRUE(events) << (events ? "" : events.error().detail) << "\n" << body;
    return events ? std::move(*events) : std::vector<event>{};
}

// One messaging event of the shop "1784" and its customer "55", the body being `fields`.
std::string webhook(const std::string& fields,
                    const std::string& parties = R"("sender":{"id":"55"},"recipient":{"id":"1784"},)") {
    return fmt::format(R"({{"object":"instagram","entry":[{{"id":"1784","time":1780396617161,"messaging":[)"
                       R"({{{}"timestamp":1780396616736,{}}}]}}]}})",
                       parties, fields);
}

std::string change(const std::string& name, const std::string& value) {
    return fmt::format(R"({{"object":"instagram","entry":[{{"id":"1784","time":1780396617,"changes":[)"
                       R"({{"field":"{}","value":{}}}]}}]}})",
                       name, value);
}

event parse_one(const std::string& body) {
    std::vector<event> events = parse(body);
    EXPECT_EQ(events.size(), 1U) << body;
    return events.empty() ? event{} : std::move(events.front());
}

template <class Body>
Body body_of(const event& what) {
    const auto* body = std::get_if<Body>(&what.body);
    EXPECT_NE(body, nullptr) << test::render(what);
    return body ? *body : Body{};
}

class golden : public testing::TestWithParam<std::string> {};

TEST_P(golden, is_read_as_expected) {
    const std::string expected = test::read_file(test::instagram_data / "expected" / (GetParam() + ".txt"));
    EXPECT_EQ(test::render(parse(test::golden_body(GetParam()))), expected);
}

INSTANTIATE_TEST_SUITE_P(instagram, golden, testing::ValuesIn(test::golden_names()),
                         [](const auto& info) { return info.param; });

TEST(instagram_parser, has_a_golden_rendering_of_every_webhook_body) {
    const auto names = test::golden_names();
    for (const auto& file : std::filesystem::directory_iterator(test::instagram_data)) {
        const std::string name = file.path().stem().string();
        if (file.path().extension() != ".json" || name.starts_with("_") || name.starts_with("send_") ||
            name.starts_with("profile_")) {
            continue;
        }
        EXPECT_TRUE(std::ranges::binary_search(names, name)) << name;
    }
}

TEST(instagram_parser, reads_the_bodies_the_documentation_prints_inside_an_array) {
    const std::string text = test::golden_body("message_text");
    const auto events = parse("[" + text + "," + test::golden_body("read_seen") + "]");
    ASSERT_EQ(events.size(), 2U);
    EXPECT_EQ(test::render(events[0]), test::render(parse(text)));
    EXPECT_TRUE(std::holds_alternative<read_receipt>(events[1].body));
}

TEST(instagram_parser, reads_direct_messages_wrapped_as_changes) {
    for (const std::string& name : test::golden_names()) {
        if (name.starts_with("dashboard") || name.starts_with("comment") || name.starts_with("live") ||
            name.starts_with("mention") || name.starts_with("batch") || name.starts_with("standby")) {
            continue;
        }
        json body = json::parse(test::golden_body(name));
        json& entry = body["entry"][0];
        entry["changes"] = json::array({{{"field", "messages"}, {"value", entry["messaging"][0]}}});
        entry.erase("messaging");
        EXPECT_EQ(test::render(parse(body.dump())), test::render(parse(test::golden_body(name)))) << name;
    }
}

TEST(instagram_parser, reads_all_lists_of_an_entry) {
    const auto events = parse(
        R"({"object":"instagram","entry":[{"id":"1784","time":1,"messaging":[)"
        R"({"sender":{"id":"55"},"recipient":{"id":"1784"},"message":{"mid":"a","text":"x"}}],"changes":[)"
        R"({"field":"comments","value":{"id":"9","from":{"id":"55"},"text":"y"}}],"standby":[)"
        R"({"sender":{"id":"55"},"recipient":{"id":"1784"},"read":{"mid":"a"}}]}]})");
    ASSERT_EQ(events.size(), 3U);
    EXPECT_TRUE(std::holds_alternative<customer_message>(events[0].body));
    EXPECT_TRUE(std::holds_alternative<comment>(events[1].body));
    EXPECT_TRUE(std::holds_alternative<read_receipt>(events[2].body));
    EXPECT_FALSE(events[0].standby);
    EXPECT_TRUE(events[2].standby);
}

TEST(instagram_parser, reads_ids_written_as_numbers) {
    const event read = parse_one(R"({"object":"page","entry":[{"id":1784,"time":1,"messaging":[)"
                                 R"({"sender":{"id":12345654332},"recipient":{"id":17841400000000001},)"
                                 R"("message":{"mid":"a","text":"x"}}]}]})");
    EXPECT_EQ(read.conversation.account.value, "17841400000000001");
    EXPECT_EQ(read.conversation.contact.value, "12345654332");
}

TEST(instagram_parser, reads_times_in_seconds_milliseconds_and_strings) {
    const auto time_of = [](const std::string& timestamp) {
        return parse_one(fmt::format(R"({{"object":"instagram","entry":[{{"id":"1784","time":1700000000,)"
                                     R"("messaging":[{{"sender":{{"id":"55"}},"timestamp":{},)"
                                     R"("read":{{"mid":"a"}}}}]}}]}})",
                                     timestamp))
            .occurred_at_ms;
    };
    EXPECT_EQ(time_of("1780396616736"), 1780396616736);
    EXPECT_EQ(time_of("\"1780396616736\""), 1780396616736);
    EXPECT_EQ(time_of("1780396616"), 1780396616000);
    EXPECT_EQ(time_of("\"1780396616\""), 1780396616000);
    // No usable time: when Meta sent it is the best there is.
    for (const std::string wrong :
         {"null", "-1", "0", "1.5", "\"\"", "\"soon\"", "9223372036854775807", "[1]"}) {
        EXPECT_EQ(time_of(wrong), 1700000000000) << wrong;
    }
}

TEST(instagram_parser, takes_the_account_from_the_parties_before_the_entry) {
    // Meta's own examples of these print the customer's id as the entry's.
    const event tapped =
        parse_one(R"({"object":"instagram","entry":[{"id":"55","time":1,"messaging":[{"sender":{"id":"55"},)"
                  R"("recipient":{"id":"1784"},"postback":{"mid":"a","title":"t","payload":"p"}}]}]})");
    EXPECT_EQ(tapped.conversation.text(), "ig:1784:55");
    EXPECT_TRUE(std::holds_alternative<postback>(tapped.body));
    // A page's webhook names the page.
    const event written =
        parse_one(R"({"object":"page","entry":[{"id":"777","time":1,"messaging":[{"sender":{"id":"1784"},)"
                  R"("recipient":{"id":"55"},"message":{"mid":"a","text":"x","is_echo":true}}]}]})");
    EXPECT_EQ(written.conversation.text(), "ig:1784:55");
}

TEST(instagram_parser, takes_the_account_from_the_entry_where_nobody_is_named) {
    const event liked = parse_one(webhook(R"("reaction":{"mid":"a","action":"react"})", ""));
    EXPECT_TRUE(std::holds_alternative<reaction>(liked.body));
    EXPECT_EQ(liked.conversation.account.value, "1784");
    EXPECT_TRUE(liked.conversation.contact.empty());
    const event sent =
        parse_one(webhook(R"("message":{"mid":"a","is_echo":true})", R"("recipient":{"id":"55"},)"));
    EXPECT_EQ(sent.conversation.text(), "ig:1784:55");
    const event nobody = parse_one(webhook(R"("message":{"mid":"a","is_echo":true})", ""));
    EXPECT_FALSE(body_of<echo>(nobody).to_self);
}

TEST(instagram_parser, reads_what_the_account_sent_as_an_echo_even_without_the_flag) {
    const event sent = parse_one(
        webhook(R"("message":{"mid":"a","text":"x"})", R"("sender":{"id":"1784"},"recipient":{"id":"55"},)"));
    EXPECT_FALSE(body_of<echo>(sent).to_self);
    EXPECT_EQ(sent.conversation.text(), "ig:1784:55");
    const event to_self = parse_one(webhook(R"("message":{"mid":"a","text":"x"})",
                                            R"("sender":{"id":"1784"},"recipient":{"id":"1784"},)"));
    EXPECT_TRUE(body_of<echo>(to_self).to_self);
    const event announced = parse_one(webhook(R"("message_edit":{"mid":"a","num_edit":0})",
                                              R"("sender":{"id":"1784"},"recipient":{"id":"55"},)"));
    EXPECT_EQ(body_of<echo>(announced).id.value, "a");
}

TEST(instagram_parser, answers_no_message_whose_sender_is_not_named) {
    for (const std::string parties :
         {R"("recipient":{"id":"1784"},)", R"("sender":{"id":""},"recipient":{"id":"1784"},)",
          R"("sender":{"id":"a:b"},"recipient":{"id":"1784"},)", ""}) {
        const event read = parse_one(webhook(R"("message":{"mid":"a","text":"x"})", parties));
        EXPECT_NE(body_of<unknown_event>(read).description.find("mid"), std::string::npos);
        EXPECT_EQ(read.conversation.account.value, "1784");
    }
}

TEST(instagram_parser, tells_a_message_without_content_from_one_with) {
    EXPECT_TRUE(body_of<customer_message>(parse_one(webhook(R"("message":{"mid":"a"})"))).content_withheld);
    EXPECT_FALSE(body_of<customer_message>(parse_one(webhook(R"("message":{"mid":"a","text":"x"})")))
                     .content_withheld);
    const auto complete = body_of<customer_message>(
        parse_one(webhook(R"("message_edit":{"mid":"a","num_edit":"0","text":"x"})")));
    EXPECT_EQ(complete.text, "x");
    EXPECT_FALSE(complete.content_withheld);
}

TEST(instagram_parser, reads_attachments_of_types_it_does_not_know) {
    const auto read = body_of<customer_message>(parse_one(webhook(
        R"("message":{"mid":"a","attachments":[{"type":"hologram","payload":{"url":"https://x"}},)"
        R"({"type":"fallback","payload":null,"title":"t","url":"https://y"},{"type":"template","payload":{}},7,)"
        R"({"type":"sticker"}]})")));
    ASSERT_EQ(read.attachments.size(), 5U);
    EXPECT_EQ(read.attachments[0].kind, attachment_kind::other);
    EXPECT_EQ(read.attachments[0].platform_type, "hologram");
    EXPECT_EQ(read.attachments[0].url, "https://x");
    EXPECT_EQ(read.attachments[1].title, "t");
    EXPECT_EQ(read.attachments[1].url, "https://y");
    EXPECT_EQ(read.attachments[3].kind, attachment_kind::other);
    EXPECT_EQ(read.attachments[4].kind, attachment_kind::sticker);
}

TEST(instagram_parser, reads_comments_mentions_and_policies_of_a_real_account) {
    const auto live = body_of<comment>(parse_one(change(
        "live_comments", R"({"id":"9","text":"y","from":{"id":"55","username":"u"},"media":{"id":"8"}})")));
    EXPECT_TRUE(live.live);
    EXPECT_EQ(live.media_id, "8");
    const event mention = parse_one(change("mentions", R"({"comment_id":"9","media_id":"8"})"));
    EXPECT_EQ(body_of<comment_mention>(mention).comment_id, "9");
    EXPECT_EQ(mention.idempotency_key, "mn:1784:9:8");
    const event policy = parse_one(webhook(R"("policy-enforcement":{"action":"block","reason":"spam"})",
                                           R"("recipient":{"id":"1784"},)"));
    EXPECT_EQ(body_of<policy_enforcement>(policy).action, "block");
    const event taken =
        parse_one(webhook(R"("take_thread_control":{"previous_owner_app_id":42,"metadata":"m"})"));
    EXPECT_EQ(body_of<thread_control>(taken).what, thread_control::change::taken);
    EXPECT_EQ(body_of<thread_control>(taken).previous_owner, "42");
}

TEST(instagram_parser, describes_what_it_does_not_know_by_its_keys_only) {
    const event delivery = parse_one(webhook(R"("delivery":{"watermark":1,"note":"secret text"})"));
    EXPECT_EQ(body_of<unknown_event>(delivery).description, "sender, recipient, timestamp, delivery");
    const event insights = parse_one(change("story_insights", R"({"reach":5})"));
    EXPECT_EQ(body_of<unknown_event>(insights).description, "story_insights (reach)");
    EXPECT_EQ(insights.conversation.account.value, "1784");
    const event nothing = parse_one(R"({"object":"instagram","entry":[{"id":"1784","time":1}]})");
    EXPECT_EQ(body_of<unknown_event>(nothing).description, "id, time");
}

TEST(instagram_parser, refuses_what_is_no_webhook_and_names_the_field) {
    instagram_parser parser;
    const auto problem = [&](std::string_view body) {
        const auto events = parser.parse(body);
        EXPECT_FALSE(events) << body;
        EXPECT_TRUE(events || events.error().code == errc::invalid_input);
        return events ? std::string{} : events.error().detail;
    };
    const auto has = [](const std::string& text, std::string_view part) {
        return text.find(part) != std::string::npos;
    };
    EXPECT_TRUE(has(problem(R"({"object":"whatsapp_business_account","entry":[]})"), "`object`"));
    EXPECT_TRUE(has(problem(R"({"entry":[]})"), "`object`"));
    EXPECT_TRUE(has(problem(R"({"object":"instagram"})"), "`entry`"));
    EXPECT_TRUE(has(problem(R"({"object":"instagram","entry":{}})"), "`entry`"));
    EXPECT_TRUE(has(problem("[1]"), "`entry`"));
    EXPECT_TRUE(has(problem("null"), "`entry`"));
    EXPECT_FALSE(problem("").empty());
    EXPECT_TRUE(parser.parse(R"({"object":"instagram","entry":[]})")) << "usable after a failure";
}

} // namespace
} // namespace atende
