#include <atende/conversation/ids.hpp>

namespace atende {

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
