#include "people/admin_json.hpp"

#include <gtest/gtest.h>

namespace atende {
namespace {

// During a person's pause, where it waits, nobody has put its words into a turn.
TEST(AdminJson, AMessageThatWaitsHasWhatWasHeardOfIt) {
    heard_message message{.id = message_id("m1"), .text = "olha"};
    message.attachments = {
        {.kind = attachment_kind::image},
        {.kind = attachment_kind::audio, .sound = hearing::heard, .words = "quero uma moto"},
        {.kind = attachment_kind::audio, .sound = hearing::not_understood, .why = "silent"}};
    auto shown = json_of(message);
    EXPECT_EQ(shown["text"], "olha\n[áudio] quero uma moto");
    EXPECT_EQ(shown["not_heard"], "silent");
    EXPECT_EQ(shown["attachments"], 3);
    message.text.clear();
    EXPECT_EQ(json_of(message)["text"], "[áudio] quero uma moto");
    EXPECT_FALSE(json_of(heard_message{}).contains("not_heard"));
}

} // namespace
} // namespace atende
