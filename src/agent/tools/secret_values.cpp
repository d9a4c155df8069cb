#include "agent/tools/secret_values.hpp"

#include <algorithm>
#include <array>
#include <atende/platform/text.hpp>
#include <string_view>

namespace atende {
namespace {

constexpr std::size_t surely_secret = 12;  // what is shorter may be a word or a number…
constexpr std::size_t shortest_secret = 6; // …unless its name says otherwise

bool names_a_secret(std::string_view variable) {
    const auto lower = lower_case(variable);
    constexpr std::array<std::string_view, 7> telling{"auth",   "chave", "key",  "pass",
                                                      "secret", "senha", "token"};
    return std::ranges::any_of(telling, [&](std::string_view word) { return lower.contains(word); });
}

// https://shop.example, but not https://hooks.example/T0/B0/xyz: whoever knows that may ask it.
bool is_bare_address(const declared_tool_spec& spec, const std::string& variable, std::string_view value) {
    const auto& parts = spec.url.parts();
    if (parts.empty() || !parts.front().is_name || parts.front().text != "env." + variable) return false;
    const auto host = value.find("://");
    return host != std::string_view::npos && value.find_first_of("/?", host + 3) >= value.size() - 1;
}

} // namespace

secret_values::secret_values(const declared_tool_spec& spec,
                             const std::map<std::string, std::string>& environment) {
    for (const auto& [variable, value] : environment) {
        const bool is_secret =
            value.size() >= surely_secret || (value.size() >= shortest_secret && names_a_secret(variable));
        if (!is_secret || is_bare_address(spec, variable, value)) continue;
        written_.push_back(value);
        written_.push_back(percent_encoded(value));
    }
    std::ranges::sort(written_, [](const auto& a, const auto& b) { return a.size() > b.size(); });
}

std::string secret_values::blotted(std::string text) const {
    for (const auto& secret : written_) {
        for (auto at = text.find(secret); at != std::string::npos; at = text.find(secret, at))
            text.replace(at, secret.size(), "***");
    }
    return text;
}

} // namespace atende
