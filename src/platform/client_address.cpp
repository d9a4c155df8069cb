#include <algorithm>
#include <atende/platform/client_address.hpp>
#include <atende/platform/text.hpp>

namespace atende {
namespace {

// Every proxy adds at the end who has come to it, to the last line or as a line of its own.
std::vector<std::string_view> forwarded_for(const http_request& request) {
    std::vector<std::string_view> hops;
    for (const auto& [name, value] : request.headers) {
        if (name != "x-forwarded-for") continue;
        for (std::string_view rest = value; !rest.empty();) {
            const std::string_view hop = rest.substr(0, rest.find(','));
            rest.remove_prefix(std::min(rest.size(), hop.size() + 1));
            hops.push_back(trimmed(hop));
        }
    }
    return hops;
}

} // namespace

std::string client_of(const http_request& request, const address_list& trusted) {
    std::string client = request.peer;
    auto hops = forwarded_for(request);
    for (; !hops.empty() && trusted.contains(client); hops.pop_back()) {
        if (!read_address(hops.back())) break; // "unknown"
        client = hops.back();
    }
    return client;
}

std::string network_of(const std::string& text) {
    const auto one = read_address(text);
    if (!one || !one->is_v6() || one->to_v6().is_v4_mapped()) return text;
    auto bytes = one->to_v6().to_bytes();
    std::fill(bytes.begin() + 8, bytes.end(), std::uint8_t{0});
    return asio::ip::make_address_v6(bytes).to_string() + "/64";
}

} // namespace atende
