#include "simulator/meta_webhook.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace atende {
namespace {

using nlohmann::json;
using ::testing::StartsWith;

webhook_message sample() {
    return {.contact = "sim_ana001",
            .message_id = "aWdf1",
            .text = "Oi! Vocês têm?\n\"1/2\" \xF0\x9F\x98\x80",
            .at_ms = 1780396616736};
}

constexpr auto sample_body =
    R"({"object":"instagram","entry":[{"time":1780396616736,"id":"sim_shop","messaging":[{"sender":{"id":"sim_ana001"},)"
    R"("recipient":{"id":"sim_shop"},"timestamp":1780396616736,"message":{"mid":"aWdf1",)"
    R"("text":"Oi! Voc\u00eas t\u00eam?\n\"1\/2\" \ud83d\ude00"}}]}]})";

json only_event(const std::string& body) {
    return json::parse(body)["entry"][0]["messaging"][0];
}

TEST(meta_webhook, writes_a_message_byte_for_byte_as_meta_does) {
    EXPECT_EQ(message_webhook(sample()), sample_body);
}

TEST(meta_webhook, signs_the_bytes_it_sends) {
    hmac_sha256 key("test_app_secret_not_real");
    EXPECT_EQ(webhook_signature(key, sample_body),
              "sha256=002d7c2eb8613f4f6ce005c1485550f32f60f4f392b9712cecdc59e81752b98d");
}

TEST(meta_webhook, counts_edits_of_the_same_message) {
    const auto event = only_event(edit_webhook(sample(), 2));
    EXPECT_EQ(event["sender"]["id"], "sim_ana001");
    EXPECT_FALSE(event.contains("message"));
    EXPECT_EQ(event["message_edit"], json({{"mid", "aWdf1"}, {"text", sample().text}, {"num_edit", 2}}));
}

TEST(meta_webhook, does_not_repeat_the_text_of_an_unsent_message) {
    const auto event = only_event(unsend_webhook(sample()));
    EXPECT_EQ(event["sender"]["id"], "sim_ana001");
    EXPECT_EQ(event["message"], json({{"mid", "aWdf1"}, {"is_deleted", true}}));
}

TEST(meta_webhook, an_audio_comes_back_without_words) {
    auto message = sample();
    message.audio_url = "https://loja.example/a.m4a";
    const auto event = only_event(echo_webhook(message));
    EXPECT_FALSE(event["message"].contains("text"));
    EXPECT_EQ(event["message"]["attachments"],
              json::parse(R"([{"type":"audio","payload":{"url":"https://loja.example/a.m4a"}}])"));
}

TEST(meta_webhook, swaps_the_parties_in_an_echo) {
    const auto event = only_event(echo_webhook(sample()));
    EXPECT_EQ(event["sender"]["id"], "sim_shop");
    EXPECT_EQ(event["recipient"]["id"], "sim_ana001");
    EXPECT_EQ(event["message"], json({{"mid", "aWdf1"}, {"text", sample().text}, {"is_echo", true}}));
}

TEST(meta_webhook, names_messages_like_meta_and_never_twice) {
    const auto first = new_meta_message_id();
    EXPECT_THAT(first, StartsWith("aWdf"));
    EXPECT_GT(first.size(), 100U);
    EXPECT_NE(first, new_meta_message_id());
}

} // namespace
} // namespace atende
