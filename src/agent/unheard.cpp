#include "agent/unheard.hpp"

#include <algorithm>
#include <chrono>

namespace atende {
namespace {

constexpr std::int64_t repeated_after_ms = std::chrono::milliseconds(std::chrono::minutes(30)).count();

bool is_unheard(const attachment& what) {
    return what.sound == hearing::not_understood || what.sound == hearing::too_long;
}

const attachment* first_unheard(const turn& about) {
    for (const auto& message : about.messages) {
        const auto found = std::ranges::find_if(message.attachments, is_unheard);
        if (!message.unsent && found != message.attachments.end()) return &*found;
    }
    return nullptr;
}

} // namespace

bool has_unheard(const turn& about) {
    return first_unheard(about) != nullptr;
}

std::string apology(const turn& about, const unheard_texts& texts, std::int64_t now_ms) {
    const auto* unheard = first_unheard(about);
    if (unheard == nullptr) return {};
    const auto& text = unheard->sound == hearing::too_long ? texts.too_long : texts.not_understood;
    const bool said_lately = std::ranges::any_of(about.history, [&](const history_entry& entry) {
        return entry.who == speaker::bot && entry.at_ms > now_ms - repeated_after_ms &&
               entry.text.contains(text);
    });
    return said_lately ? std::string() : text;
}

std::string with_apology(std::string answer, std::string_view apology) {
    if (!answer.empty() && !apology.empty()) answer += "\n\n";
    return answer.append(apology);
}

} // namespace atende
