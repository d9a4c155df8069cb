#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <array>
#include <atende/people/admin_api.hpp>
#include <atende/platform/crypto.hpp>
#include <atende/platform/log.hpp>
#include <atende/platform/text.hpp>

namespace atende {
namespace {

constexpr int most_failures = 10;
constexpr auto failure_window = std::chrono::minutes(1);
constexpr std::size_t most_peers = 1'024; // remembered

// Whoever has one address of an IPv6 network has all 2^64.
std::string network_of(const std::string& peer) {
    boost::system::error_code odd;
    const auto address = boost::asio::ip::make_address(peer, odd);
    if (odd || !address.is_v6() || address.to_v6().is_v4_mapped()) return peer;
    auto bytes = address.to_v6().to_bytes();
    std::fill(bytes.begin() + 8, bytes.end(), std::uint8_t{0});
    return boost::asio::ip::make_address_v6(bytes).to_string() + "/64";
}

std::string_view bytes_of(const sha256_digest& digest) {
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

std::string_view bearer(const http_request& request) {
    const std::string_view given = request.header("authorization");
    const std::string scheme = folded(given.substr(0, std::min<std::size_t>(given.size(), 6)));
    if (scheme != "bearer" || given.size() < 8 || given[6] != ' ') return {};
    return given.substr(7);
}

// A URL is written to logs, histories and proxies on its way.
bool names_a_token(const http_request& request) {
    constexpr std::array<std::string_view, 9> names{"token",         "admin_token", "access_token",
                                                    "authorization", "auth",        "bearer",
                                                    "api_key",       "key",         "password"};
    std::string_view rest = request.query;
    while (!rest.empty()) {
        const std::string_view pair = rest.substr(0, rest.find('&'));
        rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
        std::string name(pair.substr(0, pair.find('=')));
        std::ranges::transform(name, name.begin(),
                               [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
        if (std::ranges::find(names, name) != names.end()) return true;
    }
    return false;
}

// Browsers say where a page came from; the operator's tools have no page.
bool is_from_a_browser(const http_request& request) {
    return !request.header("origin").empty() || !request.header("sec-fetch-site").empty();
}

// A foreign site can make its own name resolve to this machine, but neither "localhost" nor an address.
bool names_this_machine(std::string_view host) {
    const bool has_port = host.rfind(':') != std::string_view::npos && !host.ends_with(']');
    std::string name = lower_case(has_port ? host.substr(0, host.rfind(':')) : host);
    if (name.starts_with('[') && name.ends_with(']')) name = name.substr(1, name.size() - 2);
    boost::system::error_code odd;
    boost::asio::ip::make_address(name, odd);
    return name == "localhost" || !odd;
}

} // namespace

admin_access::admin_access(std::string_view token, address_list allowed, bool open_without_token)
    : has_token_(!token.empty()),
      open_without_token_(open_without_token),
      digest_(sha256(token)),
      allowed_(std::move(allowed)) {}

bool admin_access::is_blocked(const std::string& peer, std::chrono::steady_clock::time_point now) {
    const auto found = failures_.find(peer);
    if (found == failures_.end()) return false;
    if (now - found->second.since >= failure_window) {
        failures_.erase(found);
        return false;
    }
    return found->second.count >= most_failures;
}

void admin_access::count_failure(const std::string& peer, std::chrono::steady_clock::time_point now) {
    if (failures_.size() >= most_peers && !failures_.contains(peer)) {
        std::erase_if(failures_, [now](const auto& f) { return now - f.second.since >= failure_window; });
        if (failures_.size() >= most_peers) failures_.erase(failures_.begin());
    }
    auto& of_peer = failures_.try_emplace(peer, failures{.since = now}).first->second;
    ++of_peer.count;
    if (of_peer.count == 1)
        spdlog::warn("[ADMIN] {} came with a missing or wrong token", printable(peer, 64));
    if (of_peer.count == most_failures)
        spdlog::warn("[ADMIN] {} is not listened to for a minute: {} wrong tokens", printable(peer, 64),
                     most_failures);
}

std::optional<http_reply> admin_access::refusal(const http_request& request,
                                                std::chrono::steady_clock::time_point now) {
    if (!allowed_.contains(request.peer)) {
        return error_reply(403, "ADMIN_ALLOW does not name the address " + printable(request.peer, 64));
    }
    if (!has_token_ && !open_without_token_) {
        return error_reply(403, "ADMIN_TOKEN is not set, so the operator's commands are off; set it (16 "
                                "characters or more) and restart");
    }
    if (names_a_token(request)) {
        return error_reply(400,
                           "a token does not belong in a URL, which is logged on its way: send the header "
                           "Authorization: Bearer <ADMIN_TOKEN>, and change this token");
    }
    if (is_from_a_browser(request)) return error_reply(403, "this is not for browsers: use `atende` or curl");
    if (!has_token_) {
        if (names_this_machine(request.header("host"))) return std::nullopt;
        return error_reply(403, "without ADMIN_TOKEN, come as localhost or by IP address");
    }
    const std::string peer = network_of(request.peer);
    if (is_blocked(peer, now)) {
        auto reply = error_reply(429, "too many wrong tokens; try again in a minute");
        reply.headers.emplace_back("Retry-After", "60");
        return reply;
    }
    // Hashes have one length: comparing them tells nothing about the token's.
    if (equal_in_constant_time(bytes_of(sha256(bearer(request))), bytes_of(digest_))) return std::nullopt;
    count_failure(peer, now);
    auto reply = error_reply(401, "send the header Authorization: Bearer <ADMIN_TOKEN>");
    reply.headers.emplace_back("WWW-Authenticate", "Bearer");
    return reply;
}

} // namespace atende
