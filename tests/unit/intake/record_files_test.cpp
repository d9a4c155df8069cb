#include "intake/record_files.hpp"
#include "support/file_size_limit.hpp"
#include "support/scratch_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace atende {
namespace {

constexpr std::int64_t noon = 1'791'979'200'000; // 2026-10-14 12:00 UTC
constexpr std::int64_t day = 24LL * 3'600'000;

class RecordFiles : public testing::Test {
protected:
    test::scratch_folder scratch;
    const std::filesystem::path folder = scratch.path() / "journal";

    open_record_file created(std::int64_t at_ms, const std::string& content = "") {
        auto made = create_record_file(folder, at_ms).value();
        append_bytes(made.descriptor.get(), 0, content, durability::page_cache);
        return made;
    }
    std::vector<std::int64_t> listed() {
        std::vector<std::int64_t> begun;
        for (const auto& file : list_record_files(folder)) begun.push_back(file.begun_ms);
        return begun;
    }
};

TEST_F(RecordFiles, AreNamedAfterTheirDayAndMillisecond) {
    const auto made = created(noon + 345);
    EXPECT_EQ(made.what.path.filename(), "2026-10-14-1791979200345.webhooks");
    const auto mode = std::filesystem::status(made.what.path).permissions();
    EXPECT_EQ(mode, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(RecordFiles, TwoOfTheSameMillisecondFollowEachOther) {
    const auto first = created(noon);
    const auto second = created(noon);
    EXPECT_EQ(second.what.begun_ms, noon + 1);
    EXPECT_EQ(listed(), (std::vector<std::int64_t>{noon, noon + 1}));
}

TEST_F(RecordFiles, OnlyOursAreListedOldestFirst) {
    EXPECT_TRUE(listed().empty()) << "no folder yet";
    created(noon + day);
    created(noon);
    for (const char* odd :
         {"notes.txt", "2026-10-14-x.webhooks", "2026.webhooks", "2026-10-14-5.webhooks.tmp"})
        std::ofstream(folder / odd) << "odd";
    EXPECT_EQ(listed(), (std::vector<std::int64_t>{noon, noon + day}));
}

TEST_F(RecordFiles, OneThatIsOpenIsNotTakenOver) {
    std::optional<open_record_file> open = created(noon);
    EXPECT_FALSE(adopt_record_file(open->what));
    const record_file left = open->what;
    open.reset();
    EXPECT_TRUE(adopt_record_file(left));
}

TEST_F(RecordFiles, WhatWasWrittenAfterTheListingIsTakenOverToo) {
    std::optional<open_record_file> open = created(noon, "listed");
    const record_file seen = list_record_files(folder).front();
    append_bytes(open->descriptor.get(), seen.bytes, ", and later", durability::disk);
    open.reset();
    const auto adopted = adopt_record_file(seen);
    ASSERT_TRUE(adopted);
    EXPECT_EQ(read_bytes(adopted->descriptor.get(), 0, adopted->what.bytes), "listed, and later");
}

TEST_F(RecordFiles, WhatDoesNotFitIsCutOffAgain) {
    auto made = created(noon, "whole");
    {
        const test::file_size_limit full(8);
        const auto outcome = append_bytes(made.descriptor.get(), 5, "does not fit", durability::disk);
        EXPECT_FALSE(outcome.problem.empty());
        EXPECT_TRUE(outcome.continuable);
    }
    EXPECT_EQ(read_whole(made.what.path), "whole");
    EXPECT_TRUE(append_bytes(made.descriptor.get(), 5, ", and more", durability::disk).problem.empty());
    EXPECT_EQ(read_whole(made.what.path), "whole, and more");
}

TEST_F(RecordFiles, AnErrorNamesTheFileAndTheReason) {
    std::ofstream(folder) << "a file where the folder should be";
    const auto made = create_record_file(folder, noon);
    ASSERT_FALSE(made);
    EXPECT_THAT(made.error().detail, testing::HasSubstr("2026-10-14"));
    EXPECT_THAT(made.error().detail, testing::HasSubstr("Not a directory"));
    EXPECT_FALSE(read_whole(folder / "none"));
}

TEST_F(RecordFiles, ADayIsKeptUntilItsLastMomentIsTooOld) {
    created(noon);
    const std::int64_t midnight = (noon / day + 1) * day;
    prune_record_files(folder, midnight, 1'000);
    EXPECT_EQ(listed().size(), 1U);
    prune_record_files(folder, midnight + 1, 1'000);
    EXPECT_TRUE(listed().empty());
}

TEST_F(RecordFiles, WithTooManyBytesTheOldestGoFirst) {
    for (int i = 0; i < 4; ++i) created(noon + i * day, "0123456789");
    prune_record_files(folder, 0, 25);
    EXPECT_EQ(listed(), (std::vector<std::int64_t>{noon + 2 * day, noon + 3 * day}));
}

TEST_F(RecordFiles, WhatSomebodyWritesIsNotDeleted) {
    const auto open = created(noon, "0123456789");
    prune_record_files(folder, noon + 100 * day, 0);
    EXPECT_EQ(listed(), std::vector<std::int64_t>{noon});
}

} // namespace
} // namespace atende
