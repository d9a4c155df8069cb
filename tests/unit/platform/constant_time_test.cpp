// That a comparison takes the same time whatever differs cannot be asserted with a clock. What can: every
// byte goes to OpenSSL's constant-time comparison, wherever the first difference is. Linked with
// --wrap=CRYPTO_memcmp.
#include <gtest/gtest.h>

#include <atende/platform/crypto.hpp>
#include <cstddef>
#include <string>

namespace {

std::size_t bytes_compared = 0;

} // namespace

extern "C" {
int __real_CRYPTO_memcmp(const void* a, const void* b, std::size_t length);
int __wrap_CRYPTO_memcmp(const void* a, const void* b, std::size_t length);
int __wrap_CRYPTO_memcmp(const void* a, const void* b, std::size_t length) {
    bytes_compared += length;
    return __real_CRYPTO_memcmp(a, b, length);
}
}

namespace atende {
namespace {

std::size_t bytes_looked_at(const std::string& a, const std::string& b) {
    bytes_compared = 0;
    (void)equal_in_constant_time(a, b);
    return bytes_compared;
}

TEST(constant_time, looks_at_every_byte_wherever_the_first_difference_is) {
    const std::string secret(64, 'a');
    for (std::size_t at = 0; at < secret.size(); ++at) {
        std::string guess = secret;
        guess[at] = 'b';
        EXPECT_EQ(bytes_looked_at(secret, guess), secret.size()) << "difference at " << at;
    }
    EXPECT_EQ(bytes_looked_at(secret, secret), secret.size());
}

TEST(constant_time, tells_equal_from_different) {
    EXPECT_TRUE(equal_in_constant_time("token", "token"));
    EXPECT_FALSE(equal_in_constant_time("token", "tokem"));
    EXPECT_FALSE(equal_in_constant_time("token", "token "));
    EXPECT_TRUE(equal_in_constant_time("", ""));
}

} // namespace
} // namespace atende
