#include "agent/profile/voice_reader.hpp"

#include "agent/profile/template_text.hpp"

#include <algorithm>
#include <array>
#include <re2/re2.h>

namespace atende {
namespace {

constexpr std::size_t most_words = 100; // a model reads no more than a few hundred tokens of a hint
constexpr std::size_t longest_word = 60;

} // namespace

voice_options read_voice(const yaml_map& root) {
    const auto from = root.map("voice", {"language", "vocabulary", "reply"});
    voice_options read;
    if (from.has("language")) read.language = from.text("language");
    static const RE2 code("[a-z]{2}");
    if (!RE2::FullMatch(read.language, code))
        from.expected("language",
                      bilingual{"duas letras minúsculas, como pt", "two small letters, such as pt"});
    read.vocabulary = from.texts("vocabulary");
    const bool fits = read.vocabulary.size() <= most_words &&
                      std::ranges::all_of(read.vocabulary, [](const std::string& word) {
                          return word.size() <= longest_word && !word.contains('\n');
                      });
    if (!fits)
        from.expected("vocabulary", bilingual{"até 100 nomes ou códigos de até 60 caracteres",
                                              "up to 100 names or codes of up to 60 characters"});
    constexpr std::array<std::string_view, 4> replies{"never", "mirror", "always", "out_of_scope"};
    if (from.has("reply")) {
        const auto at = std::ranges::find(replies, from.choice("reply", replies)) - replies.begin();
        read.reply = static_cast<voice_options::when>(at + 1); // behind `usual`
    }
    return read;
}

scope_options read_scope(const yaml_map& root, const std::set<std::string>& known) {
    const auto from = root.map("scope", {"ask", "about", "in_words", "out_words"});
    constexpr std::array<std::string_view, 3> times{"when_needed", "always", "never"};
    scope_options read;
    const auto ask = from.choice("ask", times);
    read.ask = ask == "always"  ? scope_options::when::always
               : ask == "never" ? scope_options::when::never
                                : scope_options::when::needed;
    read.about = from.optional_text("about");
    if (const auto problem = template_problem(read.about, known)) from.wrong("about", *problem);
    read.in_words = from.texts("in_words");
    read.out_words = from.texts("out_words");
    const bool can_judge = !read.about.empty() || !read.in_words.empty() || !read.out_words.empty();
    if (read.ask == scope_options::when::always && !can_judge)
        from.expected("ask", bilingual{"junto com ela about, in_words ou out_words",
                                       "about, in_words or out_words beside it"});
    return read;
}

} // namespace atende
