#include <boost/asio/ip/address.hpp>

#include <atende/platform/address_list.hpp>
#include <atende/platform/public_address.hpp>

namespace atende {

bool is_public_address(std::string_view numeric) {
    static const auto special =
        *address_list::parse("0.0.0.0/8, 10.0.0.0/8, 100.64.0.0/10, 127.0.0.0/8, 169.254.0.0/16, "
                             "172.16.0.0/12, 192.0.0.0/24, 192.0.2.0/24, 192.88.99.0/24, 192.168.0.0/16, "
                             "198.18.0.0/15, 198.51.100.0/24, 203.0.113.0/24, 224.0.0.0/3, "
                             "2001::/23, 2001:db8::/32, 2002::/16, 3fff::/20");
    // The only block of IPv6 that is handed out. An IPv4 address written as IPv6 is not in it.
    static const auto given_out = *address_list::parse("2000::/3");
    boost::system::error_code odd;
    const auto address = asio::ip::make_address(numeric, odd);
    if (odd || special.contains(numeric)) return false;
    return address.is_v4() || given_out.contains(numeric);
}

} // namespace atende
