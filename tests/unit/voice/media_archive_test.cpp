#include "support/event_loop.hpp"
#include "support/scratch_folder.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <atende/voice/media_archive.hpp>
#include <fstream>
#include <iterator>

namespace atende {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using testing::IsEmpty;
using testing::SizeIs;

const std::string ogg = "OggS" + std::string(60, '\0');
const conversation_id ana{.account = account_id("17"), .contact = contact_id("55")};
const conversation_id bia{.account = account_id("17"), .contact = contact_id("56")};

class MediaArchive : public testing::Test {
protected:
    test::event_loop loop;
    asio::thread_pool files{1};
    test::scratch_folder home;
    const fs::path folder = home.path() / "media";
    media_archive kept{files, folder, {.kept = 24h, .most_bytes = 1'000}};

    void keep(const conversation_id& of, const std::string& message, std::size_t index = 0,
              std::string bytes = ogg) {
        loop.await(kept.keep(of, message_id(message), index, std::move(bytes)));
    }
    std::vector<fs::path> all() const {
        std::vector<fs::path> found;
        std::error_code none;
        for (const auto& each : fs::recursive_directory_iterator(folder, none))
            if (each.is_regular_file()) found.push_back(each.path());
        return found;
    }
    // As after a start: what is too old goes at once.
    void run(media_archive& of) {
        task_group tasks(loop.executor());
        tasks.start("media", of.run());
        loop.await(offload(files, [] { return true; })); // done after what was begun before
        loop.await(tasks.finish(0s));
    }
};

TEST_F(MediaArchive, KeepsAFileAsItCameForItsOwnerOnly) {
    keep(ana, "m/1", 2);
    const auto files_of_ana = all();
    ASSERT_THAT(files_of_ana, SizeIs(1));
    const auto& file = files_of_ana.front();
    EXPECT_EQ(file.parent_path(), folder / "ig:17:55");
    EXPECT_EQ(file.extension(), ".ogg");
    std::ifstream stream(file, std::ios::binary);
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(stream), {}), ogg);
    struct ::stat seen{};
    ASSERT_EQ(::stat(file.c_str(), &seen), 0);
    EXPECT_EQ(seen.st_mode & 0777, 0600U);
}

TEST_F(MediaArchive, LosesExactlyTheMessageThatWasTakenBack) {
    keep(ana, "1", 0);
    keep(ana, "1", 1);
    keep(ana, "2");
    keep(bia, "1");
    loop.await(kept.erase(ana, message_id("1")));
    EXPECT_THAT(all(), SizeIs(2));
    loop.await(kept.erase(ana, message_id("never seen")));
    EXPECT_THAT(all(), SizeIs(2));
    loop.await(kept.erase(bia, message_id("1")));
    EXPECT_FALSE(fs::exists(folder / "ig:17:56")) << "nothing says that there was somebody";
    loop.await(kept.erase(bia, message_id("1")));
}

TEST_F(MediaArchive, ForgetsAContact) {
    keep(ana, "1");
    keep(bia, "1");
    EXPECT_TRUE(loop.await(kept.erase(ana)));
    EXPECT_FALSE(fs::exists(folder / "ig:17:55"));
    EXPECT_THAT(all(), SizeIs(1));
    EXPECT_TRUE(loop.await(kept.erase(ana)));
}

TEST_F(MediaArchive, DeletesWhatIsPastItsTime) {
    keep(ana, "old");
    keep(bia, "new");
    const auto old_one = fs::directory_iterator(folder / "ig:17:55")->path();
    fs::last_write_time(old_one, fs::file_time_type::clock::now() - 25h);
    run(kept);
    EXPECT_FALSE(fs::exists(old_one));
    EXPECT_THAT(all(), SizeIs(1));
}

TEST_F(MediaArchive, TakesNoMoreThanItMay) {
    for (int i = 0; i < 12; ++i) {
        keep(ana, std::to_string(i));
        for (const auto& file : all()) // an hour passes
            fs::last_write_time(file, fs::last_write_time(file) - 1h);
    }
    keep(bia, "last", 0, "OggS" + std::string(300, '\0'));
    std::uintmax_t bytes = 0;
    for (const auto& file : all()) bytes += fs::file_size(file);
    EXPECT_LE(bytes, 1'000U);
    EXPECT_GT(bytes, 500U);
    EXPECT_TRUE(fs::exists(folder / "ig:17:56")) << "the newest stays";
}

TEST_F(MediaArchive, KeepsNothingUnlessItIsToldTo) {
    media_archive off(files, folder, {.kept = 0s});
    loop.await(off.keep(ana, message_id("1"), 0, ogg));
    EXPECT_THAT(all(), IsEmpty());
    keep(ana, "1"); // while it was on
    run(off);
    EXPECT_THAT(all(), IsEmpty());
}

TEST_F(MediaArchive, KeepsNothingOfAKindItDoesNotKnow) {
    keep(ana, "1", 0, "#!/bin/sh\n");
    EXPECT_THAT(all(), IsEmpty());
}

} // namespace
} // namespace atende
