#include <gtest/gtest.h>

#include <atende/platform/address_list.hpp>
#include <string>

namespace atende {
namespace {

bool contains(std::string_view list, std::string_view address) {
    const auto parsed = address_list::parse(list);
    return parsed && parsed->contains(address);
}

TEST(AddressList, AnAddressIsItself) {
    EXPECT_TRUE(contains("10.1.2.3", "10.1.2.3"));
    EXPECT_FALSE(contains("10.1.2.3", "10.1.2.4"));
    EXPECT_TRUE(contains("2001:db8::1", "2001:DB8:0:0::1"));
    EXPECT_FALSE(contains("2001:db8::1", "2001:db8::2"));
}

TEST(AddressList, ANetworkIsAllOfIt) {
    for (const std::string inside : {"10.1.2.0", "10.1.2.255"}) EXPECT_TRUE(contains("10.1.2.9/24", inside));
    for (const std::string outside : {"10.1.1.255", "10.1.3.0"})
        EXPECT_FALSE(contains("10.1.2.9/24", outside));
    EXPECT_TRUE(contains("172.16.0.0/12", "172.31.255.255"));
    EXPECT_FALSE(contains("172.16.0.0/12", "172.32.0.0"));
    EXPECT_TRUE(contains("2001:db8:7::/48", "2001:db8:7:ffff::1"));
    EXPECT_FALSE(contains("2001:db8:7::/48", "2001:db8:8::1"));
    EXPECT_TRUE(contains("0.0.0.0/0", "203.0.113.7"));
    EXPECT_FALSE(contains("0.0.0.0/0", "2001:db8::1")) << "the other kind";
}

TEST(AddressList, AnIpv4AddressWithinIpv6IsThatAddress) {
    EXPECT_TRUE(contains("10.0.0.0/8", "::ffff:10.1.2.3"));
    EXPECT_TRUE(contains("::ffff:10.1.2.3", "10.1.2.3"));
    EXPECT_TRUE(contains("::ffff:10.0.0.0/104", "10.1.2.3"));
    EXPECT_FALSE(contains("::/0", "::ffff:10.1.2.3")) << "all of IPv6 is none of IPv4";
}

TEST(AddressList, HasSeveral) {
    for (const std::string one : {"127.0.0.1", "::1", "192.168.0.9"})
        EXPECT_TRUE(contains(" 127.0.0.0/8 ,::1,\t192.168.0.0/16", one)) << one;
}

TEST(AddressList, WhatIsNoAddressIsRefused) {
    for (const std::string wrong :
         {"", ",", "127.0.0.1,", "localhost", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "10.0.0.0/8/8",
          "10.0.0", "::1/129", "::1%lo/64x", "10.0.0.1 10.0.0.2"})
        EXPECT_FALSE(address_list::parse(wrong)) << wrong;
    EXPECT_FALSE(contains("0.0.0.0/0,::/0", "localhost"));
    EXPECT_FALSE(contains("0.0.0.0/0,::/0", ""));
}

} // namespace
} // namespace atende
