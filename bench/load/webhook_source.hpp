// Webhooks as Meta sends them: every one with a fresh message id, body and signature.
#pragma once

#include <atende/platform/crypto.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bench {

class webhook_source {
public:
    explicit webhook_source(std::string_view app_secret);

    // A whole POST /webhook of customer number `customer`; its body is 684 bytes.
    std::string next(std::size_t customer);

private:
    atende::hmac_sha256 key_;
    std::uint64_t run_; // message ids never repeat, not even between runs
    std::uint64_t sent_ = 0;
};

// The customer whose words, or whose contact id, are in `body`: the last one named.
std::optional<std::size_t> customer_in_words(std::string_view body);
std::optional<std::size_t> customer_in_recipient(std::string_view body);

} // namespace bench
