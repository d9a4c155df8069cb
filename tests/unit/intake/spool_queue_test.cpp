// The spool's files: first in, first out, whatever happens in between.
#include "intake/spool_queue.hpp"
#include "support/event_loop.hpp"
#include "support/file_size_limit.hpp"
#include "support/scratch_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

namespace atende {
namespace {

using texts = std::vector<std::string>;

class SpoolQueue : public testing::Test {
protected:
    test::event_loop loop;
    asio::thread_pool files{1};
    test::scratch_folder scratch;
    spool_queue_settings options{.folder = scratch.path() / "spool"};
    std::optional<spool_queue> made;

    ~SpoolQueue() override { end(); }
    spool_queue& queue() {
        if (!made) {
            made.emplace(loop.executor(), files, options);
            made->adopt_left_overs();
        }
        return *made;
    }
    // The process ends; the next use of `queue()` is another one.
    void end() {
        if (made) loop.await(made->finish());
        made.reset();
    }
    result<void> append(const std::string& body) { return loop.await(queue().append(1, body)); }

    // Takes what is there, file by file.
    texts drained() {
        texts bodies;
        while (auto chunk = loop.await(queue().next())) {
            for (const auto& record : chunk->records.all) bodies.emplace_back(record.body);
            queue().take(chunk->bytes->size(), chunk->records.all.size());
        }
        return bodies;
    }
    std::vector<record_file> on_disk() { return list_record_files(options.folder); }
    void damage(const std::filesystem::path& file, std::size_t at, const std::string& bytes) {
        std::fstream(file, std::ios::in | std::ios::out | std::ios::binary).seekp(static_cast<long>(at))
            << bytes;
    }
};

TEST_F(SpoolQueue, GivesBackInOrderAndLeavesNothing) {
    for (const char* body : {"1", "2", "3"}) ASSERT_TRUE(append(body));
    EXPECT_FALSE(queue().is_empty());
    EXPECT_EQ(queue().webhooks(), 3U);
    EXPECT_EQ(queue().bytes(), on_disk().front().bytes);
    EXPECT_EQ(drained(), (texts{"1", "2", "3"}));
    EXPECT_TRUE(queue().is_empty());
    EXPECT_EQ(queue().bytes(), 0U);
    EXPECT_EQ(queue().webhooks(), 0U);
    EXPECT_TRUE(on_disk().empty());
}

TEST_F(SpoolQueue, WhatGathersWhileTheDiskIsBusyIsWrittenTogether) {
    std::vector<std::optional<result<void>>> outcomes(50);
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        asio::co_spawn(loop.executor(), queue().append(1, std::to_string(i)),
                       [&outcomes, i](const std::exception_ptr&, result<void> kept) { outcomes[i] = kept; });
    }
    ASSERT_TRUE(
        loop.until([&] { return std::ranges::all_of(outcomes, [](auto& o) { return o.has_value(); }); }));
    for (const auto& kept : outcomes) EXPECT_TRUE(kept->has_value());
    EXPECT_LE(queue().commits(), 2U) << "the first alone at most, then all that came meanwhile";
    const auto bodies = drained();
    ASSERT_EQ(bodies.size(), 50U);
    for (std::size_t i = 0; i < bodies.size(); ++i) EXPECT_EQ(bodies[i], std::to_string(i));
}

TEST_F(SpoolQueue, WhatAnEndedProcessLeftComesFirst) {
    ASSERT_TRUE(append("1"));
    end();
    ASSERT_TRUE(append("2"));
    end();
    EXPECT_EQ(queue().webhooks(), 2U);
    ASSERT_TRUE(append("3"));
    EXPECT_EQ(drained(), (texts{"1", "2", "3"}));
    EXPECT_TRUE(on_disk().empty());
}

TEST_F(SpoolQueue, WhatWasTakenBeforeACrashComesAgain) {
    for (const char* body : {"1", "2"}) ASSERT_TRUE(append(body));
    const auto chunk = loop.await(queue().next());
    queue().take(chunk->records.all[0].end, 1);
    EXPECT_EQ(queue().webhooks(), 1U);
    end();
    EXPECT_EQ(drained(), (texts{"1", "2"}));
}

TEST_F(SpoolQueue, ATornTailOfACrashIsSkipped) {
    ASSERT_TRUE(append("1"));
    ASSERT_TRUE(append("2"));
    end();
    const auto left = on_disk().front();
    for (std::uint64_t size = left.bytes - 1; size >= left.bytes / 2; --size) {
        std::filesystem::resize_file(left.path, size);
        EXPECT_EQ(queue().webhooks(), 1U);
        const auto chunk = loop.await(queue().next());
        EXPECT_EQ(chunk->records.all.size(), 1U) << size;
        end();
    }
    ASSERT_TRUE(append("3"));
    EXPECT_EQ(drained(), (texts{"1", "3"}));
}

TEST_F(SpoolQueue, ADamagedRecordDoesNotBlockThoseBehindIt) {
    for (const char* body : {"1", "2", "3"}) ASSERT_TRUE(append(body));
    end();
    damage(on_disk().front().path, record_header_bytes + 1 + record_header_bytes, "X");
    EXPECT_EQ(drained(), (texts{"1", "3"}));
    EXPECT_TRUE(on_disk().empty());
}

TEST_F(SpoolQueue, FilesOfAnotherProcessAreLeftToIt) {
    ASSERT_TRUE(append("1"));
    spool_queue other(loop.executor(), files, options);
    other.adopt_left_overs();
    EXPECT_TRUE(other.is_empty());
    loop.await(other.finish());
    EXPECT_EQ(drained(), texts{"1"});
}

TEST_F(SpoolQueue, WhatAnotherProcessLeavesLaterIsFoundOnceItHasEnded) {
    std::optional<spool_queue> other(std::in_place, loop.executor(), files, options);
    ASSERT_TRUE(loop.await(other->append(1, "1")));
    EXPECT_FALSE(loop.await(queue().adopt_later_left_overs())) << "it lives";
    loop.await(other->finish());
    other.reset();
    ASSERT_TRUE(loop.await(queue().adopt_later_left_overs()));
    EXPECT_EQ(drained(), texts{"1"});
    EXPECT_TRUE(on_disk().empty());
}

TEST_F(SpoolQueue, ItsOwnFilesComeBeforeWhatOthersLeaveLater) {
    std::optional<spool_queue> other(std::in_place, loop.executor(), files, options);
    ASSERT_TRUE(append("mine"));
    ASSERT_TRUE(loop.await(other->append(1, "theirs")));
    loop.await(other->finish());
    other.reset();
    EXPECT_FALSE(loop.await(queue().adopt_later_left_overs()));
    EXPECT_EQ(drained(), texts{"mine"});
    ASSERT_TRUE(loop.await(queue().adopt_later_left_overs()));
    EXPECT_EQ(drained(), texts{"theirs"});
}

TEST_F(SpoolQueue, AFullFileIsFollowedByAnotherAndDeletedFirst) {
    options.file_bytes = 50;
    for (const char* body : {"1", "2", "3", "4", "5"}) ASSERT_TRUE(append(body));
    EXPECT_EQ(on_disk().size(), 2U);
    const auto chunk = loop.await(queue().next());
    queue().take(chunk->bytes->size(), chunk->records.all.size());
    loop.await(queue().next());
    EXPECT_EQ(on_disk().size(), 1U);
    EXPECT_EQ(drained(), (texts{"4", "5"}));
}

TEST_F(SpoolQueue, ItsSizeIsBounded) {
    options.most_bytes = 2 * (record_header_bytes + 10);
    const std::string body(10, 'x');
    ASSERT_TRUE(append(body));
    ASSERT_TRUE(append(body));
    const auto refused = append("");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::too_large);
    EXPECT_EQ(drained().size(), 2U);
    EXPECT_TRUE(append(body)) << "there is room again";
}

TEST_F(SpoolQueue, WhatIsLeftCountsForTheBound) {
    ASSERT_TRUE(append("12345"));
    end();
    options.most_bytes = record_header_bytes + 5;
    EXPECT_FALSE(append(""));
}

TEST_F(SpoolQueue, AFullDiskRefusesAndHarmsNothing) {
    ASSERT_TRUE(append("before"));
    {
        const test::file_size_limit full(on_disk().front().bytes + 10);
        const auto refused = append("does not fit");
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, errc::unavailable);
        EXPECT_THAT(refused.error().detail, testing::HasSubstr("File too large"));
    }
    ASSERT_TRUE(append("after"));
    end();
    EXPECT_EQ(drained(), (texts{"before", "after"}));
}

TEST_F(SpoolQueue, AFullDiskLeavesNoEmptyFiles) {
    {
        const test::file_size_limit full(0);
        EXPECT_FALSE(append("1"));
        EXPECT_FALSE(append("2"));
    }
    EXPECT_TRUE(on_disk().empty());
    EXPECT_TRUE(queue().is_empty());
    ASSERT_TRUE(append("3"));
    EXPECT_EQ(drained(), texts{"3"});
}

TEST_F(SpoolQueue, AFolderThatCannotBeMadeIsAnError) {
    std::ofstream(options.folder) << "in the way";
    EXPECT_FALSE(append("1"));
    std::filesystem::remove(options.folder);
    EXPECT_TRUE(append("1"));
}

// Who comes while the last ones are on their way to Redis waits for that instead of joining them.
TEST_F(SpoolQueue, WhoeverComesLastWaitsUntilItIsEmpty) {
    ASSERT_TRUE(append("1"));
    const auto chunk = loop.await(queue().next());
    ASSERT_TRUE(queue().is_settling());
    std::optional<bool> found_empty;
    auto waiting = [](spool_queue& on) -> awaitable<bool> {
        co_await on.settled();
        co_return on.is_empty();
    };
    asio::co_spawn(loop.executor(), waiting(queue()),
                   [&](const std::exception_ptr&, bool is_empty) { found_empty = is_empty; });
    queue().take(chunk->bytes->size(), 1);
    EXPECT_FALSE(loop.await(queue().next()));
    ASSERT_TRUE(loop.until([&] { return found_empty.has_value(); }));
    EXPECT_TRUE(*found_empty);
    EXPECT_FALSE(queue().is_settling());
}

TEST_F(SpoolQueue, WhoeverWaitsIsLetGoWhenTheReaderIsInTrouble) {
    ASSERT_TRUE(append("1"));
    loop.await(queue().next());
    queue().stop_settling();
    loop.await(queue().settled());
    EXPECT_FALSE(queue().is_empty());
}

} // namespace
} // namespace atende
