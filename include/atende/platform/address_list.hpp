// Addresses and networks that somebody may come from, as a person writes them: "127.0.0.0/8, ::1, 10.1.2.3".
#pragma once

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>

#include <atende/platform/async.hpp>
#include <optional>
#include <string_view>
#include <vector>

namespace atende {

// Nothing if it is no IP address.
std::optional<asio::ip::address> read_address(std::string_view text);

class address_list {
public:
    // Commas between them, white space around them is fine. Nothing if one is neither an address nor a
    // network.
    static std::optional<address_list> parse(std::string_view text);

    // Whether `address` is in one of them. An IPv4 address written as IPv6 (::ffff:10.0.0.1) is that IPv4
    // address; what is no address is in none.
    [[nodiscard]] bool contains(std::string_view address) const;

private:
    bool add(std::string_view one);

    std::vector<asio::ip::network_v4> v4_;
    std::vector<asio::ip::network_v6> v6_;
};

} // namespace atende
