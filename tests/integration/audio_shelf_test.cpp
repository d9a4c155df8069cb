// Published audio over real HTTP from a real Redis: who knows the name gets the file, in ranges, for a while.
#include "support/event_loop.hpp"
#include "support/raw_peer.hpp"
#include "support/redis_server.hpp"

#include <gmock/gmock.h>

#include <atende/platform/http_server.hpp>
#include <atende/voice/audio_shelf.hpp>

namespace atende {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

const std::string file = "0123456789";

// One replica: a shelf and a server in front of it.
struct replica {
    explicit replica(test::event_loop& on, const std::shared_ptr<redis_client>& connection)
        : loop(on),
          redis(connection),
          shelf(*redis, 1h),
          server(on.executor(), {}) {
        shelf.add_routes(server);
        port = server.listen("127.0.0.1", 0).value();
    }
    ~replica() { loop.await(server.stop(1s)); }
    replica(const replica&) = delete;
    replica& operator=(const replica&) = delete;

    std::string publish(audio_format format = audio_format::m4a) {
        return loop.await(shelf.publish("key", format, file)).value();
    }
    std::string ask(const std::string& path, const std::string& headers = "",
                    const std::string& method = "GET") {
        const auto peer = test::raw_peer::connect(loop.executor(), port);
        peer->send(method + " " + path + " HTTP/1.1\r\nHost: loja.example\r\nConnection: close\r\n" +
                   headers + "\r\n");
        EXPECT_TRUE(loop.until([&] { return peer->ended; })) << path;
        return peer->received;
    }
    std::string get(const std::string& name, const std::string& headers = "",
                    const std::string& method = "GET") {
        return ask("/media/audio/" + name, headers, method);
    }

    test::event_loop& loop;
    std::shared_ptr<redis_client> redis;
    audio_shelf shelf;
    http_server server;
    std::uint16_t port = 0;
};

class AudioShelf : public testing::Test {
protected:
    std::shared_ptr<redis_client> connect() {
        std::shared_ptr<redis_client> made =
            make_redis_client(loop.executor(), test::shared_redis_server().address(), 10s);
        loop.until([&] { return made->connected(); });
        return made;
    }
    redis_reply command(redis_command words) { return loop.await(redis->command(std::move(words))).value(); }
    static std::string body_of(const std::string& answer) {
        return answer.substr(answer.find("\r\n\r\n") + 4);
    }

    test::event_loop loop;
    std::shared_ptr<redis_client> redis = connect();
    std::optional<replica> here;

    AudioShelf() {
        command({"FLUSHALL"});
        here.emplace(loop, redis);
    }
};

TEST_F(AudioShelf, ServesAFileUnderANameThatNobodyGuesses) {
    const auto name = here->publish();
    EXPECT_THAT(name, MatchesRegex("[A-Za-z0-9_-]{22}\\.m4a"));
    EXPECT_NE(name, here->publish()) << "each publication has a name of its own";
    const auto answer = here->get(name);
    EXPECT_THAT(answer, HasSubstr("HTTP/1.1 200 OK\r\n"));
    EXPECT_EQ(body_of(answer), file);
    for (const auto* header :
         {"Content-Type: audio/mp4\r\n", "X-Content-Type-Options: nosniff\r\n", "Accept-Ranges: bytes\r\n",
          "Cache-Control: private, max-age=300\r\n", "Content-Length: 10\r\n"})
        EXPECT_THAT(answer, HasSubstr(header));
    EXPECT_THAT(here->get(here->publish(audio_format::wav)), HasSubstr("Content-Type: audio/wav\r\n"));
    EXPECT_THAT(here->get(here->publish(audio_format::voice_note)),
                HasSubstr("Content-Type: audio/ogg; codecs=opus\r\n"));
}

TEST_F(AudioShelf, AnswersHeadWithoutTheFile) {
    const auto answer = here->get(here->publish(), "Range: bytes=0-1\r\n", "HEAD");
    EXPECT_THAT(answer, HasSubstr("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(answer, HasSubstr("Content-Length: 10\r\n"));
    EXPECT_EQ(body_of(answer), "");
}

TEST_F(AudioShelf, ServesRanges) {
    const auto name = here->publish();
    const auto some = here->get(name, "Range: bytes=2-4\r\n");
    EXPECT_THAT(some, HasSubstr("HTTP/1.1 206 Partial Content\r\n"));
    EXPECT_THAT(some, HasSubstr("Content-Range: bytes 2-4/10\r\n"));
    EXPECT_EQ(body_of(some), "234");
    EXPECT_EQ(body_of(here->get(name, "Range: bytes=-3\r\n")), "789");
    EXPECT_EQ(body_of(here->get(name, "Range: bytes=0-1,4-5\r\n")), file);
    const auto none = here->get(name, "Range: bytes=10-\r\n");
    EXPECT_THAT(none, HasSubstr("HTTP/1.1 416 "));
    EXPECT_THAT(none, HasSubstr("Content-Range: bytes */10\r\n"));
    EXPECT_EQ(body_of(none), "");
}

TEST_F(AudioShelf, ServesARangeOnlyOfTheFileThatIsMeant) {
    const auto name = here->publish();
    EXPECT_EQ(body_of(here->get(name, "Range: bytes=0-1\r\nIf-Range: \"" + name + "\"\r\n")), "01");
    EXPECT_EQ(body_of(here->get(name, "Range: bytes=0-1\r\nIf-Range: \"other\"\r\n")), file);
}

TEST_F(AudioShelf, EveryReplicaServesWhatAnotherPublished) {
    replica other(loop, connect());
    EXPECT_EQ(body_of(other.get(here->publish())), file);
    const auto again = loop.await(other.shelf.publish("key", audio_format::m4a)).value();
    ASSERT_TRUE(again) << "and need not make it again";
    EXPECT_EQ(body_of(here->get(*again)), file);
}

TEST_F(AudioShelf, ForgetsWhatItsTimeIsOver) {
    const auto name = here->publish();
    for (const auto* key : {"atende:audio:file:key"}) {
        const auto left = command({"PTTL", key}).integer;
        EXPECT_GT(left, 0);
        EXPECT_LE(left, 3'600'000);
    }
    EXPECT_GT(command({"PTTL", "atende:audio:name:" + name}).integer, 0);
    command({"PEXPIRE", "atende:audio:name:" + name, "0"});
    EXPECT_THAT(here->get(name), HasSubstr("HTTP/1.1 404 "));
    command({"PEXPIRE", "atende:audio:file:key", "0"});
    EXPECT_FALSE(loop.await(here->shelf.publish("key", audio_format::m4a)).value());
}

TEST_F(AudioShelf, AsksToTryAgainWhileRedisIsAway) {
    test::redis_server own;
    const std::shared_ptr<redis_client> lost = make_redis_client(loop.executor(), own.address(), 10s);
    ASSERT_TRUE(loop.until([&] { return lost->connected(); }));
    replica there(loop, lost);
    const auto name = there.publish();
    own.kill();
    ASSERT_TRUE(loop.until([&] { return !lost->connected(); }));
    const auto answer = there.get(name);
    EXPECT_THAT(answer, HasSubstr("HTTP/1.1 503 "));
    EXPECT_THAT(answer, HasSubstr("Retry-After: 1\r\n"));
    EXPECT_FALSE(loop.await(there.shelf.publish("key", audio_format::m4a, file)));
}

TEST_F(AudioShelf, TakesNothingButReading) {
    const auto name = here->publish();
    EXPECT_THAT(here->get(name, "Content-Length: 0\r\n", "DELETE"), HasSubstr("HTTP/1.1 405 "));
    EXPECT_EQ(body_of(here->get(name)), file);
}

// Spellings of "outside", as scanners send them; 200 and more of them.
std::vector<std::string> hostile_paths(const std::string& name) {
    const std::string id = name.substr(0, 22);
    std::vector<std::string> all{"",
                                 "/",
                                 ".",
                                 "..",
                                 "*",
                                 id,
                                 id + ".",
                                 id + ".mp3",
                                 id + ".M4A",
                                 id + ".wav",
                                 name + "/",
                                 name + ".",
                                 name + "%00",
                                 name + "%20",
                                 name + "~",
                                 "/" + name,
                                 "./" + name,
                                 "x/" + name,
                                 "../" + name,
                                 name + "/..",
                                 "%2e/" + name,
                                 id + "%2em4a",
                                 id + ".m4a.wav",
                                 "KEYS",
                                 "name:" + name,
                                 id.substr(1) + ".m4a",
                                 "a" + id + ".m4a",
                                 "file:key",
                                 "key",
                                 std::string(4'000, 'a')};
    for (const std::string up :
         {"../", "..%2f", "..%5c", "..\\", "%2e%2e/", "%2e%2e%2f", "%252e%252e%252f", "..%252f", "..%c0%af",
          "..%ef%bc%8f", "..;/", "....//", "..%00/", "/%2e%2e/", "%c0%ae%c0%ae/"}) {
        for (const std::string target : {"etc/passwd", "etc/shadow", "proc/self/environ", ".env",
                                         "data/redis/dump.rdb", "windows/win.ini", "audio/etc/passwd.m4a"}) {
            all.push_back(up + target);
            all.push_back(up + up + up + target);
        }
    }
    return all;
}

TEST_F(AudioShelf, GivesNothingToHostilePaths) {
    const auto name = here->publish();
    const auto paths = hostile_paths(name);
    EXPECT_GE(paths.size(), 200U);
    for (const auto& path : paths) {
        const auto answer = here->get(path);
        EXPECT_TRUE(answer.starts_with("HTTP/1.1 404 ") || answer.starts_with("HTTP/1.1 400 "))
            << path << "\n"
            << answer;
        EXPECT_THAT(answer, Not(HasSubstr("root:"))) << path;
        EXPECT_THAT(answer, Not(HasSubstr(file))) << path;
    }
}

} // namespace
} // namespace atende
