// What a customer is told about voice notes that nobody could listen to.
#pragma once

#include <atende/conversation/turn.hpp>
#include <cstdint>
#include <string>
#include <string_view>

namespace atende {

struct unheard_texts {
    std::string not_understood;
    std::string too_long;
};

bool has_unheard(const turn& about);

// The text for the first voice note of this turn that was not heard. Empty: there is none, or the customer
// was told the same in the last half hour.
std::string apology(const turn& about, const unheard_texts& texts, std::int64_t now_ms);

// `answer`, and then `apology` if there is one.
std::string with_apology(std::string answer, std::string_view apology);

} // namespace atende
