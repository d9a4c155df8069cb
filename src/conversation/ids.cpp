#include <algorithm>
#include <array>
#include <atende/conversation/ids.hpp>

namespace atende {
namespace {

struct platform_words {
    std::string_view prefix;
    std::string_view name;
    std::string_view channel;
};
// In the order of platform_kind.
constexpr std::array platforms{platform_words{"ig:", "Instagram", "instagram"},
                               platform_words{"web:", "Site", "web"}};

const platform_words& words_of(platform_kind platform) {
    return platforms.at(static_cast<std::size_t>(platform));
}

} // namespace

std::string_view display_name(platform_kind platform) {
    return words_of(platform).name;
}

std::string_view channel_name(platform_kind platform) {
    return words_of(platform).channel;
}

bool is_plain_id(std::string_view text) {
    constexpr std::size_t longest = 128;
    const auto is_plain = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
               c == '-' || c == '.';
    };
    return !text.empty() && text.size() <= longest && std::ranges::all_of(text, is_plain);
}

std::string conversation_id::text() const {
    std::string out(words_of(platform).prefix);
    out.reserve(out.size() + account.value.size() + 1 + contact.value.size());
    return out.append(account.value).append(1, ':').append(contact.value);
}

std::optional<conversation_id> conversation_named(std::string_view text) {
    for (std::size_t i = 0; i < platforms.size(); ++i) {
        if (!text.starts_with(platforms.at(i).prefix)) continue;
        text.remove_prefix(platforms.at(i).prefix.size());
        const std::size_t colon = text.find(':');
        if (colon == std::string_view::npos) return std::nullopt;
        return conversation_id{.platform = static_cast<platform_kind>(i),
                               .account = account_id(std::string(text.substr(0, colon))),
                               .contact = contact_id(std::string(text.substr(colon + 1)))};
    }
    return std::nullopt;
}

bool is_simulated(const account_id& account) {
    return account.value.starts_with(simulated_prefix);
}
bool is_simulated(const contact_id& contact) {
    return contact.value.starts_with(simulated_prefix);
}

} // namespace atende
