#include "voice/spoken_text.hpp"

#include <algorithm>
#include <atende/platform/text.hpp>

namespace atende {
namespace {

constexpr std::string_view link_comes_in_writing = "(o link vai por escrito)";
constexpr std::string_view punctuation = ".,;:!?)";

bool is_letter(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_link(std::string_view word) {
    return word.contains("://") || word.starts_with("www.") || word.contains("wa.me/");
}

// "loja.com.br", "a@b": a dot or an at sign within a word.
bool is_address(std::string_view word) {
    for (std::size_t at = 1; at + 1 < word.size(); ++at) {
        const bool joins = word[at] == '.' || word[at] == '@';
        if (joins && is_letter(word[at - 1]) && is_letter(word[at + 1])) return true;
    }
    return false;
}

// Calls `take` with each word and with the white space in front of it.
template <class Take>
void for_each_word(std::string_view text, Take take) {
    constexpr std::string_view blanks = " \n\t\r";
    while (!text.empty()) {
        const std::size_t begin = std::min(text.find_first_not_of(blanks), text.size());
        const std::size_t end = std::min(text.find_first_of(blanks, begin), text.size());
        take(text.substr(begin, end - begin), text.substr(0, begin));
        text.remove_prefix(end);
    }
}

void append_words(std::string& out, std::string_view word) {
    if (is_link(word)) {
        const std::size_t end = word.find_last_not_of(punctuation);
        out.append(link_comes_in_writing).append(word.substr(end + 1));
        return;
    }
    std::ranges::copy_if(without_emojis(word), std::back_inserter(out),
                         [](char c) { return !std::string_view("*`#").contains(c); });
}

} // namespace

std::string words_to_say(std::string_view text) {
    std::string said;
    for_each_word(text, [&](std::string_view word, std::string_view before) {
        const auto end = said.size();
        said += before;
        append_words(said, word);
        if (said.size() == end + before.size()) said.resize(end);
    });
    if (!std::ranges::any_of(said, [](char c) { return is_letter(c) || is_digit(c); })) return {};
    return std::string(trimmed(said));
}

bool is_to_be_read_too(std::string_view text) {
    bool found = std::ranges::any_of(text, is_digit);
    for_each_word(text, [&](std::string_view word, std::string_view) {
        found = found || is_link(word) || is_address(word);
    });
    return found;
}

} // namespace atende
