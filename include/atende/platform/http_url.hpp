// Where a URL leads, read by the very parser that will connect to it, so that the two cannot disagree.
#pragma once

#include <atende/platform/result.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace atende {

struct http_url {
    std::string scheme; // http or https
    std::string
        host; // lower case, without brackets and last dot; odd spellings of IPv4 (0x7f.1) in usual form
    std::uint16_t port = 0;
};

// errc::invalid_input for what is not http or https, names no host, or holds a user name, white space or a
// control character.
result<http_url> parse_http_url(const std::string& text);

// Where a redirect from `from` leads; `location`, as the server wrote it, may be relative. Errors as above.
result<std::string> redirect_target(const std::string& from, const std::string& location);

// The host of a Host header or of a URL's authority: lower case, without port and brackets.
std::string host_name(std::string_view authority);

// Whether a Host header says localhost or an IP address. A foreign site can make its own name resolve to this
// machine and so reach it from a browser inside, but neither of these.
bool is_safe_from_rebinding(std::string_view host);

// Hosts a person trusts: "n8n.local, 10.0.0.5:5678, [::1]:8080". Without a port, all of them.
class host_list {
public:
    // Nothing if an element is no host.
    static std::optional<host_list> parse(std::string_view text);
    // Exactly these: no wildcards, no subdomains.
    [[nodiscard]] bool contains(const http_url& url) const;

private:
    std::vector<std::pair<std::string, std::uint16_t>> hosts_; // port 0: any
};

} // namespace atende
