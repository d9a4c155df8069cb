// The journal: everything that was added can be read, within bounds, and nothing that fails stops anybody.
#include "intake/record_files.hpp"
#include "intake/webhook_records.hpp"
#include "support/captured_log.hpp"
#include "support/event_loop.hpp"
#include "support/file_size_limit.hpp"
#include "support/scratch_folder.hpp"

#include <gtest/gtest.h>

#include <atende/intake/webhook_journal.hpp>
#include <fstream>

namespace atende {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t noon = 1'791'979'200'000; // 2026-10-14 12:00 UTC
constexpr std::int64_t day = 24LL * 3'600'000;

class WebhookJournal : public testing::Test {
protected:
    test::event_loop loop;
    asio::thread_pool files{1};
    test::scratch_folder scratch;
    std::int64_t now_ms = noon;
    webhook_journal_settings options{
        .folder = scratch.path() / "journal", .gather = 0ms, .now_ms = [this] { return now_ms; }};
    std::optional<webhook_journal> made;

    ~WebhookJournal() override { end(); }
    webhook_journal& journal() {
        if (!made) made.emplace(loop.executor(), files, options);
        return *made;
    }
    void end() {
        if (made) loop.await(made->stop());
        made.reset();
    }
    // Written before this returns.
    void add(const std::string& body) {
        const auto before = journal().state();
        journal().add(now_ms, body);
        ASSERT_TRUE(loop.until([&] {
            const auto& now = journal().state();
            return now.written + now.lost > before.written + before.lost;
        }));
    }
    std::vector<std::vector<std::string>> recorded() {
        std::vector<std::vector<std::string>> bodies;
        for (const auto& file : list_record_files(options.folder)) {
            const std::string bytes = read_whole(file.path).value();
            bodies.emplace_back();
            for (const auto& record : read_webhook_records(bytes).all)
                bodies.back().emplace_back(record.body);
        }
        return bodies;
    }
    using files_of = std::vector<std::vector<std::string>>;
};

TEST_F(WebhookJournal, KeepsWhatWasAddedInOrder) {
    options.gather = 1h;
    for (const char* body : {"1", "2", "3"}) journal().add(now_ms, body);
    end();
    EXPECT_EQ(recorded(), (files_of{{"1", "2", "3"}})) << "also what was still being gathered";
}

TEST_F(WebhookJournal, EveryProcessHasAFileOfItsOwn) {
    add("1");
    end();
    add("2");
    EXPECT_EQ(recorded(), (files_of{{"1"}, {"2"}}));
}

TEST_F(WebhookJournal, EveryDayBeginsAFile) {
    add("1");
    now_ms += day / 2 - 1;
    add("2");
    now_ms += 1;
    add("3");
    EXPECT_EQ(recorded(), (files_of{{"1", "2"}, {"3"}}));
}

TEST_F(WebhookJournal, AFileThatIsLargeEnoughIsFollowedByAnother) {
    options.file_bytes = 100;
    for (int i = 0; i < 3; ++i) add(std::string(60, 'x'));
    EXPECT_EQ(recorded().size(), 2U);
    EXPECT_EQ(recorded().front().size(), 2U);
}

TEST_F(WebhookJournal, EightDaysAreKept) {
    for (int i = 0; i < 12; ++i, now_ms += day) add(std::to_string(i));
    EXPECT_EQ(recorded().front().front(), "3") << "of the day that ended less than 8 days ago";
    EXPECT_EQ(recorded().back().back(), "11");
}

TEST_F(WebhookJournal, OldFilesGoEvenWhenNothingComes) {
    add("old");
    end();
    now_ms += 10 * day;
    journal().start();
    EXPECT_TRUE(loop.until([&] { return recorded().empty(); }));
}

TEST_F(WebhookJournal, ItsSizeIsBounded) {
    options.most_bytes = 4'000;
    for (int i = 0; i < 100; ++i, ++now_ms) add(std::to_string(i) + std::string(200, 'x'));
    std::uint64_t bytes = 0;
    for (const auto& file : list_record_files(options.folder)) bytes += file.bytes;
    EXPECT_LE(bytes, 4'000U);
    EXPECT_GE(bytes, 2'000U) << "it keeps what fits";
    EXPECT_TRUE(recorded().back().back().starts_with("99"));
    EXPECT_EQ(journal().state().lost, 0U);
}

TEST_F(WebhookJournal, AFullDiskCostsOnlyWhatCameMeanwhile) {
    add("before");
    {
        const test::file_size_limit full(30);
        add("meanwhile");
    }
    add("after");
    EXPECT_EQ(recorded(), (files_of{{"before", "after"}}));
    EXPECT_EQ(journal().state().errors, 1U);
    EXPECT_EQ(journal().state().lost, 1U);
    EXPECT_EQ(journal().state().written, 2U);
}

TEST_F(WebhookJournal, AFolderThatCannotBeMadeIsTriedAgain) {
    std::ofstream(options.folder) << "in the way";
    add("1");
    EXPECT_EQ(journal().state().lost, 1U);
    std::filesystem::remove(options.folder);
    add("2");
    EXPECT_EQ(recorded(), (files_of{{"2"}}));
}

TEST_F(WebhookJournal, ADiskThatHangsDoesNotFillTheMemory) {
    const test::captured_log log;
    options.gather = 1h;
    for (int i = 0; i < 20; ++i) journal().add(now_ms, std::string(1 << 20, 'x'));
    EXPECT_EQ(journal().state().lost, 4U);
    EXPECT_EQ(log.lines_with("the disk does not keep up"), 1) << "not a line for each";
}

} // namespace
} // namespace atende
