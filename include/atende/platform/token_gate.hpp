// Who may present ADMIN_TOKEN, and from where. One gate for everything that asks for it, so that guesses are
// counted together.
#pragma once

#include <array>
#include <atende/platform/address_list.hpp>
#include <atende/platform/http_server.hpp>
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace atende {

// Keeps only the token's hash. Ten wrong tokens within a minute from one peer (an IPv6 /64 is one), and
// nothing that it presents is looked at until the minute is over. The peer is who opened the connection: what
// a header says of it is anybody's word. One thread only.
class token_gate {
public:
    using time_point = std::chrono::steady_clock::time_point;

    token_gate(std::string_view token, address_list allowed);

    [[nodiscard]] bool has_token() const { return has_token_; }
    // The answer to a peer that is refused whatever it presents: 403, it is not in the list; 429, it guesses.
    std::optional<http_reply> refusal(const std::string& peer, time_point now);
    // Whether this is the token; false where there is none. A wrong one is counted, an empty one is no guess.
    bool admits(const std::string& peer, std::string_view presented, time_point now);

private:
    struct failures {
        time_point since;
        int count = 0;
    };
    bool is_blocked(const std::string& network, time_point now);
    void count_failure(const std::string& network, time_point now);

    bool has_token_ = false;
    std::array<unsigned char, 32> digest_{};
    address_list allowed_;
    std::map<std::string, failures> failures_;
};

} // namespace atende
