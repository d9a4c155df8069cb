#include "unit/channels/test_data.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <atende/channels/instagram_webhook.hpp>
#include <set>

namespace atende {
namespace {

using nlohmann::json;

std::vector<std::string> keys_of(const std::string& body) {
    instagram_parser parser;
    const auto events = parser.parse(body);
    EXPECT_TRUE(events) << body;
    std::vector<std::string> out;
    if (!events) return out;
    for (const event& what : *events) out.push_back(what.idempotency_key);
    return out;
}

std::string key_of(const std::string& account, const std::string& fields, bool from_account = false,
                   std::int64_t timestamp = 1780396616736) {
    const auto keys = keys_of(fmt::format(
        R"({{"object":"instagram","entry":[{{"id":"{}","time":1,"messaging":[{{"sender":{{"id":"{}"}},)"
        R"("recipient":{{"id":"{}"}},"timestamp":{},{}}}]}}]}})",
        account, from_account ? account : "55", from_account ? "55" : account, timestamp, fields));
    return keys.size() == 1 ? keys.front() : "";
}

TEST(idempotency_key, names_the_account_and_the_message) {
    EXPECT_EQ(key_of("1784", R"("message":{"mid":"m","text":"x"})"), "in:1784:m");
    EXPECT_EQ(key_of("1784", R"("message":{"mid":"m","is_deleted":true})"), "del:1784:m");
    EXPECT_EQ(key_of("1784", R"("message":{"mid":"m","is_echo":true})", true), "echo:1784:m");
    EXPECT_EQ(key_of("1784", R"("message":{"mid":"m","is_echo":true,"is_deleted":true})", true),
              "echo-del:1784:m");
    EXPECT_EQ(key_of("1784", R"("message_edit":{"mid":"m","text":"x","num_edit":2})"), "edit:1784:m:2");
    EXPECT_EQ(key_of("1784", R"("message_edit":{"mid":"m","text":"x","num_edit":"3"})"), "edit:1784:m:3");
    EXPECT_EQ(key_of("1784", R"("reaction":{"mid":"m","action":"react"})"),
              "re:1784:m:55:react:1780396616736");
    EXPECT_EQ(key_of("1784", R"("read":{"mid":"m"})"), "rd:1784:m");
    EXPECT_EQ(key_of("1784", R"("postback":{"mid":"m","payload":"p"})"), "pb:1784:m");
}

// The announcement of a message must not make the message itself look like a duplicate, or its words would be
// lost.
TEST(idempotency_key, tells_a_message_from_its_announcement) {
    EXPECT_EQ(key_of("1784", R"("message_edit":{"mid":"m","num_edit":0})"), "edit:1784:m:0");
    EXPECT_EQ(key_of("1784", R"("message_edit":{"mid":"m","num_edit":0,"text":"x"})"), "in:1784:m");
}

TEST(idempotency_key, differs_for_everything_that_happened) {
    std::set<std::string> keys;
    const auto expect_new = [&](const std::string& key) { EXPECT_TRUE(keys.insert(key).second) << key; };
    expect_new(key_of("1784", R"("message":{"mid":"m","text":"x"})"));
    expect_new(key_of("1785", R"("message":{"mid":"m","text":"x"})"));
    expect_new(key_of("1784", R"("message":{"mid":"M","text":"x"})"));
    expect_new(key_of("1784", R"("message":{"mid":"m","text":"x","is_echo":true})", true));
    expect_new(key_of("1784", R"("reaction":{"mid":"m","action":"react"})"));
    expect_new(key_of("1784", R"("reaction":{"mid":"m","action":"unreact"})"));
    expect_new(key_of("1784", R"("reaction":{"mid":"m","action":"react"})", true));
    expect_new(key_of("1784", R"("reaction":{"mid":"m","action":"react"})", false, 1780396616737));
    expect_new(key_of("1784", R"("referral":{"ref":"a"})"));
    expect_new(key_of("1784", R"("referral":{"ref":"b"})"));
    expect_new(key_of("1785", R"("referral":{"ref":"b"})"));
    expect_new(key_of("1784", R"("referral":{"ref":"b"})", false, 1780396616737));
    expect_new(key_of("1784", R"("postback":{"payload":"p"})"));
    expect_new(key_of("1784", R"("postback":{"payload":"q"})"));
    expect_new(key_of("1784", R"("novelty":1)"));
    expect_new(key_of("1784", R"("novelty":2)"));
}

// Meta repeats what was not acknowledged in other batches, and promises no order of the keys.
TEST(idempotency_key, is_the_same_in_every_batch_and_order_of_keys) {
    json batch{{"object", "instagram"}, {"entry", json::array()}};
    std::vector<std::string> alone;
    for (const std::string& name : test::golden_names()) {
        if (name.starts_with("dashboard") || name.starts_with("live") || name.starts_with("mention"))
            continue;
        const std::string body = test::golden_body(name);
        std::ranges::copy(keys_of(body), std::back_inserter(alone));
        for (json entry : json::parse(body)["entry"]) { // json sorts the keys
            entry["time"] = 1790000000000;
            batch["entry"].push_back(std::move(entry));
        }
    }
    EXPECT_GT(alone.size(), 40U);
    EXPECT_EQ(keys_of(batch.dump()), alone);
}

TEST(idempotency_key, tells_one_press_of_the_test_button_from_the_next) {
    json body = json::parse(test::golden_body("dashboard_test_messages_messaging"));
    const auto first = keys_of(body.dump());
    body["entry"][0]["time"] = 1661141899999;
    EXPECT_NE(keys_of(body.dump()), first);
}

} // namespace
} // namespace atende
