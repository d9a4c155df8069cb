#include "support/event_loop.hpp"
#include "support/scratch_folder.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atende/platform/private_redis.hpp>
#include <atende/platform/redis_client.hpp>
#include <charconv>
#include <filesystem>
#include <set>
#include <stdexcept>

namespace atende {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

class PrivateRedis : public testing::Test {
protected:
    test::event_loop loop;
    test::scratch_folder scratch;
    fs::path folder = scratch.path() / "redis";
    std::unique_ptr<private_redis> own;
    std::unique_ptr<redis_client> client;

    void start() {
        auto started = start_private_redis(loop.executor(), folder);
        if (!started) throw std::runtime_error(started.error().detail);
        own = *std::move(started);
        client = make_redis_client(loop.executor(), own->address(), 5s);
        if (!loop.until([&] { return client->connected(); })) throw std::runtime_error("no connection");
    }
    void stop() {
        client.reset();
        if (own) loop.await(own->stop());
        own.reset();
    }
    void TearDown() override { stop(); }

    // A server that has just started answers LOADING for a while.
    std::string value_of(const std::string& key) {
        result<redis_reply> value;
        const auto answers = [&] {
            value = loop.await(client->command({"GET", key}));
            return value.has_value();
        };
        return loop.until(answers) ? value->text : "";
    }
    pid_t server_process() {
        const std::string info = loop.await(client->command({"INFO", "server"}))->text;
        const std::size_t at = info.find("process_id:") + 11;
        pid_t process = 0;
        std::from_chars(info.data() + at, info.data() + info.size(), process);
        return process;
    }
};

bool is_running(pid_t process) {
    return ::kill(process, 0) == 0;
}

TEST_F(PrivateRedis, KeepsWhatWasAcknowledgedAndLeavesNoProcess) {
    start();
    ASSERT_TRUE(loop.await(client->command({"SET", "k", "kept"})));
    const pid_t first = server_process();
    stop();
    EXPECT_FALSE(is_running(first));
    start();
    EXPECT_EQ(value_of("k"), "kept");
}

TEST_F(PrivateRedis, IsOnlyForThisUserAndWritesEverythingDown) {
    start();
    struct stat about{};
    ASSERT_EQ(::stat(folder.c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777U, 0700U);
    const auto setting = [&](const char* name) {
        return loop.await(client->command({"CONFIG", "GET", name}))->items.at(1).text;
    };
    EXPECT_EQ(setting("port"), "0") << "no network";
    EXPECT_EQ(setting("appendonly"), "yes");
    EXPECT_EQ(setting("appendfsync"), "always");
    EXPECT_EQ(setting("maxmemory-policy"), "noeviction");
}

TEST_F(PrivateRedis, IsStartedAgainWhenItDiesWithNothingLost) {
    start();
    for (int round = 0; round < 2; ++round) {
        const std::string key = "k" + std::to_string(round);
        ASSERT_TRUE(loop.await(client->command({"SET", key, "kept"})));
        const pid_t killed = server_process();
        ::kill(killed, SIGKILL);
        ASSERT_TRUE(loop.until([&] { return !client->connected(); }));
        ASSERT_TRUE(loop.until([&] { return client->connected(); }));
        EXPECT_NE(server_process(), killed);
        EXPECT_EQ(value_of(key), "kept");
    }
}

// Otherwise customers' connections stay open after we closed them, and our port stays taken.
TEST_F(PrivateRedis, AServerStartedAgainInheritsNoneOfOurSockets) {
    start();
    const int ours = ::socket(AF_INET, SOCK_STREAM, 0);
    ASSERT_GT(ours, 0);
    struct stat about{};
    ASSERT_EQ(::fstat(ours, &about), 0);
    const std::string sentinel = "socket:[" + std::to_string(about.st_ino) + "]";
    ::kill(server_process(), SIGKILL);
    ASSERT_TRUE(loop.until([&] { return !client->connected(); }));
    ASSERT_TRUE(loop.until([&] { return client->connected(); }));
    std::set<std::string> inherited;
    std::error_code gone;
    for (const auto& entry : fs::directory_iterator("/proc/" + std::to_string(server_process()) + "/fd"))
        inherited.insert(fs::read_symlink(entry.path(), gone).string());
    ::close(ours);
    EXPECT_FALSE(inherited.contains(sentinel));
    EXPECT_TRUE(inherited.contains((folder / "lock").string())) << "the folder stays locked while it runs";
}

TEST_F(PrivateRedis, WorksInAFolderTooDeepForASocketsPath) {
    for (int i = 0; i < 8; ++i) folder /= "a-folder-with-a-long-name";
    ASSERT_GT(folder.string().size(), 150U);
    start();
    ASSERT_TRUE(loop.await(client->command({"SET", "k", "deep"})));
    EXPECT_EQ(value_of("k"), "deep");
}

TEST_F(PrivateRedis, StoppingWhileItIsBeingStartedAgainLeavesNoProcess) {
    start();
    ::kill(server_process(), SIGKILL);
    ASSERT_TRUE(loop.until([&] { return !client->connected(); }));
    stop();
    loop.await(sleep_for(400ms)); // longer than the pause before it is started again
    auto again = start_private_redis(loop.executor(), folder); // waits in vain if another holds the folder
    ASSERT_TRUE(again) << again.error().detail;
    loop.await((*again)->stop());
}

TEST_F(PrivateRedis, ItsFolderIsNotSharedWithAnotherProcess) {
    start();
    const auto refused = start_private_redis(loop.executor(), folder, 200ms);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::unavailable);
    EXPECT_NE(refused.error().detail.find("DATA_DIR"), std::string::npos) << "says what to do";
}

TEST_F(PrivateRedis, AFolderThatCannotBeMadeIsAnError) {
    folder = "/proc/atende/redis";
    const auto refused = start_private_redis(loop.executor(), folder);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().detail.find("/proc/atende"), std::string::npos);
}

} // namespace
} // namespace atende
