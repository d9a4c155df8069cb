// Identities of the people and messages Atende talks about. Platform ids are opaque strings: some have more
// digits than a double can hold, so they are never numbers here.
#pragma once

#include <compare>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace atende {

// A string that cannot be mistaken for another kind of id.
template <class Tag>
struct id {
    std::string value;

    id() = default;
    explicit id(std::string text) : value(std::move(text)) {}

    [[nodiscard]] bool empty() const { return value.empty(); }
    friend auto operator<=>(const id&, const id&) = default;
};

using account_id = id<struct account_tag>; // the shop's account on the platform
using contact_id = id<struct contact_tag>; // the customer, as that account sees them
using message_id = id<struct message_tag>; // the platform's id of one message

// What an account's or contact's id may be: 1 to 128 letters, digits, '_', '-' and '.'. It becomes a part of
// Redis keys, where another character could make two parts of it.
[[nodiscard]] bool is_plain_id(std::string_view text);

enum class platform_kind {
    instagram,
    web, // the shop's own site: the account is the site, the contact a session of it
};

// As the shop calls it: "Instagram", "Site".
[[nodiscard]] std::string_view display_name(platform_kind platform);
// As a profile lists it: "instagram", "web".
[[nodiscard]] std::string_view channel_name(platform_kind platform);

// One customer talking to one account: what is gathered, leased, answered and remembered as a unit.
struct conversation_id {
    platform_kind platform = platform_kind::instagram;
    account_id account;
    contact_id contact;

    friend auto operator<=>(const conversation_id&, const conversation_id&) = default;

    // "ig:<account>:<contact>" or "web:<site>:<contact>": the form used in Redis keys, logs and the API.
    [[nodiscard]] std::string text() const;
};

// The text form back to its parts; nothing if it is something else.
[[nodiscard]] std::optional<conversation_id> conversation_named(std::string_view text);

// Contacts and accounts of the built-in simulator carry this prefix, which no platform's numeric id can have.
// It decides, in one place, that they only ever talk to the sandbox.
inline constexpr std::string_view simulated_prefix = "sim_";
[[nodiscard]] bool is_simulated(const account_id& account);
[[nodiscard]] bool is_simulated(const contact_id& contact);

} // namespace atende

template <class Tag>
struct std::hash<atende::id<Tag>> {
    std::size_t operator()(const atende::id<Tag>& x) const noexcept {
        return std::hash<std::string>{}(x.value);
    }
};

template <>
struct std::hash<atende::conversation_id> {
    std::size_t operator()(const atende::conversation_id& x) const noexcept {
        const std::size_t account = std::hash<std::string>{}(x.account.value);
        return std::hash<std::string>{}(x.contact.value) ^
               (account + 0x9e3779b97f4a7c15ULL + (account << 6U));
    }
};
