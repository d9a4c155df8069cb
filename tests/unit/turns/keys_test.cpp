#include "turns/keys.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atende/turns/turn_store.hpp>
#include <set>

namespace atende {
namespace {

conversation_id conversation(const std::string& contact) {
    return {.account = account_id("17841400000000000"), .contact = contact_id(contact)};
}

std::string hash_tag(const std::string& key) {
    const auto open = key.find('{');
    return key.substr(open, key.find('}') - open + 1);
}

TEST(Keys, OfAConversationShareOneHashTag) {
    const conversation_keys keys(conversation("123"));
    std::set<std::string> tags;
    for (const std::string& key :
         {keys.state(), keys.inbox(), keys.queue(), keys.outbox(), keys.history(), keys.due(), keys.events(),
          keys.ambiguous(), keys.dead(), keys.dedupe("event"), keys.own(message_id("m"))})
        tags.insert(hash_tag(key));
    EXPECT_EQ(tags, std::set<std::string>{"{" + std::to_string(shard_of(keys.member())) + "}"});
}

TEST(Keys, NeverChangeFromVersionToVersion) {
    EXPECT_EQ(shard_of("ig:1:2"), 28) << "a changed shard loses every open conversation";
    EXPECT_EQ(conversation_keys(conversation("2")).member(), "ig:17841400000000000:2");
}

TEST(Keys, ShardsAreUsedEvenly) {
    std::array<int, shard_count> used{};
    for (int i = 0; i < 6'400; ++i)
        ++used.at(static_cast<std::size_t>(shard_of(conversation(std::to_string(i)).text())));
    for (const int count : used) {
        EXPECT_GT(count, 50);
        EXPECT_LT(count, 150);
    }
}

TEST(Keys, OfDifferentThingsDiffer) {
    const conversation_keys keys(conversation("1"));
    EXPECT_NE(keys.dedupe("a"), keys.dedupe("b"));
    EXPECT_NE(keys.own(message_id("a")), keys.own(message_id("b")));
    EXPECT_NE(keys.state(), conversation_keys(conversation("2")).state());
    EXPECT_LT(keys.dedupe(std::string(200, 'm')).size(), 50U) << "kept for days: must be short";
}

TEST(Keys, AnEchoedTextIsRecognisedWhateverHappenedToItsWhiteSpace) {
    EXPECT_EQ(text_digest("Olá!\n\nTudo bem? "), text_digest("Olá! Tudo  bem?"));
    EXPECT_NE(text_digest("Olá"), text_digest("Ola"));
}

TEST(ConversationId, IsReadBackFromItsText) {
    const auto read = parse_conversation_id("ig:178:sim_9:x");
    ASSERT_TRUE(read);
    EXPECT_EQ(read->account.value, "178");
    EXPECT_EQ(read->contact.value, "sim_9:x");
    EXPECT_EQ(parse_conversation_id(conversation("5").text()), conversation("5"));
    const auto site = parse_conversation_id("web:loja.example:s1");
    ASSERT_TRUE(site);
    EXPECT_EQ(site->platform, platform_kind::web);
    EXPECT_EQ(site->text(), "web:loja.example:s1");
    for (const char* wrong : {"", "ig:", "ig:1", "wa:1:2", "web:loja.example"})
        EXPECT_FALSE(parse_conversation_id(wrong)) << wrong;
}

} // namespace
} // namespace atende
