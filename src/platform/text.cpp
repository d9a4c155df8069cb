#include <unicode/brkiter.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/utext.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <array>
#include <atende/platform/text.hpp>
#include <charconv>
#include <cstdint>
#include <iterator>
#include <memory>

namespace atende {
namespace {

std::unique_ptr<icu::BreakIterator> grapheme_iterator() {
    UErrorCode status = U_ZERO_ERROR;
    std::unique_ptr<icu::BreakIterator> iterator(
        icu::BreakIterator::createCharacterInstance(icu::Locale::getRoot(), status));
    return U_SUCCESS(status) ? std::move(iterator) : nullptr;
}

icu::UnicodeString decomposed_lower_case(std::string_view text) {
    UErrorCode status = U_ZERO_ERROR;
    const icu::Normalizer2* decompose = icu::Normalizer2::getNFKDInstance(status);
    icu::UnicodeString source =
        icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())));
    return U_SUCCESS(status) ? decompose->normalize(source.foldCase(), status) : source;
}

bool is_part_of_emoji(UChar32 c) {
    constexpr UChar32 joiner = 0x200D, shown_as_emoji = 0xFE0F, keycap = 0x20E3, first_tag = 0xE0020,
                      last_tag = 0xE007F;
    return u_hasBinaryProperty(c, UCHAR_EXTENDED_PICTOGRAPHIC) ||
           u_hasBinaryProperty(c, UCHAR_EMOJI_MODIFIER) || u_hasBinaryProperty(c, UCHAR_REGIONAL_INDICATOR) ||
           c == joiner || c == shown_as_emoji || c == keycap || (c >= first_tag && c <= last_tag);
}

bool is_mark(UChar32 c) {
    return u_charType(c) == U_NON_SPACING_MARK;
}

} // namespace

bool is_valid_utf8(std::string_view text) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
    const auto length = static_cast<std::int64_t>(text.size());
    std::int64_t at = 0;
    while (at < length) {
        UChar32 code_point = 0;
        U8_NEXT(bytes, at, length, code_point);
        if (code_point < 0) return false;
    }
    return true;
}

std::string with_valid_utf8(std::string_view text) {
    std::string out;
    icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())))
        .toUTF8String(out);
    return out;
}

std::vector<std::size_t> grapheme_ends(std::string_view text) {
    static const std::unique_ptr<icu::BreakIterator> prototype = grapheme_iterator();
    std::vector<std::size_t> ends;
    UErrorCode status = U_ZERO_ERROR;
    UText source = UTEXT_INITIALIZER;
    utext_openUTF8(&source, text.data(), static_cast<std::int64_t>(text.size()), &status);
    std::unique_ptr<icu::BreakIterator> iterator(prototype ? prototype->clone() : nullptr);
    if (iterator && U_SUCCESS(status)) {
        iterator->setText(&source, status);
        for (int at = iterator->next(); at != icu::BreakIterator::DONE; at = iterator->next()) {
            ends.push_back(static_cast<std::size_t>(at));
        }
    }
    utext_close(&source);
    return ends;
}

std::string_view grapheme_prefix(std::string_view text, std::size_t max_bytes) {
    if (text.size() <= max_bytes) return text;
    // A grapheme may start long before the limit and end after it, so look a little beyond.
    std::size_t last = 0;
    for (const std::size_t end : grapheme_ends(text)) {
        if (end > max_bytes) break;
        last = end;
    }
    return text.substr(0, last);
}

std::size_t count_characters(std::string_view text) {
    std::size_t count = 0;
    for (const char byte : text) count += (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U ? 1 : 0;
    return count;
}

std::string without_accents(std::string_view text) {
    const icu::UnicodeString source = decomposed_lower_case(text);
    icu::UnicodeString kept;
    for (std::int32_t at = 0; at < source.length(); at = source.moveIndex32(at, 1)) {
        if (const UChar32 c = source.char32At(at); !is_mark(c)) kept.append(c);
    }
    std::string out;
    kept.toUTF8String(out);
    return out;
}

std::string folded(std::string_view text) {
    const icu::UnicodeString source = decomposed_lower_case(text);
    icu::UnicodeString kept;
    bool gap = false;
    for (std::int32_t at = 0; at < source.length(); at = source.moveIndex32(at, 1)) {
        const UChar32 c = source.char32At(at);
        if (is_mark(c)) continue;
        if (!u_isalnum(c)) {
            gap = true;
            continue;
        }
        if (gap && !kept.isEmpty()) kept.append(UChar32{' '});
        gap = false;
        kept.append(c);
    }
    std::string out;
    kept.toUTF8String(out);
    return out;
}

std::string lower_case(std::string_view text) {
    std::string lower(text);
    for (char& c : lower) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return lower;
}

std::string percent_encoded(std::string_view text) {
    constexpr std::string_view hex = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool unreserved = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                c == '-' || c == '_' || c == '.' || c == '~';
        if (unreserved) {
            out += c;
        } else {
            out.append({'%', hex[byte >> 4U], hex[byte & 15U]});
        }
    }
    return out;
}

std::string percent_decoded(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        unsigned code = 0;
        const char* const digits = text.data() + at + 1;
        const bool escaped = text[at] == '%' && at + 2 < text.size() &&
                             std::from_chars(digits, digits + 2, code, 16).ptr == digits + 2;
        out += escaped ? static_cast<char>(code) : text[at];
        if (escaped) at += 2;
    }
    return out;
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n\v\f";
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::string without_white_space(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    std::ranges::copy_if(text, std::back_inserter(out),
                         [](char c) { return c != ' ' && c != '\n' && c != '\r' && c != '\t'; });
    return out;
}

std::string without_hidden_characters(std::string_view text) {
    std::string clean;
    clean.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const auto byte = static_cast<unsigned char>(text[at]);
        const std::size_t length = byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
        const auto character = text.substr(at, length);
        at += length;
        const bool control = (byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7F ||
                             (character >= "\u0080" && character <= "\u009F");
        const bool hidden = (character >= "\u200B" && character <= "\u200F") ||
                            (character >= "\u202A" && character <= "\u202E") ||
                            (character >= "\u2060" && character <= "\u206F") || character == "\uFEFF" ||
                            (character >= "\U000E0000" && character <= "\U000E007F");
        if (!control && !hidden) clean += character;
    }
    return clean;
}

std::string without_emojis(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    const auto length = static_cast<std::int32_t>(text.size());
    for (std::int32_t at = 0; at < length;) {
        const auto begin = at;
        UChar32 c = 0;
        U8_NEXT(text.data(), at, length, c);
        if (!is_part_of_emoji(c))
            out.append(text, static_cast<std::size_t>(begin), static_cast<std::size_t>(at - begin));
    }
    return out;
}

void append_json_escaped(std::string& out, std::string_view text) {
    constexpr std::string_view hex = "0123456789abcdef";
    std::size_t copied = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const auto byte = static_cast<unsigned char>(text[at]);
        if (byte >= 0x20 && byte != '"' && byte != '\\') continue;
        out.append(text, copied, at - copied);
        copied = at + 1;
        switch (byte) {
        case '"': out += "\\\""; break;
        case '\\': out += "\\\\"; break;
        case '\n': out += "\\n"; break;
        case '\r': out += "\\r"; break;
        case '\t': out += "\\t"; break;
        default:
            out += "\\u00";
            out += hex[byte >> 4U];
            out += hex[byte & 0xFU];
        }
    }
    out.append(text, copied, text.size() - copied);
}

} // namespace atende
