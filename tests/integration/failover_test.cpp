// Redis dies and its replica takes over, which had not got the last writes.
#include "integration/engine_fixture.hpp"

#include <netinet/in.h>

namespace atende {
namespace {

using namespace std::chrono_literals;
using texts = std::vector<std::string>;
using fate = event_receipt::fate;

std::string free_port() {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(at);
    ::bind(fd, reinterpret_cast<const sockaddr*>(&at), size);
    ::getsockname(fd, reinterpret_cast<sockaddr*>(&at), &size);
    ::close(fd);
    return std::to_string(ntohs(at.sin_port));
}

class Failover : public testing::Test {
protected:
    test::event_loop loop;
    const std::string port = free_port();
    test::redis_server primary{{"--port", port, "--repl-diskless-sync-delay", "0"}};
    test::redis_server replica{{"--replicaof", "127.0.0.1 " + port}};
    std::unique_ptr<redis_client> to_primary = connect(primary), to_replica = connect(replica);
    const conversation_id customer = test::conversation_of("1001");
    const conversation_keys keys{customer};
    turn_store_settings settings{.lease = 300ms, .echo_hold = 0ms, .look_for_uncertain = 20ms, .replicas = 1};
    turn_engine_settings engine_settings{
        .sweep_interval = 20ms, .first_send_retry = 20ms, .longest_send_retry = 20ms, .verdict_after = 30ms};
    std::unique_ptr<test::worker_process> before, after;

    Failover() {
        const auto is_linked = [this] { // a link that is up may not carry anything yet
            ask(*to_primary, {"SET", "linked", "1"});
            return ask(*to_primary, {"WAIT", "1", "100"}).integer == 1;
        };
        if (!loop.until(is_linked)) throw std::runtime_error("the replica does not follow");
    }

    std::unique_ptr<redis_client> connect(const test::redis_server& server) {
        auto client = make_redis_client(loop.executor(), server.address(), 10s);
        if (!loop.until([&] { return client->connected(); })) throw std::runtime_error("no Redis");
        return client;
    }
    redis_reply ask(redis_client& redis, redis_command words) {
        return loop.await(redis.command(std::move(words))).value();
    }
    // The number of what leaves next.
    std::string first_send() { return ask(*to_primary, {"LINDEX", keys.queue(), "0"}).text; }
    result<std::vector<event_receipt>> hand_over(const gathered_event& event) {
        turn_store_settings waiting = settings;
        waiting.replicas = 1;
        turn_store store(*to_primary, waiting);
        return loop.await(store.hand_over({event}));
    }
    // As Meta does: again until it is accepted.
    bool deliver(const gathered_event& event) {
        return loop.until([&] { return hand_over(event).has_value(); });
    }
    // A process on the primary, and one that will be on the replica.
    void start_on_primary() {
        before = std::make_unique<test::worker_process>(loop, settings, engine_settings, primary.address());
    }
    // From now on the replica hears nothing of what the primary is told. (One that is only stopped has it in
    // its socket and would read it later.)
    void promote_replica() { ask(*to_replica, {"REPLICAOF", "NO", "ONE"}); }
    void kill_primary() {
        primary.kill();
        settings.replicas = 0; // there are none left
        after = std::make_unique<test::worker_process>(loop, settings, engine_settings, replica.address());
    }
    bool settles() {
        return loop.until([this] { return ask(*to_replica, {"ZCARD", keys.due()}).integer == 0; });
    }
    texts sent() {
        texts all = before->handler.sent;
        all.insert(all.end(), after->handler.sent.begin(), after->handler.sent.end());
        return all;
    }
    // The process has thought and wants to answer, but the replica does not hear of it.
    void answer_after_promotion() {
        start_on_primary();
        before->handler.holds_thoughts = true;
        ASSERT_TRUE(deliver(test::message(customer, "m1", "oi", 0ms)));
        ASSERT_TRUE(loop.until([this] { return !before->handler.turns.empty(); }));
        promote_replica();
        before->handler.holds_thoughts = false;
    }
};

TEST_F(Failover, NothingIsSentOfWhichTheReplicaKnowsNothing) {
    answer_after_promotion();
    ASSERT_TRUE(loop.until([this] {
        return ask(*to_primary, {"HGET", keys.outbox(), "attempt:" + first_send()}).text > "0";
    })) << "it was tried";
    EXPECT_TRUE(before->handler.sent.empty());
    kill_primary();
    ASSERT_TRUE(settles());
    EXPECT_EQ(sent(), texts{"re: oi"});
}

// What the waiting is for.
TEST_F(Failover, WithoutWaitingForTheReplicaItWouldBeSentTwice) {
    settings.replicas = 0;
    answer_after_promotion();
    ASSERT_TRUE(loop.until([this] { return !before->handler.sent.empty(); }));
    kill_primary();
    ASSERT_TRUE(settles());
    EXPECT_EQ(sent(), (texts{"re: oi", "re: oi"}));
}

TEST_F(Failover, ASendOfWhichOnlyTheEndIsForgottenIsNotRepeated) {
    start_on_primary();
    before->handler.holds_sends = true;
    ASSERT_TRUE(deliver(test::message(customer, "m1", "oi", 0ms)));
    ASSERT_TRUE(loop.until([this] { return !before->handler.sent.empty(); }));
    const message_id delivered("mid.1001." + first_send());
    promote_replica();
    before->handler.holds_sends = false;
    ASSERT_TRUE(loop.until([this] { return ask(*to_primary, {"EXISTS", keys.outbox()}).integer == 0; }))
        << "the primary knows that it was delivered";
    kill_primary();
    after->handler.found = {delivered};
    ASSERT_TRUE(settles());
    EXPECT_EQ(sent(), texts{"re: oi"});
    EXPECT_EQ(after->handler.looked_for, texts{"re: oi"});
    EXPECT_EQ(ask(*to_replica, {"EXISTS", keys.ambiguous(), keys.missing()}).integer, 0);
}

TEST_F(Failover, AnEventIsNotAcceptedBeforeTheReplicaHasIt) {
    replica.pause();
    const auto message = test::message(customer, "m1", "oi", 60s);
    EXPECT_FALSE(hand_over(message));
    EXPECT_FALSE(hand_over(message)) << "it is in the primary, but that is not enough";
    replica.resume();
    result<std::vector<event_receipt>> again;
    ASSERT_TRUE(loop.until([&] { return (again = hand_over(message)).has_value(); }));
    EXPECT_EQ(again->front().what, fate::duplicate);
    EXPECT_EQ(ask(*to_replica, {"LLEN", keys.inbox()}).integer, 1);
}

} // namespace
} // namespace atende
