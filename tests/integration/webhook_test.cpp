// The door: what Meta is told, and that 200 means stored.
#include "integration/intake_fixture.hpp"
#include "support/captured_log.hpp"

namespace atende {
namespace {

using namespace std::chrono_literals;

std::string body_of(const std::string& mid, const std::string& text) {
    return test::webhook_body("1001", mid, text);
}

class Webhook : public test::intake_test {
protected:
    http_reply handshake(std::string query) {
        return loop.await(
            process().door->verify({.method = "GET", .path = "/webhook", .query = std::move(query)}));
    }
    std::int64_t stored() { return command({"DBSIZE"}).integer; }
};

TEST_F(Webhook, TwoHundredMeansStoredAndTheEngineIsTold) {
    EXPECT_EQ(post(body_of("m1", "oi")).status, 200);
    EXPECT_EQ(gathered, std::vector{customer});
    EXPECT_EQ(texts_of(claim().what.messages), std::vector<std::string>{"oi"});
}

TEST_F(Webhook, ARedeliveryIsAcceptedAndTellsNobody) {
    post(body_of("m1", "oi"));
    EXPECT_EQ(post(body_of("m1", "oi")).status, 200);
    EXPECT_EQ(gathered.size(), 1U);
}

// Regression: a signed webhook that somebody had kept was answered again once Redis had forgotten it.
TEST_F(Webhook, WhatCouldHaveBeenForgottenIsOnlyRecorded) {
    const std::int64_t long_ago_ms = unix_ms_now() - settings.dedupe_ttl.count();
    const auto message = [](const std::string& mid, std::int64_t at_ms) {
        return test::webhook_body("1001", mid, mid, "17841400000000001", at_ms);
    };
    const test::captured_log log;
    EXPECT_EQ(post(message("m1", long_ago_ms)).status, 200);
    EXPECT_EQ(log.lines_with("1 event(s) only recorded"), 1) << log.text();
    EXPECT_EQ(post(test::echo_body("1001", "m2", "deixa comigo", long_ago_ms)).status, 200);
    EXPECT_TRUE(inbox_of("1001").empty());
    EXPECT_TRUE(gathered.empty());
    EXPECT_EQ(command({"EXISTS", keys.state(), keys.held()}).integer, 0) << "nobody is silenced";
    EXPECT_EQ(command({"XLEN", keys.events()}).integer, 2);
    const std::int64_t late_ms = long_ago_ms + 2LL * 3'600'000; // as a platform may redeliver
    EXPECT_EQ(post(message("m3", late_ms)).status, 200);
    EXPECT_EQ(inbox_of("1001"), std::vector<std::string>{"m3"});
}

TEST_F(Webhook, EveryConfiguredSecretCounts) {
    EXPECT_EQ(post(body_of("m1", "oi"), "old secret").status, 200);
    EXPECT_EQ(post(body_of("m2", "oi"), "another secret").status, 403);
}

TEST_F(Webhook, WhatIsNotSignedIsNotStored) {
    http_request unsigned_request{.method = "POST", .path = "/webhook", .body = body_of("m1", "oi")};
    EXPECT_EQ(post(unsigned_request).status, 403);
    http_request changed = signed_request(body_of("m1", "oi"), "new secret");
    changed.body = body_of("m1", "oI");
    EXPECT_EQ(post(changed).status, 403);
    EXPECT_EQ(stored(), 0);
    EXPECT_TRUE(gathered.empty());
}

TEST_F(Webhook, WithoutASecretNothingIsAccepted) {
    door_options.app_secrets = {};
    EXPECT_EQ(post(body_of("m1", "oi"), "").status, 403);
    EXPECT_EQ(stored(), 0);
}

TEST_F(Webhook, WhatIsNotAWebhookIsSaidToBeNone) {
    for (const char* body : {"", "{}", "[7]", "{\"object\":\"instagram\"", "not json"})
        EXPECT_EQ(post(body).status, 400) << body;
    EXPECT_EQ(post(R"({"object":"instagram","entry":[]})").status, 200) << "nothing in it is no error";
    EXPECT_EQ(stored(), 0);
}

TEST_F(Webhook, WithoutRedisMetaIsAskedToRepeat) {
    test::redis_server own;
    redis = make_redis_client(loop.executor(), own.address(), 1s);
    ASSERT_TRUE(loop.until([&] { return redis->connected(); }));
    own.kill();
    ASSERT_TRUE(loop.until([&] { return !redis->connected(); }));
    EXPECT_EQ(post(body_of("m1", "oi")).status, 503);
    EXPECT_TRUE(gathered.empty());
    own.start();
    ASSERT_TRUE(loop.until([&] { return redis->connected(); }));
    EXPECT_EQ(post(body_of("m1", "oi")).status, 200) << "the repetition completes it";
    EXPECT_EQ(texts_of(claim().what.messages), std::vector<std::string>{"oi"});
}

TEST_F(Webhook, TheHandshakeEchoesOnlyAHarmlessChallenge) {
    const std::string ours = "hub.mode=subscribe&hub.verify_token=verify%20me&hub.challenge=";
    const auto accepted = handshake(ours + "115_8-Xy");
    EXPECT_EQ(accepted.status, 200);
    EXPECT_EQ(accepted.body, "115_8-Xy");
    for (const char* odd : {"", "%3Cscript%3E", "a%20b", "a.b"})
        EXPECT_EQ(handshake(ours + odd).status, 400) << odd;
    EXPECT_EQ(handshake(ours + std::string(257, 'a')).status, 400);
}

TEST_F(Webhook, StrangersCannotFillTheLog) {
    const test::captured_log log;
    for (int i = 0; i < 100; ++i) {
        EXPECT_EQ(handshake("hub.mode=subscribe&hub.verify_token=wrong&hub.challenge=1").status, 403);
        EXPECT_EQ(post(body_of("m1", "oi"), "another secret").status, 403);
    }
    for (const char* what : {"handshake(s) refused", "webhook(s) refused"}) {
        EXPECT_GE(log.lines_with(what), 1) << what;
        EXPECT_LT(log.lines_with(what), 100) << what;
    }
}

TEST_F(Webhook, AWrongHandshakeIsRefused) {
    for (const char* query : {"", "hub.mode=subscribe&hub.challenge=1",
                              "hub.mode=subscribe&hub.verify_token=wrong&hub.challenge=1",
                              "hub.mode=unsubscribe&hub.verify_token=verify+me&hub.challenge=1"})
        EXPECT_EQ(handshake(query).status, 403) << query;
    end_process();
    door_options.verify_token = "";
    EXPECT_EQ(handshake("hub.mode=subscribe&hub.verify_token=&hub.challenge=1").status, 403);
}

} // namespace
} // namespace atende
