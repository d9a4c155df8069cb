#include <algorithm>
#include <atende/conversation/ids.hpp>

namespace atende {

bool is_plain_id(std::string_view text) {
    constexpr std::size_t longest = 128;
    const auto is_plain = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
               c == '-' || c == '.';
    };
    return !text.empty() && text.size() <= longest && std::ranges::all_of(text, is_plain);
}

std::string conversation_id::text() const {
    std::string out = "ig:";
    out.reserve(out.size() + account.value.size() + 1 + contact.value.size());
    return out.append(account.value).append(1, ':').append(contact.value);
}

bool is_simulated(const account_id& account) {
    return account.value.starts_with(simulated_prefix);
}
bool is_simulated(const contact_id& contact) {
    return contact.value.starts_with(simulated_prefix);
}

} // namespace atende
