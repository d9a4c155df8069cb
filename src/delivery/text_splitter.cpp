#include <algorithm>
#include <array>
#include <atende/delivery/text_splitter.hpp>
#include <atende/platform/broken_variant.hpp>
#include <atende/platform/text.hpp>

namespace atende {
namespace {

bool is_blank(char c) {
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

// In front of the last paragraph break; 0 if there is none.
std::size_t paragraph_end(std::string_view window) {
    const std::size_t at = window.rfind("\n\n");
    return at == std::string_view::npos ? 0 : at;
}

// Just behind the last sentence mark that is followed by white space or ends the line.
std::size_t sentence_end(std::string_view window) {
    constexpr std::array<std::string_view, 4> marks{".", "!", "?", "…"};
    std::size_t best = 0;
    for (std::size_t at = window.size(); at > 1; --at) {
        if (!is_blank(window[at - 1])) continue;
        const std::string_view before = window.substr(0, at - 1);
        if (window[at - 1] == '\n' ||
            std::ranges::any_of(marks, [&](auto mark) { return before.ends_with(mark); })) {
            best = at - 1;
            break;
        }
    }
    return best;
}

std::size_t word_end(std::string_view window) {
    for (std::size_t at = window.size(); at > 0; --at) {
        if (is_blank(window[at - 1])) return at - 1;
    }
    return 0;
}

// Where the URL begins that a cut at `cut`, inside a word, would go through; 0 if there is none.
std::size_t start_of_cut_url(std::string_view rest, std::size_t cut) {
    for (const std::string_view scheme : {"https://", "http://", "www."}) {
        const std::size_t at =
            rest.substr(0, cut + scheme.size() - 1).find(scheme); // may begin at its last byte
        if (at != std::string_view::npos && at > 0) return at;
    }
    return 0;
}

// Where to cut `rest`, which is longer than `max_bytes`.
std::size_t cut_of(std::string_view rest, std::size_t max_bytes) {
    // One byte more than fits: white space there is dropped, so what ends right at the limit still fits
    // whole.
    const std::string_view window = rest.substr(0, max_bytes + 1);
    const std::size_t worthwhile = max_bytes / 3; // a better place to cut is not worth a very short message
    if (const std::size_t end = paragraph_end(window); end > worthwhile) return end;
    if (const std::size_t end = sentence_end(window); end > worthwhile) return end;
    if (const std::size_t end = word_end(window); end > 0) return end;
    const std::string_view fits = grapheme_prefix(rest, max_bytes);
    if (const std::size_t url = start_of_cut_url(rest, fits.size()); url > 0) return url;
    if (!fits.empty()) return fits.size();
    std::size_t bytes = max_bytes; // a single grapheme longer than a message: between code points then
    while (bytes > 1 && (static_cast<unsigned char>(rest[bytes]) & 0xC0U) == 0x80U) --bytes;
    return bytes;
}

} // namespace

std::vector<std::string> split_text(std::string_view text, std::size_t max_bytes) {
    if (broken("split_by_characters")) max_bytes += text.size() - count_characters(text);
    std::vector<std::string> pieces;
    std::string_view rest = trimmed(text);
    while (rest.size() > max_bytes) {
        const std::size_t cut = cut_of(rest, max_bytes);
        const std::string_view piece = trimmed(rest.substr(0, cut));
        if (!piece.empty()) pieces.emplace_back(piece);
        rest = trimmed(rest.substr(cut));
    }
    if (!rest.empty()) pieces.emplace_back(rest);
    return pieces;
}

} // namespace atende
