// Where a tool may not be talked into going.
#include <gtest/gtest.h>

#include <atende/platform/http_url.hpp>
#include <atende/platform/public_address.hpp>

namespace atende {
namespace {

TEST(PublicAddress, IsOneThatTheWholeInternetReaches) {
    for (const auto* one : {"8.8.8.8", "1.1.1.1", "100.63.255.255", "100.128.0.1", "172.15.0.1", "172.32.0.1",
                            "192.167.1.1", "198.17.0.1", "223.255.255.255", "2606:4700:4700::1111",
                            "2a00:1450:4001:80b::200e", "2800:3f0:4001::1"})
        EXPECT_TRUE(is_public_address(one)) << one;
}

TEST(PublicAddress, IsNoneOfTheReservedOnesNorHidesOne) {
    for (const auto* one : {"0.0.0.0",
                            "0.1.2.3",
                            "10.0.0.1",
                            "10.255.255.255",
                            "100.64.0.1",
                            "100.127.255.255",
                            "127.0.0.1",
                            "127.255.255.254",
                            "169.254.169.254",
                            "169.254.0.1",
                            "172.16.0.1",
                            "172.31.255.255",
                            "192.0.0.1",
                            "192.0.2.7",
                            "192.88.99.1",
                            "192.168.0.1",
                            "192.168.255.255",
                            "198.18.0.1",
                            "198.19.255.255",
                            "198.51.100.3",
                            "203.0.113.9",
                            "224.0.0.1",
                            "239.255.255.255",
                            "240.0.0.1",
                            "255.255.255.255",
                            "::",
                            "::1",
                            "::ffff:10.0.0.1",
                            "::ffff:127.0.0.1",
                            "::ffff:8.8.8.8",
                            "::10.0.0.1",
                            "64:ff9b::a00:1",
                            "64:ff9b:1::1",
                            "100::1",
                            "2001::1",
                            "2001:db8::1",
                            "2002:a00:1::1",
                            "2002:7f00:1::",
                            "3fff::1",
                            "fc00::1",
                            "fd12:3456::1",
                            "fe80::1",
                            "fe80::1%lo",
                            "fec0::1",
                            "ff02::1",
                            "4000::1"})
        EXPECT_FALSE(is_public_address(one)) << one;
}

TEST(PublicAddress, WhatIsNoAddressIsNotPublic) {
    for (const auto* one : {"", "example.com", "127.1", "0x7f.1", "8.8.8", "8.8.8.8:80", "[2606:4700::1]"})
        EXPECT_FALSE(is_public_address(one)) << one;
}

TEST(HttpUrl, IsReadAsTheClientWillReadIt) {
    const auto url = parse_http_url("https://API.Loja.example.:8443/a?b#c");
    ASSERT_TRUE(url);
    EXPECT_EQ(url->scheme, "https");
    EXPECT_EQ(url->host, "api.loja.example");
    EXPECT_EQ(url->port, 8443);
    EXPECT_EQ(parse_http_url("http://[::1]/")->host, "::1");
    EXPECT_EQ(parse_http_url("http://[::1]/")->port, 80);
    for (const auto* odd : {"http://0x7f.1/", "http://127.1/", "http://2130706433/", "http://0177.0.0.1/"})
        EXPECT_EQ(parse_http_url(odd)->host, "127.0.0.1") << odd;
}

TEST(HttpUrl, RefusesWhatIsNoneOrHidesItsHost) {
    for (const auto* odd :
         {"", "api.example.com/x", "//api.example.com", "ftp://a.example/", "file:///etc/passwd",
          "HTTPS://a.example", "https://", "https:///x", "https://user@a.example/",
          "https://good.example@evil.example/", "https://a:b@c.example/", "https://a b.example/",
          "https://a.example/\r\nX: 1", "https://a.example:99999/", "gopher://a.example/"})
        EXPECT_FALSE(parse_http_url(odd)) << odd;
}

TEST(HostList, NamesHostsWithOrWithoutAPort) {
    const auto list = host_list::parse(" n8n.local:5678, 10.0.0.5 ,[::1]:8080,");
    ASSERT_TRUE(list);
    const auto has = [&](const char* url) { return list->contains(*parse_http_url(url)); };
    EXPECT_TRUE(has("http://N8N.local.:5678/webhook"));
    EXPECT_FALSE(has("http://n8n.local/webhook"));
    EXPECT_FALSE(has("http://sub.n8n.local:5678/"));
    EXPECT_TRUE(has("http://10.0.0.5/"));
    EXPECT_TRUE(has("https://10.0.0.5:9443/"));
    EXPECT_TRUE(has("http://10.5/")) << "the same address, written otherwise";
    EXPECT_FALSE(has("http://10.0.0.50/"));
    EXPECT_TRUE(has("http://[::1]:8080/"));
    EXPECT_FALSE(has("http://[::1]:8081/"));
    EXPECT_FALSE(host_list::parse("")->contains(*parse_http_url("http://10.0.0.5/")));
}

TEST(HostList, RefusesWhatIsNoHost) {
    for (const auto* odd : {"http://n8n.local", "n8n.local/x", "*.local", "a b", "user@host", "host:port"})
        EXPECT_FALSE(host_list::parse(odd)) << odd;
}

} // namespace
} // namespace atende
