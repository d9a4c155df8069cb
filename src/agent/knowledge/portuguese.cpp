#include "agent/knowledge/portuguese.hpp"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <array>
#include <atende/platform/text.hpp>
#include <cstdint>
#include <libstemmer.h>
#include <stdexcept>

namespace atende {
namespace {

constexpr std::string_view price_word = "preco"; // what "R$" says

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// The end of the run of letters that begins at `at`; `at` itself if there is none.
std::size_t end_of_letters(std::string_view text, std::size_t at) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
    const auto length = static_cast<std::int64_t>(text.size());
    auto next = static_cast<std::int64_t>(at);
    while (next < length) {
        const auto here = next;
        UChar32 c = 0;
        U8_NEXT(bytes, next, length, c);
        if (c < 0 || !u_isalpha(c)) return static_cast<std::size_t>(here);
    }
    return text.size();
}

// Points and commas belong to a number only between digits.
std::size_t end_of_number(std::string_view text, std::size_t at) {
    while (at < text.size()) {
        const bool separates =
            (text[at] == '.' || text[at] == ',') && at + 1 < text.size() && is_digit(text[at + 1]);
        if (!is_digit(text[at]) && !separates) break;
        ++at;
    }
    return at;
}

bool groups_thousands(std::string_view number, std::size_t point) {
    const std::string_view behind = number.substr(point + 1);
    const auto digits = static_cast<std::size_t>(std::ranges::find_if_not(behind, is_digit) - behind.begin());
    return number[point] == '.' && digits == 3;
}

// "1.997,00" and "1997" become the same, and so do "08" and "8".
std::string canonical_number(std::string_view written) {
    std::string number;
    for (std::size_t i = 0; i < written.size(); ++i) {
        if (is_digit(written[i])) {
            number += written[i];
        } else if (!groups_thousands(written, i)) {
            number += ',';
        }
    }
    if (number.contains(',')) {
        while (number.back() == '0') number.pop_back();
        if (number.back() == ',') number.pop_back();
    }
    const std::size_t zeros = std::min(number.find_first_not_of('0'), number.size() - 1);
    return number.substr(zeros);
}

// Snowball's stemmer expects accents, which people leave out in chats, and does not know all plurals. So
// accents go first, plurals become singulars, and the endings it looks for get their accents back.
std::string as_snowball_expects(std::string_view word) {
    struct ending {
        std::string_view written;
        std::string_view expected;
    };
    static constexpr std::array<ending, 13> endings{{
        {"coes", "ção"},
        {"oes", "ão"},
        {"cao", "ção"},
        {"ao", "ão"},
        {"aveis", "ável"},
        {"iveis", "ível"},
        {"avel", "ável"},
        {"ivel", "ível"},
        {"ais", "al"},
        {"eis", "el"},
        {"encia", "ência"},
        {"encias", "ência"},
        {"ns", "m"},
    }};
    for (const auto& [written, expected] : endings) {
        if (word.size() < written.size() + 2 || !word.ends_with(written)) continue;
        return std::string(word.substr(0, word.size() - written.size())).append(expected);
    }
    return std::string(word);
}

// "marque" is of "marcar", "entregue" of "entregar": only the spelling differs.
std::string with_hard_end(std::string stem) {
    if (stem.size() < 4 || !stem.ends_with('u')) return stem;
    if (stem.ends_with("gu")) stem.pop_back();
    if (stem.ends_with("qu")) stem.replace(stem.size() - 2, 2, "c");
    return stem;
}

} // namespace

void portuguese_analyser::stemmer_deleter::operator()(sb_stemmer* stemmer) const {
    sb_stemmer_delete(stemmer);
}

portuguese_analyser::portuguese_analyser(std::span<const synonym_group> groups)
    : stemmer_(sb_stemmer_new("portuguese", "UTF_8")) {
    if (!stemmer_) throw std::runtime_error("libstemmer was built without Portuguese");
    std::size_t number = 0;
    for (const auto& group : groups) {
        const std::string meaning = "#" + std::to_string(number++);
        for (const auto& said : group) {
            phrase one{.stems = {}, .meaning = meaning};
            for (auto& token : tokens(said)) one.stems.push_back(std::move(token.stem));
            if (!one.stems.empty()) phrases_[one.stems.front()].push_back(std::move(one));
        }
    }
}

portuguese_analyser::~portuguese_analyser() = default;
portuguese_analyser::portuguese_analyser(portuguese_analyser&&) noexcept = default;
portuguese_analyser& portuguese_analyser::operator=(portuguese_analyser&&) noexcept = default;

portuguese_analyser::token portuguese_analyser::word(std::string_view written) const {
    const std::string prepared = as_snowball_expects(written);
    const auto* symbols = reinterpret_cast<const sb_symbol*>(prepared.data());
    const auto* stem = sb_stemmer_stem(stemmer_.get(), symbols, static_cast<int>(prepared.size()));
    const auto length = static_cast<std::size_t>(sb_stemmer_length(stemmer_.get()));
    const std::string_view found(reinterpret_cast<const char*>(stem), length);
    const bool plain =
        std::ranges::all_of(found, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    return {.stem = with_hard_end(plain ? std::string(found) : without_accents(found)),
            .stop = is_stop_word(written)};
}

std::vector<portuguese_analyser::token> portuguese_analyser::tokens(std::string_view text) const {
    const std::string plain = without_accents(text);
    std::vector<token> all;
    for (std::size_t at = 0; at < plain.size();) {
        if (is_digit(plain[at])) {
            const std::size_t end = end_of_number(plain, at);
            all.push_back({.stem = canonical_number(std::string_view(plain).substr(at, end - at))});
            at = end;
            continue;
        }
        const std::size_t end = end_of_letters(plain, at);
        if (end == at) {
            ++at;
            continue;
        }
        const auto letters = std::string_view(plain).substr(at, end - at);
        const bool is_money = letters == "r" && end < plain.size() && plain[end] == '$';
        all.push_back(word(is_money ? price_word : letters));
        at = end;
    }
    return all;
}

std::vector<std::string> portuguese_analyser::terms(std::string_view text) const {
    auto said = tokens(text);
    std::vector<std::string> meanings;
    for (std::size_t at = 0; at < said.size(); ++at) {
        const auto found = phrases_.find(said[at].stem);
        if (found == phrases_.end()) continue;
        for (const auto& phrase : found->second) {
            const auto rest = std::span(said).subspan(at);
            const auto same = [](const std::string& stem, const token& t) { return stem == t.stem; };
            if (rest.size() >= phrase.stems.size() &&
                std::ranges::equal(phrase.stems, rest.first(phrase.stems.size()), same))
                meanings.push_back(phrase.meaning);
        }
    }
    std::vector<std::string> all;
    for (auto& token : said) {
        if (!token.stop) all.push_back(std::move(token.stem));
    }
    std::ranges::move(meanings, std::back_inserter(all));
    return all;
}

} // namespace atende
