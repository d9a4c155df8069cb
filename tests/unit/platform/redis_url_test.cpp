#include <gtest/gtest.h>

#include <atende/platform/redis_client.hpp>

namespace atende {
namespace {

TEST(RedisUrl, IsReadInAllItsForms) {
    const auto plain = parse_redis_url("redis://cache.internal");
    ASSERT_TRUE(plain);
    EXPECT_EQ(plain->host, "cache.internal");
    EXPECT_EQ(plain->port, 6379);
    EXPECT_EQ(plain->database, 0);
    EXPECT_TRUE(plain->password.empty());

    const auto full = parse_redis_url("redis://shop:p%40ss%3A%2F@10.0.0.7:7000/3");
    ASSERT_TRUE(full);
    EXPECT_EQ(full->username, "shop");
    EXPECT_EQ(full->password, "p@ss:/");
    EXPECT_EQ(full->host, "10.0.0.7");
    EXPECT_EQ(full->port, 7000);
    EXPECT_EQ(full->database, 3);

    const auto no_user = parse_redis_url("redis://:secret@localhost/");
    ASSERT_TRUE(no_user);
    EXPECT_EQ(no_user->username, "");
    EXPECT_EQ(no_user->password, "secret");
    EXPECT_EQ(no_user->database, 0);

    const auto v6 = parse_redis_url("redis://[::1]:6380/1");
    ASSERT_TRUE(v6);
    EXPECT_EQ(v6->host, "::1");
    EXPECT_EQ(v6->port, 6380);

    const auto unix_socket = parse_redis_url("unix:///run/redis/redis.sock");
    ASSERT_TRUE(unix_socket);
    EXPECT_EQ(unix_socket->unix_socket, "/run/redis/redis.sock");
}

TEST(RedisUrl, AnAtSignInThePasswordNeedNoEscape) {
    const auto address = parse_redis_url("redis://u:a@b@host:1");
    ASSERT_TRUE(address);
    EXPECT_EQ(address->password, "a@b");
    EXPECT_EQ(address->host, "host");
}

TEST(RedisUrl, SaysWhatIsWrong) {
    const std::pair<std::string, const char*> wrong[] = {
        {"", "redis://"},
        {"http://localhost", "redis://"},
        {"rediss://localhost", "TLS"},
        {"redis://", "host"},
        {"redis://:6379", "host"},
        {"redis://host:0", "port"},
        {"redis://host:65536", "port"},
        {"redis://host:63x", "port"},
        {"redis://host:", "port"},
        {"redis://host/one", "database"},
        {"redis://host/-1", "database"},
        {"redis://secret@host", "user:password"},
        {"redis://[::1", "["},
        {"redis://[::1]6379", "port"},
        {"unix://", "unix:///"},
        {"unix:///" + std::string(107, 'x'), "107"},
    };
    for (const auto& [url, expected] : wrong) {
        const auto address = parse_redis_url(url);
        ASSERT_FALSE(address) << url;
        EXPECT_EQ(address.error().code, errc::invalid_input);
        EXPECT_NE(address.error().detail.find(expected), std::string::npos)
            << url << ": " << address.error().detail;
    }
}

TEST(RedisScript, IsKnownByTheSha1OfItsSource) {
    EXPECT_EQ(redis_script("return 1").sha1(), "e0e1f9fabfc9d4800c877a703b823ac0578ff8db");
}

} // namespace
} // namespace atende
