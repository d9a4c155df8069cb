// Hashes, signatures and randomness, over OpenSSL.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace atende {

using sha256_digest = std::array<unsigned char, 32>;

sha256_digest sha256(std::string_view bytes);
std::string to_hex(std::string_view bytes);       // lower case
std::string to_base64url(std::string_view bytes); // without padding

// Of the digest's first `length` bytes.
std::string sha256_hex(std::string_view bytes, std::size_t length = 32);
std::string sha256_base64url(std::string_view bytes, std::size_t length = 32);

// HMAC-SHA256 with the key schedule computed once: signing a webhook costs a third of the one-shot call.
// One thread only.
class hmac_sha256 {
public:
    explicit hmac_sha256(std::string_view key);
    ~hmac_sha256();
    hmac_sha256(hmac_sha256&&) noexcept;
    hmac_sha256& operator=(hmac_sha256&&) noexcept;

    sha256_digest sign(std::string_view bytes);

private:
    struct context;
    std::unique_ptr<context> context_;
};

// Takes the same time whatever differs; false at once only for different lengths.
bool equal_in_constant_time(std::string_view a, std::string_view b);

// `bytes` from the system's generator, as base64url: 16 bytes are an unguessable name.
std::string random_token(std::size_t bytes = 16);

} // namespace atende
