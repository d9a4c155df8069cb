// Redis goes away and comes back: what Meta is told, and that nothing is lost, doubled or out of order.
#include "intake/record_files.hpp"
#include "intake/webhook_records.hpp"
#include "integration/intake_fixture.hpp"
#include "support/file_size_limit.hpp"

#include <algorithm>

namespace atende {
namespace {

using namespace std::chrono_literals;
using ids = std::vector<std::string>;

class Spool : public test::intake_test {
protected:
    std::optional<test::redis_server> own;

    Spool() { use_redis({}); }

    void use_redis(std::vector<std::string> options) {
        own.emplace(std::move(options));
        redis = make_redis_client(loop.executor(), own->address(), 1s);
        if (!loop.until([this] { return redis->connected(); })) throw std::runtime_error("no Redis");
    }
    void redis_dies() {
        own->kill();
        ASSERT_TRUE(loop.until([&] { return !redis->connected(); }));
    }
    void redis_comes_back() {
        own->start();
        ASSERT_TRUE(loop.until([&] { return redis->connected(); }));
    }
    // So long that webhooks are spooled.
    void redis_was_away_for_long(const std::string& contact = "1001", const std::string& mid = "refused") {
        redis_dies();
        ASSERT_EQ(status_of(contact, mid), 503);
        now += spool_after;
    }
    void until_drained() {
        ASSERT_TRUE(loop.until([&] { return process().spool->is_empty(); }));
    }
    std::vector<record_file> spool_files() { return list_record_files(spool_options.folder); }
};

TEST_F(Spool, ItBeginsWhenRedisWasAwayForLong) {
    redis_dies();
    EXPECT_EQ(status_of("1001", "m1"), 503);
    now += spool_after - 1ms;
    EXPECT_EQ(status_of("1001", "m1"), 503);
    EXPECT_TRUE(spool_files().empty());
    EXPECT_TRUE(state().redis_away_since_ms);
    now += 1ms;
    EXPECT_EQ(status_of("1001", "m1"), 200);
    EXPECT_EQ(state().spool.webhooks, 1U);
    EXPECT_GT(state().spool.bytes, 0U);
    EXPECT_TRUE(state().spool.draining);
    EXPECT_TRUE(gathered.empty());
}

TEST_F(Spool, ASuccessInBetweenBeginsTheTimeAnew) {
    redis_dies();
    EXPECT_EQ(status_of("1001", "m1"), 503);
    redis_comes_back();
    EXPECT_EQ(status_of("1001", "m1"), 200);
    EXPECT_FALSE(state().redis_away_since_ms);
    redis_dies();
    now += spool_after;
    EXPECT_EQ(status_of("1001", "m2"), 503);
}

TEST_F(Spool, WhatIsInItReachesRedisInOrderAndWakesTheEngine) {
    redis_was_away_for_long();
    for (int i = 0; i < 100; ++i) {
        ASSERT_EQ(status_of("1001", "a" + std::to_string(i)), 200);
        if (i % 3 == 0) ASSERT_EQ(status_of("1002", "b" + std::to_string(i)), 200);
    }
    redis_comes_back();
    until_drained();
    const auto first = inbox_of("1001");
    ASSERT_EQ(first.size(), 100U);
    for (std::size_t i = 0; i < first.size(); ++i) EXPECT_EQ(first[i], "a" + std::to_string(i));
    EXPECT_EQ(inbox_of("1002").size(), 34U);
    EXPECT_EQ(gathered.size(), 134U);
    EXPECT_TRUE(loop.until([&] { return spool_files().empty(); }));
    EXPECT_FALSE(state().redis_away_since_ms);
    EXPECT_EQ(state().spool.bytes, 0U);
}

TEST_F(Spool, WhatMetaRepeatsMeanwhileIsNotDoubled) {
    redis_was_away_for_long("1001", "m1");
    for (const char* mid : {"m1", "m2", "m1", "m2"}) ASSERT_EQ(status_of("1001", mid), 200);
    redis_comes_back();
    until_drained();
    EXPECT_EQ(status_of("1001", "m2"), 200);
    EXPECT_EQ(inbox_of("1001"), (ids{"m1", "m2"}));
}

TEST_F(Spool, NewWebhooksGoBehindWhatWaits) {
    redis_was_away_for_long();
    ASSERT_EQ(status_of("1001", "m1"), 200);
    own->start();
    ASSERT_EQ(status_of("1001", "m2"), 200) << "whether it is spooled or not";
    until_drained();
    ASSERT_EQ(status_of("1001", "m3"), 200);
    EXPECT_EQ(inbox_of("1001"), (ids{"m1", "m2", "m3"}));
}

TEST_F(Spool, AStreamOfWebhooksDoesNotKeepItAlive) {
    redis_was_away_for_long();
    ASSERT_EQ(status_of("1001", "m0"), 200);
    own->start();
    int next = 1;
    int running = 0;
    int refused = 0;
    const auto post_next = [&] {
        ++running;
        const std::string mid = "m" + std::to_string(next++);
        asio::co_spawn(
            loop.executor(),
            process().door->receive(signed_request(test::webhook_body("1001", mid, mid), "new secret")),
            [&](const std::exception_ptr&, const http_reply& reply) {
                --running;
                if (reply.status != 200) ++refused;
            });
    };
    ASSERT_TRUE(loop.until([&] {
        while (running < 8) post_next();
        return process().spool->is_empty() && next > 50;
    }));
    ASSERT_TRUE(loop.until([&] { return running == 0; }));
    EXPECT_EQ(refused, 0);
    until_drained();
    auto stored = inbox_of("1001");
    EXPECT_EQ(stored.size(), static_cast<std::size_t>(next)) << "none lost";
    std::ranges::sort(stored);
    EXPECT_TRUE(std::ranges::adjacent_find(stored) == stored.end()) << "none doubled";
}

TEST_F(Spool, TheNextProcessHandsOverWhatACrashLeft) {
    redis_was_away_for_long();
    ASSERT_EQ(status_of("1001", "m1"), 200);
    ASSERT_EQ(status_of("1001", "m2"), 200);
    end_process();
    ASSERT_EQ(spool_files().size(), 1U);
    const auto left = spool_files().front();
    std::filesystem::resize_file(left.path, left.bytes + 7); // and what it was just writing
    EXPECT_EQ(state().spool.webhooks, 2U);
    ASSERT_EQ(status_of("1001", "m3"), 200) << "behind what was left, though this process was never refused";
    redis_comes_back();
    until_drained();
    EXPECT_EQ(inbox_of("1001"), (ids{"m1", "m2", "m3"}));
}

TEST_F(Spool, WhatAReplicaThatIsGoneForGoodLeftIsHandedOverByAnother) {
    spool_options.look_for_left_overs = 20ms;
    redis_was_away_for_long();
    ASSERT_EQ(status_of("1001", "m1"), 200);
    end_process();
    const auto left = spool_files().front();
    std::filesystem::rename(left.path, data.path() / "kept"); // until the other replica runs
    process();
    redis_comes_back();
    std::filesystem::rename(data.path() / "kept", left.path);
    ASSERT_TRUE(loop.until([&] { return inbox_of("1001") == ids{"m1"}; }));
    EXPECT_TRUE(loop.until([&] { return spool_files().empty(); }));
}

TEST_F(Spool, ACrashWhileDrainingOnlyRepeats) {
    redis_was_away_for_long();
    for (int i = 0; i < 200; ++i) ASSERT_EQ(status_of("1001", "m" + std::to_string(100 + i)), 200);
    redis_comes_back();
    ASSERT_TRUE(loop.until([&] { return !inbox_of("1001").empty(); }));
    end_process();
    process();
    until_drained();
    const auto stored = inbox_of("1001");
    EXPECT_EQ(stored.size(), 200U);
    EXPECT_TRUE(std::ranges::is_sorted(stored));
}

TEST_F(Spool, RedisMayGoAwayAgainWhileItDrains) {
    use_redis({"--appendonly", "yes", "--appendfsync", "always"});
    redis_was_away_for_long();
    for (int i = 0; i < 200; ++i) ASSERT_EQ(status_of("1001", "m" + std::to_string(100 + i)), 200);
    for (int round = 0; round < 3; ++round) {
        own->start();
        gathered.clear();
        ASSERT_TRUE(loop.until([&] { return process().spool->is_empty() || !gathered.empty(); }));
        own->kill();
    }
    redis_comes_back();
    until_drained();
    const auto stored = inbox_of("1001");
    EXPECT_EQ(stored.size(), 200U);
    EXPECT_TRUE(std::ranges::is_sorted(stored));
}

TEST_F(Spool, AWebhookThatMakesNoSenseIsSkipped) {
    redis_was_away_for_long();
    ASSERT_EQ(status_of("1001", "m1"), 200);
    end_process();
    std::string more;
    append_webhook_record(more, 1, "not a webhook");
    append_webhook_record(more, 1, test::webhook_body("1001", "m2", "m2"));
    {
        const auto left = adopt_record_file(spool_files().front()).value();
        append_bytes(left.descriptor.get(), left.what.bytes, more, durability::disk);
    }
    redis_comes_back();
    process();
    until_drained();
    EXPECT_EQ(inbox_of("1001"), (ids{"m1", "m2"}));
}

TEST_F(Spool, AWebhookThatRedisDoesNotTakeIsSkipped) {
    redis_was_away_for_long();
    for (const char* contact : {"1001", "1002", "1003"}) ASSERT_EQ(status_of(contact, "m1"), 200);
    end_process();
    redis_comes_back();
    const conversation_keys odd(test::conversation_of("1002"));
    command({"SET", odd.inbox(), "not a list"});
    process();
    until_drained();
    EXPECT_EQ(inbox_of("1001"), ids{"m1"});
    EXPECT_EQ(inbox_of("1003"), ids{"m1"});
}

TEST_F(Spool, ALoneOneThatRedisDoesNotTakeIsSkippedToo) {
    redis_was_away_for_long();
    ASSERT_EQ(status_of("1002", "m1"), 200);
    end_process();
    redis_comes_back();
    command({"SET", conversation_keys(test::conversation_of("1002")).inbox(), "not a list"});
    process();
    until_drained();
    EXPECT_EQ(status_of("1001", "m1"), 200);
}

TEST_F(Spool, AFullOneRefuses) {
    spool_options.most_bytes = 1'000;
    redis_was_away_for_long();
    int taken = 0;
    while (status_of("1001", "m" + std::to_string(taken)) == 200) ++taken;
    EXPECT_GE(taken, 2);
    EXPECT_LE(state().spool.bytes, 1'000U);
    redis_comes_back();
    until_drained();
    EXPECT_EQ(inbox_of("1001").size(), static_cast<std::size_t>(taken));
    EXPECT_EQ(status_of("1001", "next"), 200);
}

TEST_F(Spool, AFullDiskRefusesAndHarmsNothing) {
    redis_was_away_for_long();
    ASSERT_EQ(status_of("1001", "m1"), 200);
    {
        const test::file_size_limit full(state().spool.bytes + 50);
        EXPECT_EQ(status_of("1001", "m2"), 503);
    }
    EXPECT_EQ(status_of("1001", "m3"), 200);
    redis_comes_back();
    until_drained();
    EXPECT_EQ(inbox_of("1001"), (ids{"m1", "m3"}));
}

TEST_F(Spool, ARedisThatIsFullCountsAsAway) {
    ASSERT_EQ(status_of("1001", "m0"), 200);
    command({"CONFIG", "SET", "maxmemory-policy", "noeviction"});
    command({"CONFIG", "SET", "maxmemory", "1"});
    EXPECT_EQ(status_of("1001", "m1"), 503);
    EXPECT_TRUE(state().redis_away_since_ms);
    now += spool_after;
    EXPECT_EQ(status_of("1001", "m1"), 200);
    EXPECT_EQ(state().spool.webhooks, 1U);
    command({"CONFIG", "SET", "maxmemory", "0"});
    until_drained();
    EXPECT_EQ(inbox_of("1001"), (ids{"m0", "m1"}));
}

TEST_F(Spool, AReplicaCountsAsAway) {
    command({"REPLICAOF", "127.0.0.1", "1"});
    EXPECT_EQ(status_of("1001", "m1"), 503);
    EXPECT_TRUE(state().redis_away_since_ms);
    now += spool_after;
    EXPECT_EQ(status_of("1001", "m1"), 200);
    command({"REPLICAOF", "NO", "ONE"});
    until_drained();
    EXPECT_EQ(inbox_of("1001"), ids{"m1"});
}

TEST_F(Spool, AnEventThatRedisDoesNotTakeIsNoAbsence) {
    const conversation_keys odd(test::conversation_of("1001"));
    command({"SET", odd.inbox(), "not a list"});
    EXPECT_EQ(status_of("1001", "m1"), 503);
    EXPECT_FALSE(state().redis_away_since_ms);
    now += spool_after;
    EXPECT_EQ(status_of("1001", "m2"), 503) << "spooling it would only lose it";
    EXPECT_TRUE(spool_files().empty());
}

} // namespace
} // namespace atende
