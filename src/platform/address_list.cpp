#include <algorithm>
#include <atende/platform/address_list.hpp>
#include <atende/platform/text.hpp>
#include <charconv>

namespace atende {
namespace {

using asio::ip::address;

constexpr unsigned short bits_before_mapped = 96; // of an IPv4 address within IPv6

bool is_mapped(const address& one) {
    return one.is_v6() && one.to_v6().is_v4_mapped();
}

asio::ip::address_v4 mapped(const address& one) {
    return asio::ip::make_address_v4(asio::ip::v4_mapped, one.to_v6());
}

std::optional<unsigned short> read_length(std::string_view text, unsigned short longest) {
    unsigned short length = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), length);
    if (failed != std::errc{} || end != text.data() + text.size() || length > longest) return std::nullopt;
    return length;
}

} // namespace

std::optional<asio::ip::address> read_address(std::string_view text) {
    boost::system::error_code odd;
    auto read = asio::ip::make_address(text, odd);
    if (odd) return std::nullopt;
    return read;
}

std::optional<address_list> address_list::parse(std::string_view text) {
    address_list list;
    while (true) {
        const std::size_t comma = text.find(',');
        if (!list.add(trimmed(text.substr(0, comma)))) return std::nullopt;
        if (comma == std::string_view::npos) return list;
        text.remove_prefix(comma + 1);
    }
}

bool address_list::add(std::string_view one) {
    const std::size_t slash = one.find('/');
    const auto base = read_address(one.substr(0, slash));
    if (!base) return false;
    const unsigned short longest = base->is_v4() ? 32 : 128;
    const auto length = slash == std::string_view::npos ? std::optional(longest)
                                                        : read_length(one.substr(slash + 1), longest);
    if (!length) return false;
    if (base->is_v4()) {
        v4_.push_back(asio::ip::make_network_v4(base->to_v4(), *length).canonical());
    } else if (is_mapped(*base) && *length >= bits_before_mapped) {
        const auto rest = static_cast<unsigned short>(*length - bits_before_mapped);
        v4_.push_back(asio::ip::make_network_v4(mapped(*base), rest).canonical());
    } else {
        v6_.push_back(asio::ip::make_network_v6(base->to_v6(), *length).canonical());
    }
    return true;
}

bool address_list::contains(std::string_view text) const {
    const auto one = read_address(text);
    if (!one) return false;
    // A network of the same length around the address is the same network exactly when the address is in it.
    if (one->is_v6() && !is_mapped(*one)) {
        const auto v6 = one->to_v6();
        return std::ranges::any_of(v6_, [&v6](const auto& network) {
            return asio::ip::make_network_v6(v6, network.prefix_length()).canonical() == network;
        });
    }
    const auto v4 = one->is_v4() ? one->to_v4() : mapped(*one);
    return std::ranges::any_of(v4_, [&v4](const auto& network) {
        return asio::ip::make_network_v4(v4, network.prefix_length()).canonical() == network;
    });
}

} // namespace atende
