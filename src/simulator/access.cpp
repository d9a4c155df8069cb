#include "simulator/access.hpp"

#include <boost/asio/ip/address.hpp>
#include <openssl/evp.h>

#include <algorithm>
#include <atende/platform/text.hpp>

namespace atende {

namespace {

// Empty if `encoded` is not padded base64.
std::string decode_base64(std::string_view encoded) {
    if (encoded.empty() || encoded.size() % 4 != 0 || encoded.size() > 4096) return {};
    std::string bytes(encoded.size() / 4 * 3, '\0');
    const auto written = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                         reinterpret_cast<const unsigned char*>(encoded.data()),
                                         static_cast<int>(encoded.size()));
    if (written < 0) return {};
    const auto padding = std::ranges::count(encoded.substr(encoded.size() - 2), '=');
    bytes.resize(static_cast<std::size_t>(written - padding));
    return bytes;
}

// What the caller presents as the admin token; the user name of Basic is of no interest.
std::string presented_token(std::string_view authorization) {
    const auto space = authorization.find(' ');
    if (space == std::string_view::npos) return {};
    const auto scheme = lower_case(authorization.substr(0, space));
    const auto credentials = authorization.substr(space + 1);
    if (scheme == "bearer") return std::string(credentials);
    if (scheme != "basic") return {};
    const auto user_and_password = decode_base64(credentials);
    const auto colon = user_and_password.find(':');
    return colon == std::string::npos ? std::string{} : user_and_password.substr(colon + 1);
}

// The host of a Host header or URL authority, without port and brackets, lower case.
std::string host_name(std::string_view authority) {
    if (authority.starts_with('[')) return lower_case(authority.substr(1, authority.find(']') - 1));
    return lower_case(authority.substr(0, authority.find(':')));
}

// A foreign site can make its own name resolve to this machine, but neither "localhost" nor an address.
bool is_safe_from_rebinding(std::string_view host, std::string_view allowed_host) {
    const auto name = host_name(host);
    if (name == "localhost" || name.ends_with(".localhost")) return true;
    if (!allowed_host.empty() && name == host_name(allowed_host)) return true;
    boost::system::error_code not_an_address;
    boost::asio::ip::make_address(name, not_an_address);
    return !not_an_address;
}

bool is_cross_site(const http_request& request) {
    const auto site = request.header("sec-fetch-site");
    if (!site.empty() && site != "same-origin" && site != "none") return true;
    const auto origin = request.header("origin");
    if (origin.empty()) return false;
    const auto scheme_end = origin.find("://");
    return scheme_end == std::string_view::npos ||
           lower_case(origin.substr(scheme_end + 3)) != lower_case(request.header("host"));
}

} // namespace

std::optional<http_reply> access_refusal(const access_rules& rules, const http_request& request,
                                         token_gate::time_point now) {
    if (rules.gate.has_token()) {
        if (auto refusal = rules.gate.refusal(request.peer, now)) return refusal;
        if (!rules.gate.admits(request.peer, presented_token(request.header("authorization")), now)) {
            auto reply = error_reply(401, "the admin token is missing or wrong");
            reply.headers.emplace_back("WWW-Authenticate", R"(Basic realm="Atende", charset="UTF-8")");
            return reply;
        }
    } else if (!is_safe_from_rebinding(request.header("host"), rules.allowed_host)) {
        return error_reply(403, "open the simulator as localhost or by its IP address, or set ADMIN_TOKEN");
    }
    if (request.method == "POST" && is_cross_site(request))
        return error_reply(403, "requests from other sites are refused");
    return std::nullopt;
}

} // namespace atende
