// Redis lost what it had acknowledged: the journal brings it back, and doubles nothing.
#include "intake/record_files.hpp"
#include "intake/webhook_records.hpp"
#include "integration/intake_fixture.hpp"

#include <atende/intake/replay.hpp>
#include <atende/platform/unix_time.hpp>
#include <fstream>

namespace atende {
namespace {

using ids = std::vector<std::string>;

class Replay : public test::intake_test {
protected:
    replay_counts replayed(replay_range range = {}) {
        auto& p = process();
        return loop.await(replay(journal_options.folder, range, *p.desk, p.files));
    }
    void until_written(std::uint64_t webhooks) {
        ASSERT_TRUE(loop.until([&] { return state().journal.written == webhooks; }));
    }
    // As if another process had received it then.
    void record(std::int64_t file_begun_ms, std::vector<std::pair<std::int64_t, std::string>> bodies) {
        const auto made = create_record_file(journal_options.folder, file_begun_ms).value();
        std::string bytes;
        for (const auto& [at_ms, body] : bodies) append_webhook_record(bytes, at_ms, body);
        append_bytes(made.descriptor.get(), 0, bytes, durability::page_cache);
    }
    static std::string message(const std::string& mid, std::int64_t at_ms = test::recently_ms) {
        return test::webhook_body("1001", mid, mid, "17841400000000001", at_ms);
    }
};

TEST_F(Replay, RestoresWhatRedisLostAndNothingTwice) {
    for (const char* mid : {"m1", "m2", "m3"}) ASSERT_EQ(status_of("1001", mid), 200);
    until_written(3);
    command({"FLUSHALL"});
    ASSERT_EQ(status_of("1001", "m3"), 200) << "Meta repeated one";
    gathered.clear();

    const auto counts = replayed();
    EXPECT_EQ(counts.webhooks, 4U);
    EXPECT_EQ(counts.events, 4U);
    EXPECT_EQ(counts.handed_over, 2U);
    EXPECT_EQ(counts.duplicates, 2U);
    EXPECT_EQ(counts.unreadable, 0U);
    EXPECT_FALSE(counts.cut_short);
    EXPECT_EQ(inbox_of("1001"), (ids{"m3", "m1", "m2"}));
    EXPECT_EQ(gathered.size(), 2U) << "the engine is told";

    const auto again = replayed();
    EXPECT_EQ(again.handed_over, 0U);
    EXPECT_EQ(again.duplicates, 4U);
    EXPECT_EQ(inbox_of("1001").size(), 3U);
}

TEST_F(Replay, OnlyAcceptedWebhooksAreInTheJournal) {
    EXPECT_EQ(post(message("m1"), "another secret").status, 403);
    EXPECT_EQ(post("not json").status, 400);
    EXPECT_EQ(post(R"({"object":"instagram","entry":[]})").status, 200);
    EXPECT_EQ(post(test::webhook_body("sim_1", "m2", "oi", "sim_shop")).status, 200);
    ASSERT_EQ(status_of("1001", "m3"), 200);
    until_written(1);
    EXPECT_EQ(replayed().webhooks, 1U);
}

TEST_F(Replay, SpooledWebhooksAreInTheJournalToo) {
    test::redis_server own;
    redis = make_redis_client(loop.executor(), own.address(), std::chrono::seconds(1));
    ASSERT_TRUE(loop.until([&] { return redis->connected(); }));
    own.kill();
    ASSERT_TRUE(loop.until([&] { return !redis->connected(); }));
    spool_after = std::chrono::milliseconds(0);
    ASSERT_EQ(status_of("1001", "m1"), 200);
    until_written(1);
    const auto counts = replayed();
    ASSERT_TRUE(counts.cut_short) << "Redis is away";
    EXPECT_EQ(counts.handed_over, 0U);
    own.start();
    ASSERT_TRUE(loop.until([&] { return process().spool->is_empty(); }));
    EXPECT_EQ(replayed().duplicates, 1U);
}

TEST_F(Replay, FilesOfAllProcessesAreOneStream) {
    const std::int64_t now_ms = unix_ms_now();
    record(now_ms, {{now_ms + 1, message("m1")}, {now_ms + 4, message("m4")}, {now_ms + 5, message("m5")}});
    record(now_ms + 2, {{now_ms + 2, message("m2")}, {now_ms + 3, message("m3")}});
    record(now_ms + 300'000, {{now_ms + 300'000, message("m6")}});
    EXPECT_EQ(replayed().handed_over, 6U);
    EXPECT_EQ(inbox_of("1001"), (ids{"m1", "m2", "m3", "m4", "m5", "m6"}));
}

TEST_F(Replay, OnlyTheRangeIsReplayed) {
    const std::int64_t now_ms = unix_ms_now();
    record(now_ms, {{now_ms, message("m1")}, {now_ms + 1, message("m2")}, {now_ms + 2, message("m3")}});
    const auto counts = replayed({.from_ms = now_ms + 1, .until_ms = now_ms + 2});
    EXPECT_EQ(counts.webhooks, 1U);
    EXPECT_EQ(counts.reached_ms, now_ms + 1);
    EXPECT_EQ(inbox_of("1001"), ids{"m2"});
}

TEST_F(Replay, WhatRedisMayHaveForgottenIsLeftOut) {
    const std::int64_t forgotten_ms = unix_ms_now() - settings.dedupe_ttl.count();
    const std::int64_t known_ms = forgotten_ms + 20LL * 60'000;
    record(forgotten_ms, {{forgotten_ms, message("m1", forgotten_ms)}}); // two files: it may be another day
    record(known_ms, {{known_ms, message("m2", known_ms)}});
    EXPECT_EQ(replayed().webhooks, 1U);
    EXPECT_EQ(inbox_of("1001"), ids{"m2"}) << "it was not old when it came";
}

TEST_F(Replay, APersonIsSilentFromWhenTheyWrote) {
    settings.human_pause = milliseconds(30 * 60'000);
    const std::int64_t before_ms = unix_ms_now() - 20LL * 60'000;
    record(before_ms, {{before_ms, test::echo_body("1001", "m1", "deixa comigo", before_ms)}});
    EXPECT_EQ(replayed().handed_over, 1U);
    const auto until_ms = std::stoll(command({"HGET", keys.state(), "pause"}).text);
    EXPECT_LE(until_ms, unix_ms_now() + 10LL * 60'000);
    EXPECT_GT(until_ms, unix_ms_now() + 5LL * 60'000);
}

TEST_F(Replay, WhatCannotBeReadIsCountedAndCostsNothingElse) {
    const std::int64_t now_ms = unix_ms_now();
    record(now_ms, {{now_ms, message("m1")},
                    {now_ms + 1, "not a webhook"},
                    {now_ms + 2, message("m2")},
                    {now_ms + 3, message("m3")}});
    const auto file = list_record_files(journal_options.folder).front();
    std::fstream(file.path, std::ios::in | std::ios::out | std::ios::binary)
            .seekp(static_cast<long>(file.bytes - 2 * (record_header_bytes + message("m3").size()) + 30))
        << '\x01';
    const auto counts = replayed();
    EXPECT_EQ(counts.unreadable, 2U) << "one is no webhook, one is damaged";
    EXPECT_EQ(inbox_of("1001"), (ids{"m1", "m3"}));
}

TEST_F(Replay, AnEmptyJournalIsNothing) {
    EXPECT_EQ(replayed().webhooks, 0U);
}

} // namespace
} // namespace atende
