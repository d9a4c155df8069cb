#include <gtest/gtest.h>

#include <atende/platform/crypto.hpp>
#include <set>
#include <string>

namespace atende {
namespace {

std::string hex(const sha256_digest& digest) {
    return to_hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

TEST(Sha256, MatchesTheStandardsExamples) {
    EXPECT_EQ(hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Sha256, NamesThingsByTheDigestsBeginning) {
    EXPECT_EQ(sha256_hex("abc"), hex(sha256("abc")));
    EXPECT_EQ(sha256_hex("abc", 4), "ba7816bf");
    EXPECT_EQ(sha256_base64url("abc"), "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0");
    EXPECT_EQ(sha256_base64url("abc", 16), "ungWv48Bz-pBQUDeXa4iIw");
}

// https://www.rfc-editor.org/rfc/rfc4231#section-4 (case 5 tests truncation, which we do not have)
TEST(Hmac, MatchesRfc4231) {
    struct vector {
        std::string key;
        std::string data;
        const char* expected;
    };
    std::string counting;
    for (int i = 1; i <= 25; ++i) counting += static_cast<char>(i);
    const vector vectors[] = {
        {std::string(20, '\x0b'), "Hi There",
         "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
        {"Jefe", "what do ya want for nothing?",
         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
        {std::string(20, '\xaa'), std::string(50, '\xdd'),
         "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
        {counting, std::string(50, '\xcd'),
         "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
        {std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First",
         "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
        {std::string(131, '\xaa'),
         "This is a test using a larger than block-size key and a larger than block-size data. The key needs "
         "to "
         "be hashed before being used by the HMAC algorithm.",
         "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
    };
    for (const auto& [key, data, expected] : vectors) {
        hmac_sha256 mac(key);
        EXPECT_EQ(hex(mac.sign(data)), expected);
        EXPECT_EQ(hex(mac.sign(data)), expected) << "the second time, with the key schedule kept";
    }
}

TEST(Hmac, StaysUsableAfterItWasMoved) {
    hmac_sha256 first("Jefe");
    const auto expected = first.sign("x");
    hmac_sha256 second("other");
    second = std::move(first);
    EXPECT_EQ(second.sign("x"), expected);
}

TEST(Base64Url, MatchesRfc4648WithoutPadding) {
    const std::pair<const char*, const char*> examples[] = {
        {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},      {"foo", "Zm9v"},
        {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"\xFB\xFF", "-_8"}};
    for (const auto& [bytes, text] : examples) EXPECT_EQ(to_base64url(bytes), text);
}

TEST(ConstantTime, EqualityIsStillEquality) {
    EXPECT_TRUE(equal_in_constant_time("", ""));
    EXPECT_TRUE(equal_in_constant_time("abc", "abc"));
    EXPECT_FALSE(equal_in_constant_time("abc", "abd"));
    EXPECT_FALSE(equal_in_constant_time("abc", "ab"));
    EXPECT_FALSE(equal_in_constant_time("", "a"));
}

TEST(RandomToken, IsLongAndNeverTheSame) {
    std::set<std::string> seen;
    for (int i = 0; i < 1'000; ++i) seen.insert(random_token());
    EXPECT_EQ(seen.size(), 1'000U);
    EXPECT_EQ(seen.begin()->size(), 22U); // 128 bits
    EXPECT_EQ(random_token(32).size(), 43U);
}

} // namespace
} // namespace atende
