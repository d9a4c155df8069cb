#include "voice/byte_range.hpp"

#include <gtest/gtest.h>

namespace atende {
namespace {

using kind = byte_range::kind;

byte_range part(std::size_t first, std::size_t length) {
    return {.what = kind::part, .first = first, .length = length};
}

TEST(byte_ranges, are_read_as_the_rfc_has_them) {
    EXPECT_EQ(read_byte_range("bytes=0-499", 10'000), part(0, 500));
    EXPECT_EQ(read_byte_range("bytes=500-999", 10'000), part(500, 500));
    EXPECT_EQ(read_byte_range("bytes=-500", 10'000), part(9'500, 500));
    EXPECT_EQ(read_byte_range("bytes=9500-", 10'000), part(9'500, 500));
    EXPECT_EQ(read_byte_range("Bytes=0-0", 10'000), part(0, 1));
    EXPECT_EQ(read_byte_range("bytes= 0-0 ", 10'000), part(0, 1));
}

TEST(byte_ranges, end_where_the_file_does) {
    EXPECT_EQ(read_byte_range("bytes=0-10000", 10), part(0, 10));
    EXPECT_EQ(read_byte_range("bytes=-10000", 10), part(0, 10));
    EXPECT_EQ(read_byte_range("bytes=3-99999999999999999999999999", 10), part(3, 7));
    EXPECT_EQ(read_byte_range("bytes=-99999999999999999999999999", 10), part(0, 10));
}

TEST(byte_ranges, behind_the_end_there_is_nothing) {
    for (const auto* header : {"bytes=10-", "bytes=10-20", "bytes=-0", "bytes=99999999999999999999999-"})
        EXPECT_EQ(read_byte_range(header, 10).what, kind::outside) << header;
}

TEST(byte_ranges, that_make_no_sense_are_not_looked_at) {
    for (const auto* header :
         {"", "bytes", "bytes=", "bytes=-", "bytes=5", "bytes=5-4", "bytes=a-b", "bytes=+1-2", "bytes=1-2x",
          "bytes=0x1-2", "items=0-1", "bytes=0-1,3-4", "bytes=1--2", "bytes=--1"})
        EXPECT_EQ(read_byte_range(header, 10), byte_range{}) << header;
}

} // namespace
} // namespace atende
