// Did Meta send this webhook? The only proof is an HMAC over the body's raw bytes.
// https://developers.facebook.com/docs/graph-api/webhooks/getting-started#validate-payloads
#pragma once

#include <atende/platform/crypto.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace atende {

// Keeps one keyed HMAC context per app secret: several during a rotation, and because an app with Instagram
// login and one with Facebook login are signed with different secrets. One thread only.
class signature_verifier {
public:
    // Empty secrets are ignored; without any secret nothing is ever accepted.
    explicit signature_verifier(const std::vector<std::string>& app_secrets);

    // `header` is the value of X-Hub-Signature-256: exactly "sha256=" and 64 lower-case hex digits. Every
    // secret is tried in constant time, so the time taken does not tell which one matched.
    [[nodiscard]] bool verify(std::string_view header, std::string_view raw_body);

private:
    std::vector<hmac_sha256> keys_;
};

} // namespace atende
