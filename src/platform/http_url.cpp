#include <boost/asio/ip/address.hpp>
#include <curl/curl.h>

#include <algorithm>
#include <atende/platform/http_url.hpp>
#include <atende/platform/text.hpp>
#include <charconv>
#include <memory>

namespace atende {
namespace {

struct url_deleter {
    void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

std::string part(CURLU* url, CURLUPart which, unsigned flags = 0) {
    char* text = nullptr;
    if (curl_url_get(url, which, &text, flags) != CURLUE_OK) return {};
    std::string copy(text);
    curl_free(text);
    return copy;
}

} // namespace

result<http_url> parse_http_url(const std::string& text) {
    const auto is_odd = [](char c) { return (c >= 0 && c <= ' ') || c == '\x7f'; };
    if (std::ranges::any_of(text, is_odd))
        return fail(errc::invalid_input, "a URL without white space or control characters");
    if (!text.starts_with("https://") &&
        !text.starts_with("http://")) // curl would take //host and HTTP:/host
        return fail(errc::invalid_input, "a URL that starts with https:// or http://");
    if (text.find(":///") == text.find("://")) // curl would take the path for the host
        return fail(errc::invalid_input, "a URL with a host");
    const std::unique_ptr<CURLU, url_deleter> url(curl_url());
    const auto read = curl_url_set(url.get(), CURLUPART_URL, text.c_str(), CURLU_DISALLOW_USER);
    if (read == CURLUE_USER_NOT_ALLOWED)
        return fail(errc::invalid_input, "a URL without user name; secrets go into headers");
    if (read != CURLUE_OK) return fail(errc::invalid_input, "a URL with a host");
    http_url out{.scheme = part(url.get(), CURLUPART_SCHEME),
                 .host = lower_case(part(url.get(), CURLUPART_HOST)),
                 .port = 0};
    if (out.host.starts_with('[') && out.host.ends_with(']'))
        out.host = out.host.substr(1, out.host.size() - 2);
    if (out.host.ends_with('.')) out.host.pop_back();
    const std::string port = part(url.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT);
    std::from_chars(port.data(), port.data() + port.size(), out.port);
    if (out.host.empty() || out.port == 0) return fail(errc::invalid_input, "a URL with a host");
    return out;
}

result<std::string> redirect_target(const std::string& from, const std::string& location) {
    const std::unique_ptr<CURLU, url_deleter> url(curl_url());
    const bool leads_somewhere = !location.empty() &&
                                 curl_url_set(url.get(), CURLUPART_URL, from.c_str(), 0) == CURLUE_OK &&
                                 curl_url_set(url.get(), CURLUPART_URL, location.c_str(), 0) == CURLUE_OK;
    if (!leads_somewhere) return fail(errc::invalid_input, "a redirect that leads to a URL");
    auto target = part(url.get(), CURLUPART_URL);
    if (auto fits = parse_http_url(target); !fits) return std::unexpected(std::move(fits.error()));
    return target;
}

std::string host_name(std::string_view authority) {
    if (authority.starts_with('[')) return lower_case(authority.substr(1, authority.find(']') - 1));
    return lower_case(authority.substr(0, authority.find(':')));
}

bool is_safe_from_rebinding(std::string_view host) {
    const auto name = host_name(host);
    if (name == "localhost" || name.ends_with(".localhost")) return true;
    boost::system::error_code not_an_address;
    boost::asio::ip::make_address(name, not_an_address);
    return !not_an_address;
}

std::optional<host_list> host_list::parse(std::string_view text) {
    host_list list;
    while (!trimmed(text).empty()) {
        const std::size_t comma = std::min(text.find(','), text.size());
        const std::string one(trimmed(text.substr(0, comma)));
        const auto url = parse_http_url("https://" + one + "/");
        if (!url || one.find_first_of("/?#*@\\") != std::string::npos) return std::nullopt;
        const bool has_port =
            one.find(':', one.find(']') == std::string::npos ? 0 : one.find(']')) != std::string::npos;
        list.hosts_.emplace_back(url->host, has_port ? url->port : std::uint16_t{0});
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
    return list;
}

bool host_list::contains(const http_url& url) const {
    return std::ranges::any_of(hosts_, [&url](const auto& known) {
        return known.first == url.host && (known.second == 0 || known.second == url.port);
    });
}

} // namespace atende
