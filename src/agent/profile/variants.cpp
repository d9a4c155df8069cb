#include <atende/agent/profile.hpp>
#include <atende/platform/crypto.hpp>
#include <cmath>
#include <limits>

namespace atende {
namespace {

// In (0, 1), the same for these two names everywhere and always.
double draw(std::string_view contact, std::string_view variant) {
    const auto digest = sha256(std::string(contact).append(1, '\n').append(variant));
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < 6; ++i) bits = bits << 8U | digest.at(i);
    return (static_cast<double>(bits) + 0.5) / static_cast<double>(std::uint64_t{1} << 48U);
}

} // namespace

// Weighted rendezvous hashing: each variant draws for the contact, the best draw has it.
const prompt_variant& variant_for(const std::vector<prompt_variant>& variants, std::string_view contact) {
    const prompt_variant* chosen = &variants.front();
    if (variants.size() == 1) return *chosen;
    double best = -std::numeric_limits<double>::infinity();
    for (const auto& one : variants) {
        if (one.weight == 0) continue;
        const double drawn = std::log(draw(contact, one.name)) / one.weight;
        if (drawn <= best) continue;
        best = drawn;
        chosen = &one;
    }
    return *chosen;
}

} // namespace atende
