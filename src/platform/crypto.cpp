#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include <atende/platform/broken_variant.hpp>
#include <atende/platform/crypto.hpp>
#include <stdexcept>

namespace atende {
namespace {

const unsigned char* as_bytes(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

std::string_view as_text(const sha256_digest& digest) {
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

} // namespace

sha256_digest sha256(std::string_view bytes) {
    sha256_digest out{};
    SHA256(as_bytes(bytes), bytes.size(), out.data());
    return out;
}

std::string to_hex(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    out.reserve(bytes.size() * 2);
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        out += digits[byte >> 4U];
        out += digits[byte & 0xFU];
    }
    return out;
}

std::string to_base64url(std::string_view bytes) {
    constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::string out;
    out.reserve((bytes.size() * 4 + 2) / 3);
    unsigned pending = 0;
    unsigned bits = 0;
    for (const char c : bytes) {
        pending = (pending << 8U) | static_cast<unsigned char>(c);
        bits += 8;
        while (bits >= 6) {
            bits -= 6;
            out += digits[(pending >> bits) & 0x3FU];
        }
    }
    if (bits > 0) out += digits[(pending << (6 - bits)) & 0x3FU];
    return out;
}

std::string sha256_hex(std::string_view bytes, std::size_t length) {
    const auto digest = sha256(bytes);
    return to_hex(as_text(digest).substr(0, length));
}

std::string sha256_base64url(std::string_view bytes, std::size_t length) {
    const auto digest = sha256(bytes);
    return to_base64url(as_text(digest).substr(0, length));
}

struct hmac_sha256::context {
    EVP_MAC* algorithm = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
    EVP_MAC_CTX* keyed = algorithm ? EVP_MAC_CTX_new(algorithm) : nullptr;

    context() = default;
    context(const context&) = delete;
    context& operator=(const context&) = delete;
    ~context() {
        EVP_MAC_CTX_free(keyed);
        EVP_MAC_free(algorithm);
    }
};

hmac_sha256::hmac_sha256(std::string_view key) : context_(std::make_unique<context>()) {
    char digest[] = "SHA256";
    const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                     OSSL_PARAM_construct_end()};
    if (!context_->keyed || EVP_MAC_init(context_->keyed, as_bytes(key), key.size(), parameters) != 1) {
        throw std::runtime_error("OpenSSL offers no HMAC-SHA256");
    }
}

hmac_sha256::~hmac_sha256() = default;
hmac_sha256::hmac_sha256(hmac_sha256&&) noexcept = default;
hmac_sha256& hmac_sha256::operator=(hmac_sha256&&) noexcept = default;

sha256_digest hmac_sha256::sign(std::string_view bytes) {
    sha256_digest out{};
    std::size_t length = 0;
    // A null key re-initialises with the key schedule already computed.
    const bool signed_it = EVP_MAC_init(context_->keyed, nullptr, 0, nullptr) == 1 &&
                           EVP_MAC_update(context_->keyed, as_bytes(bytes), bytes.size()) == 1 &&
                           EVP_MAC_final(context_->keyed, out.data(), &length, out.size()) == 1;
    if (!signed_it || length != out.size()) throw std::runtime_error("OpenSSL failed to compute an HMAC");
    return out;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
    if (broken("compare_with_equals")) return a == b;
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string random_token(std::size_t bytes) {
    std::string raw(bytes, '\0');
    if (RAND_bytes(reinterpret_cast<unsigned char*>(raw.data()), static_cast<int>(bytes)) != 1) {
        throw std::runtime_error("the system's random generator failed");
    }
    return to_base64url(raw);
}

} // namespace atende
