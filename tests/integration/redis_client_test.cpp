#include "invented_names.hpp"
#include "support/event_loop.hpp"
#include "support/redis_server.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/this_coro.hpp>
#include <gtest/gtest.h>

#include <atende/platform/redis_client.hpp>

namespace atende {
namespace {

using namespace std::chrono_literals;
using kind = redis_reply::kind;

class RedisClient : public testing::Test {
protected:
    test::event_loop loop;
    test::redis_server server;
    std::unique_ptr<redis_client> client = connect(5s);

    std::unique_ptr<redis_client> connect(std::chrono::milliseconds timeout) {
        auto fresh = make_redis_client(loop.executor(), server.address(), timeout);
        EXPECT_TRUE(loop.until([&] { return fresh->connected(); }));
        return fresh;
    }
    result<redis_reply> command(redis_command words) { return loop.await(client->command(std::move(words))); }
    result<std::vector<redis_reply>> pipeline(const std::vector<redis_command>& commands) {
        return loop.await(client->pipeline(commands));
    }
    // Starts it and goes on: the outcome is there when it has ended.
    std::shared_ptr<std::optional<result<redis_reply>>> begin(redis_command words) {
        auto outcome = std::make_shared<std::optional<result<redis_reply>>>();
        asio::co_spawn(
            loop.executor(), client->command(std::move(words)),
            [outcome](const std::exception_ptr&, result<redis_reply> got) { *outcome = std::move(got); });
        return outcome;
    }
};

TEST_F(RedisClient, RepliesComeInTheOrderOfTheCommands) {
    std::vector<redis_command> commands;
    for (int i = 0; i < 2'000; ++i) commands.push_back({"ECHO", std::to_string(i)});
    const auto replies = pipeline(commands);
    ASSERT_TRUE(replies);
    ASSERT_EQ(replies->size(), 2'000U);
    for (int i = 0; i < 2'000; ++i)
        EXPECT_EQ((*replies)[static_cast<std::size_t>(i)].text, std::to_string(i));
}

TEST_F(RedisClient, EveryKindOfReplyIsUnderstood) {
    const auto replies = pipeline({{"SET", "k", "v"},
                                   {"GET", "missing"},
                                   {"INCR", "n"},
                                   {"LRANGE", "missing", "0", "-1"},
                                   {"EVAL", "return {1,{'a',{}},false}", "0"},
                                   {"LPUSH", "k", "x"}});
    ASSERT_TRUE(replies);
    EXPECT_EQ((*replies)[0].text, "OK");
    EXPECT_EQ((*replies)[1].what, kind::nil);
    EXPECT_EQ((*replies)[2].integer, 1);
    EXPECT_EQ((*replies)[3].what, kind::array);
    EXPECT_EQ((*replies)[4].items.at(1).items.at(0).text, "a");
    EXPECT_EQ((*replies)[4].items.at(2).what, kind::nil);
    EXPECT_EQ((*replies)[5].what, kind::error) << "an error costs its neighbours nothing";
    EXPECT_TRUE((*replies)[5].text.starts_with("WRONGTYPE"));
    const auto refused = command({"LPUSH", "k", "x"});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::rejected);
}

TEST_F(RedisClient, ValuesAreBinaryAndMayBeBig) {
    std::string value;
    for (int i = 0; i < 4 << 20; ++i) value += static_cast<char>(i * 31 % 256);
    ASSERT_TRUE(command({"SET", "big\r\n\0 key", value}));
    EXPECT_EQ(command({"GET", "big\r\n\0 key"})->text, value);
    ASSERT_TRUE(command({"SET", "empty", ""}));
    EXPECT_EQ(command({"GET", "empty"})->what, kind::text);
}

TEST_F(RedisClient, NothingToSayNeedsNoAnswer) {
    const auto none = pipeline({});
    ASSERT_TRUE(none);
    EXPECT_TRUE(none->empty());
    EXPECT_EQ(command({"ECHO", "still in step"})->text, "still in step");
}

TEST_F(RedisClient, AScriptIsSentWholeWheneverRedisHasForgottenIt) {
    const redis_script script("return redis.call('INCRBY', KEYS[1], ARGV[1])");
    const script_call call{.script = &script, .keys = {"n"}, .arguments = {"5"}};
    EXPECT_EQ(loop.await(client->eval(call))->integer, 5);
    EXPECT_EQ(loop.await(client->eval(call))->integer, 10);
    ASSERT_TRUE(command({"SCRIPT", "FLUSH"}));
    EXPECT_EQ(loop.await(client->eval(call))->integer, 15);
}

TEST_F(RedisClient, AScriptThatIsKnownRunsOnceBesideOneThatIsNot) {
    const redis_script known("return redis.call('INCR', KEYS[1])");
    const redis_script unknown("return redis.call('INCRBY', KEYS[1], 10)");
    ASSERT_TRUE(loop.await(client->eval({.script = &known, .keys = {"a"}})));
    const std::vector<script_call> batch{{.script = &known, .keys = {"a"}},
                                         {.script = &unknown, .keys = {"b"}},
                                         {.script = &known, .keys = {"a"}}};
    const auto replies = loop.await(client->eval_all(batch));
    ASSERT_TRUE(replies);
    EXPECT_EQ((*replies)[0].integer, 2);
    EXPECT_EQ((*replies)[1].integer, 10);
    EXPECT_EQ((*replies)[2].integer, 3);
}

TEST_F(RedisClient, AScriptThatFailsIsRejected) {
    const redis_script broken("return redis.call('NO SUCH COMMAND')");
    const auto reply = loop.await(client->eval({.script = &broken}));
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().code, errc::rejected);
}

TEST_F(RedisClient, CommandsInFlightAreInterruptedAndItConnectsAgain) {
    const auto waiting = begin({"BLPOP", "nothing", "0"});
    const auto behind = begin({"PING"});
    ASSERT_TRUE(loop.until([&] { return client->connected(); }));
    loop.await(sleep_for(20ms)); // lets both leave
    server.kill();
    ASSERT_TRUE(loop.until([&] { return waiting->has_value() && behind->has_value(); }));
    EXPECT_EQ((*waiting)->error().code, errc::interrupted);
    EXPECT_EQ((*behind)->error().code, errc::interrupted);
    ASSERT_TRUE(loop.until([&] { return !client->connected(); }));
    EXPECT_EQ(command({"PING"}).error().code, errc::unavailable) << "surely not executed";
    server.start();
    ASSERT_TRUE(loop.until([&] { return client->connected(); }));
    EXPECT_EQ(command({"PING"})->text, "PONG");
}

awaitable<errc> again_at_once(redis_client& client, redis_command words) {
    const auto first = co_await client.command(words);
    if (first) co_return errc::protocol;
    const auto second = co_await client.command(std::move(words));
    co_return second ? errc::protocol : second.error().code;
}

// Regression: the second attempt was queued on the connection that had just ended, and waited for ever.
TEST_F(RedisClient, TryingAgainInTheMomentOfTheLossDoesNotHang) {
    std::optional<errc> second;
    asio::co_spawn(loop.executor(), again_at_once(*client, {"BLPOP", "nothing", "0"}),
                   [&](const std::exception_ptr&, errc code) { second = code; });
    loop.await(sleep_for(20ms));
    server.kill();
    ASSERT_TRUE(loop.until([&] { return second.has_value(); }, 5s));
    EXPECT_EQ(*second, errc::unavailable);
}

TEST_F(RedisClient, NoAnswerInTimeBreaksTheConnectionAndANewOneIsMade) {
    client = connect(200ms);
    const auto control = connect(5s);
    ASSERT_TRUE(loop.await(control->command({"CLIENT", "PAUSE", "600", "ALL"})));
    const auto first = begin({"GET", "a"});
    const auto second = begin({"GET", "b"});
    ASSERT_TRUE(loop.until([&] { return first->has_value() && second->has_value(); }));
    EXPECT_EQ((*first)->error().code, errc::timed_out);
    EXPECT_EQ((*second)->error().code, errc::timed_out) << "stuck behind the first";
    ASSERT_TRUE(loop.until([&] { return client->connected(); }));
    EXPECT_TRUE(command({"GET", "a"}));
}

TEST_F(RedisClient, ManyAtOnceShareTheConnection) {
    std::vector<std::shared_ptr<std::optional<result<redis_reply>>>> all;
    for (int i = 0; i < 500; ++i) all.push_back(begin({"INCR", "n"}));
    ASSERT_TRUE(loop.until([&] { return all.back()->has_value(); }));
    for (int i = 0; i < 500; ++i) EXPECT_EQ(all[static_cast<std::size_t>(i)]->value()->integer, i + 1);
}

TEST(RedisClientLogin, UsesPasswordUserAndDatabase) {
    test::event_loop loop;
    test::redis_server server(
        {"--requirepass", "p@ss word", "--user", "shop", "on", ">secret", "~*", "+@all"});
    redis_address at = server.address();
    at.database = 3;
    for (const auto& [user, password] : {std::pair("", "p@ss word"), std::pair("shop", "secret")}) {
        at.username = user;
        at.password = password;
        const auto client = make_redis_client(loop.executor(), at, 2s);
        ASSERT_TRUE(loop.until([&] { return client->connected(); }));
        const auto info = loop.await(client->command({"CLIENT", "INFO"}));
        ASSERT_TRUE(info);
        EXPECT_NE(info->text.find(" db=3 "), std::string::npos);
        EXPECT_NE(info->text.find("user=" + std::string(*user ? user : "default")), std::string::npos);
    }
    at.password = "wrong";
    const auto refused = make_redis_client(loop.executor(), at, 2s);
    EXPECT_EQ(loop.await(refused->command({"PING"})).error().code, errc::unavailable);
    loop.await(sleep_for(50ms));
    EXPECT_FALSE(refused->connected());
}

// Regression: all addresses together had one time limit, so that behind a dead first one no other was used.
TEST(RedisClientTcp, AnAddressThatDoesNotAnswerCostsTheNextOneNothing) {
    test::event_loop loop;
    using tcp = asio::ip::tcp;
    tcp::acceptor silent(loop.executor(), tcp::v4());
    silent.bind({asio::ip::make_address_v4("127.0.0.2"), 0});
    silent.listen(0);
    const tcp::endpoint full = silent.local_endpoint();
    tcp::socket only(loop.executor());
    only.connect(full); // takes the one place in its queue: from now on it answers nobody
    const auto port = std::to_string(full.port());
    const test::redis_server server({"--port", port, "--bind", "127.0.0.1"});
    const test::invented_name name("two-addresses.test", {{{"127.0.0.2", 0}, {"127.0.0.1", 0}}});
    const auto client =
        make_redis_client(loop.executor(), {.host = "two-addresses.test", .port = full.port()}, 1s);
    EXPECT_TRUE(loop.until([&] { return client->connected(); }));
}

TEST(RedisClientTcp, ResolvesANameAndKeepsTryingUntilTheServerIsThere) {
    test::event_loop loop;
    const auto nobody = make_redis_client(loop.executor(), {.host = "localhost", .port = 1}, 1s);
    loop.await(sleep_for(50ms));
    EXPECT_FALSE(nobody->connected());
    const auto lost = make_redis_client(loop.executor(), {.host = "no-such-host.invalid"}, 1s);
    loop.await(sleep_for(50ms));
    EXPECT_EQ(loop.await(lost->command({"PING"})).error().code, errc::unavailable);
}

} // namespace
} // namespace atende
