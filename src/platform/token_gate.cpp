#include <atende/platform/client_address.hpp>
#include <atende/platform/crypto.hpp>
#include <atende/platform/log.hpp>
#include <atende/platform/token_gate.hpp>

namespace atende {
namespace {

constexpr int most_failures = 10;
constexpr auto failure_window = std::chrono::minutes(1);
constexpr std::size_t most_peers = 1'024; // remembered

std::string_view bytes_of(const sha256_digest& digest) {
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

} // namespace

token_gate::token_gate(std::string_view token, address_list allowed)
    : has_token_(!token.empty()),
      digest_(sha256(token)),
      allowed_(std::move(allowed)) {}

bool token_gate::is_blocked(const std::string& network, time_point now) {
    const auto found = failures_.find(network);
    if (found == failures_.end()) return false;
    if (now - found->second.since >= failure_window) {
        failures_.erase(found);
        return false;
    }
    return found->second.count >= most_failures;
}

void token_gate::count_failure(const std::string& network, time_point now) {
    if (failures_.size() >= most_peers && !failures_.contains(network)) {
        std::erase_if(failures_, [now](const auto& f) { return now - f.second.since >= failure_window; });
        if (failures_.size() >= most_peers) failures_.erase(failures_.begin());
    }
    auto& of_peer = failures_.try_emplace(network, failures{.since = now}).first->second;
    ++of_peer.count;
    if (of_peer.count == 1) spdlog::warn("[ADMIN] {} came with a wrong token", printable(network, 64));
    if (of_peer.count == most_failures)
        spdlog::warn("[ADMIN] {} is not listened to for a minute: {} wrong tokens", printable(network, 64),
                     most_failures);
}

std::optional<http_reply> token_gate::refusal(const std::string& peer, time_point now) {
    if (!allowed_.contains(peer))
        return error_reply(403, "ADMIN_ALLOW does not name the address " + printable(peer, 64));
    if (!is_blocked(network_of(peer), now)) return std::nullopt;
    auto reply = error_reply(429, "too many wrong tokens; try again in a minute");
    reply.headers.emplace_back("Retry-After", "60");
    return reply;
}

bool token_gate::admits(const std::string& peer, std::string_view presented, time_point now) {
    // Hashes have one length: comparing them tells nothing about the token's.
    if (has_token_ && equal_in_constant_time(bytes_of(sha256(presented)), bytes_of(digest_))) return true;
    if (!presented.empty()) count_failure(network_of(peer), now);
    return false;
}

} // namespace atende
