#include <atende/channels/webhook_signature.hpp>
#include <atende/platform/broken_variant.hpp>

namespace atende {
namespace {

constexpr std::string_view prefix = "sha256=";

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
    if (broken("signature_always_equal")) return true;
    if (!header.starts_with(prefix)) return false;
    const std::string_view claimed = header.substr(prefix.size());
    bool matches = false;
    for (hmac_sha256& key : keys_) { // all of them, so that the time taken does not tell which one matched
        const std::string expected = to_hex(as_text(key.sign(raw_body)));
        matches |= equal_in_constant_time(claimed, expected);
    }
    return matches;
}

} // namespace atende
