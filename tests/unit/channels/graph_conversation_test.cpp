// Reading a conversation back: what it shows of a message whose sending had an unknown outcome.
#include "channels/graph_request.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace atende {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

constexpr auto noon = "Sat, 21 Nov 2026 12:00:00 GMT";

json message(const std::string& id, const std::string& time, const std::string& text,
             const char* from = "17") {
    return {{"id", id},
            {"created_time", "2026-11-21T" + time + "+0000"},
            {"from", {{"id", from}}},
            {"message", text}};
}

json conversation(std::vector<json> messages) {
    return {{"data", {{{"id", "thread"}, {"messages", {{"data", std::move(messages)}}}}}}};
}

std::vector<json> twenty(const std::string& oldest) {
    std::vector<json> all(19, message("m", "11:59:59", "oi", "55"));
    all.push_back(message("m20", oldest, "oi", "55"));
    return all;
}

result<std::vector<message_id>> find(const json& body, std::chrono::milliseconds age = 60s) {
    const http_answer answer{.status = 200, .headers = {{"date", noon}}, .body = body.dump()};
    return find_in_conversation(answer, contact_id("55"), {.text = "Temos sim!\n\nQuer ver?"}, age);
}

result<std::vector<message_id>> find_audio(const json& body) {
    const http_answer answer{.status = 200, .headers = {{"date", noon}}, .body = body.dump()};
    return find_in_conversation(answer, contact_id("55"), {.text = "Temos sim!", .audio = "x.m4a"}, 60s);
}

json with_attachment(json of, json attachment) {
    of["attachments"]["data"] = json::array({std::move(attachment)});
    return of;
}

TEST(graph_conversation, shows_our_message_whatever_its_white_space) {
    const auto found = find(conversation({message("m3", "11:59:30", "Temos sim! Quer ver?"),
                                          message("m2", "11:59:20", "Temos sim! Quer ver?", "55"),
                                          message("m1", "11:59:10", "Temos sim!\nQuer ver?")}));
    ASSERT_TRUE(found);
    EXPECT_EQ(*found, (std::vector{message_id("m3"), message_id("m1")}));
}

TEST(graph_conversation, an_older_message_with_the_same_text_is_another_one) {
    const auto found = find(conversation({message("m1", "11:58:50", "Temos sim! Quer ver?")}));
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->empty());
    EXPECT_EQ(find(conversation({message("m1", "11:58:59", "Temos sim! Quer ver?")}))->size(), 1U)
        << "its times are whole seconds";
}

TEST(graph_conversation, says_that_a_message_is_not_there_only_if_it_reaches_back_far_enough) {
    EXPECT_TRUE(find(conversation({message("m1", "11:59:30", "oi", "55")})));
    EXPECT_TRUE(find(conversation(twenty("11:58:50"))));
    EXPECT_FALSE(find(conversation(twenty("11:59:10")))) << "cut off at 20 messages";
    json cut_off = conversation({message("m1", "11:59:30", "oi", "55")});
    cut_off["data"][0]["messages"]["paging"]["next"] = "https://graph.example/more";
    EXPECT_FALSE(find(cut_off));
    EXPECT_FALSE(find(json{{"data", json::array()}})) << "the customer wrote: there is a conversation";
}

TEST(graph_conversation, what_it_shows_counts_even_if_it_is_cut_off) {
    auto messages = twenty("11:59:10");
    messages.front() = message("ours", "11:59:50", "Temos sim! Quer ver?");
    EXPECT_EQ(find(conversation(messages))->size(), 1U);
}

TEST(graph_conversation, shows_our_audio_whatever_graph_calls_it) {
    const auto found = find_audio(conversation(
        {with_attachment(message("m4", "11:59:40", ""), {{"mime_type", "audio/mp4"}, {"file_url", "u"}}),
         with_attachment(message("m3", "11:59:30", ""), {{"id", "7"}}),
         with_attachment(message("m2", "11:59:20", "", "55"), {{"mime_type", "audio/mp4"}}),
         message("m1", "11:59:10", "Temos sim!")}));
    ASSERT_TRUE(found);
    EXPECT_EQ(*found, (std::vector{message_id("m4"), message_id("m3")}));
}

TEST(graph_conversation, a_picture_that_somebody_sent_is_not_our_audio) {
    const auto found = find_audio(
        conversation({with_attachment(message("m3", "11:59:30", ""), {{"image_data", {{"url", "u"}}}}),
                      with_attachment(message("m2", "11:59:20", ""), {{"mime_type", "image/jpeg"}}),
                      message("m1", "11:59:10", "", "55")}));
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->empty());
}

TEST(graph_conversation, attachments_are_asked_for_only_where_an_audio_is_looked_for) {
    const instagram_settings settings{.base_url = "https://g", .api_version = "v25.0"};
    EXPECT_EQ(conversation_call(settings, contact_id("55"), {.text = "oi"}).url.find("attachments"),
              std::string::npos);
    EXPECT_NE(conversation_call(settings, contact_id("55"), {.audio = "x.m4a"}).url.find("attachments"),
              std::string::npos);
}

TEST(graph_conversation, an_answer_that_makes_no_sense_says_nothing) {
    EXPECT_FALSE(find(json::array()));
    EXPECT_FALSE(find(json{{"data", 7}}));
    EXPECT_FALSE(find(json{{"data", {{{"messages", nullptr}}}}}));
    const http_answer limited{.status = 403, .headers = {}, .body = R"({"error":{"code":613}})"};
    EXPECT_FALSE(find_in_conversation(limited, contact_id("55"), {.text = "x"}, 1s));
}

} // namespace
} // namespace atende
