#include <atende/channels/webhook_signature.hpp>

#include <algorithm>

namespace atende {
namespace {

constexpr std::string_view prefix = "sha256=";
constexpr std::size_t digest_hex_length = 64;

bool is_lower_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

std::string_view as_text(const sha256_digest& digest) {
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

} // namespace

signature_verifier::signature_verifier(const std::vector<std::string>& app_secrets) {
    for (const std::string& secret : app_secrets) {
        if (!secret.empty()) keys_.emplace_back(secret);
    }
}

bool signature_verifier::verify(std::string_view header, std::string_view raw_body) {
    if (!header.starts_with(prefix)) return false;
    const std::string_view claimed = header.substr(prefix.size());
    if (claimed.size() != digest_hex_length || !std::ranges::all_of(claimed, is_lower_hex)) return false;

    bool matches = false;
    for (hmac_sha256& key : keys_) {
        const std::string expected = to_hex(as_text(key.sign(raw_body)));
        matches |= equal_in_constant_time(claimed, expected);
    }
    return matches;
}

} // namespace atende
