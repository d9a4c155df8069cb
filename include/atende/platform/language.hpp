// The languages in which a person at a terminal is spoken to. Logs and JSON are English always.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace atende {

enum class language { portuguese, english };

// Whether both are there and the one is not a copy of the other.
constexpr bool is_translated(std::string_view portuguese, std::string_view english) {
    return !portuguese.empty() && !english.empty() && portuguese != english;
}

// A text in both. One that lacks its translation does not compile; what is a name in either needs none.
class bilingual {
public:
    consteval bilingual(std::string_view portuguese, std::string_view english)
        : portuguese_(portuguese),
          english_(english) {
        if (!is_translated(portuguese, english)) throw "a text without its translation";
    }
    [[nodiscard]] constexpr std::string_view in(language lang) const {
        return lang == language::english ? english_ : portuguese_;
    }

private:
    std::string_view portuguese_, english_;
};

// in(lang, {"bom dia", "good morning"})
inline std::string in(language lang, bilingual text) {
    return std::string(text.in(lang));
}

// A text made at run time, in both.
struct sentence {
    std::string portuguese, english;

    sentence(bilingual text)
        : portuguese(text.in(language::portuguese)),
          english(text.in(language::english)) {}
    sentence(std::string in_portuguese, std::string in_english)
        : portuguese(std::move(in_portuguese)),
          english(std::move(in_english)) {}
    [[nodiscard]] const std::string& in(language lang) const {
        return lang == language::english ? english : portuguese;
    }
};

} // namespace atende
