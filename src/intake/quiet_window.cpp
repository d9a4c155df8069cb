#include <algorithm>
#include <array>
#include <atende/intake/quiet_window.hpp>
#include <atende/platform/text.hpp>

namespace atende {
namespace {

constexpr std::size_t fragment_characters = 12;

bool ends_a_sentence(std::string_view text) {
    constexpr std::array<std::string_view, 4> marks{".", "!", "?", "…"};
    return std::ranges::any_of(marks, [&](auto mark) { return text.ends_with(mark); });
}

} // namespace

std::chrono::milliseconds quiet_window(const event& what, const quiet_settings& settings) {
    if (settings.fixed) return *settings.fixed;
    if (std::holds_alternative<postback>(what.body)) return settings.complete;
    const auto* message = std::get_if<customer_message>(&what.body);
    if (message == nullptr) return settings.usual;
    if (!message->quick_reply_payload.empty()) return settings.complete;
    const std::string_view text = trimmed(message->text);
    if (text.empty()) return settings.usual;
    const bool is_short = count_characters(text) < fragment_characters;
    if (ends_a_sentence(text)) return is_short ? settings.usual : settings.complete;
    return is_short ? settings.fragment : settings.usual;
}

} // namespace atende
