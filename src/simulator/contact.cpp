#include "simulator/contact.hpp"

#include <algorithm>
#include <atende/conversation/ids.hpp>

namespace atende {

bool is_simulator_contact(std::string_view contact) {
    if (!contact.starts_with(simulated_prefix)) return false;
    contact.remove_prefix(simulated_prefix.size());
    const auto is_letter_or_digit = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    };
    return !contact.empty() && contact.size() <= 32 && std::ranges::all_of(contact, is_letter_or_digit);
}

} // namespace atende
