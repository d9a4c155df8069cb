#include "agent/knowledge/sentences.hpp"

#include <unicode/brkiter.h>
#include <unicode/filteredbrk.h>
#include <unicode/utext.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

namespace atende {
namespace {

// Besides those that ICU knows of Portuguese.
constexpr std::array abbreviations{
    u"Sr.", u"Sra.", u"Dr.",  u"Dra.",  u"Prof.", u"Profa.", u"Tel.", u"tel.",   u"Cel.", u"cel.", u"Av.",
    u"av.", u"R.",   u"Rod.", u"Al.",   u"Pça.",  u"nº.",    u"n.",   u"aprox.", u"obs.", u"Obs.", u"ex.",
    u"Ex.", u"vs.",  u"Cia.", u"Ltda.", u"pág.",  u"ref.",   u"Ref.", u"mín.",   u"máx."};

std::unique_ptr<icu::BreakIterator> sentence_iterator() {
    UErrorCode status = U_ZERO_ERROR;
    const icu::Locale portuguese("pt");
    const std::unique_ptr<icu::FilteredBreakIteratorBuilder> filter(
        icu::FilteredBreakIteratorBuilder::createInstance(portuguese, status));
    auto* plain = icu::BreakIterator::createSentenceInstance(portuguese, status);
    if (U_FAILURE(status) || !filter) return nullptr;
    for (const auto* each : abbreviations) filter->suppressBreakAfter(each, status);
    return std::unique_ptr<icu::BreakIterator>(filter->wrapIteratorWithFilter(plain, status));
}

} // namespace

std::vector<std::size_t> sentence_ends(std::string_view text) {
    const auto iterator = sentence_iterator();
    if (!iterator) return {text.size()};
    std::string one_line(text);
    std::ranges::replace_if(one_line, [](char c) { return c == '\n' || c == '\r'; }, ' ');
    UErrorCode status = U_ZERO_ERROR;
    UText source = UTEXT_INITIALIZER;
    utext_openUTF8(&source, one_line.data(), static_cast<std::int64_t>(one_line.size()), &status);
    std::vector<std::size_t> ends;
    if (U_SUCCESS(status)) {
        iterator->setText(&source, status);
        for (int at = iterator->next(); at != icu::BreakIterator::DONE; at = iterator->next())
            ends.push_back(static_cast<std::size_t>(at));
    }
    utext_close(&source);
    if (ends.empty() || ends.back() != text.size()) ends.push_back(text.size());
    return ends;
}

} // namespace atende
