#include "agent/profile/voice_reader.hpp"

#include "agent/profile/template_text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <re2/re2.h>

namespace atende {
namespace {

constexpr std::size_t most_words = 100; // a model reads no more than a few hundred tokens of a hint
constexpr std::size_t longest_word = 60;

voice_options::when read_reply(const yaml_map& voice) {
    using when = voice_options::when;
    constexpr std::array<std::string_view, 2> usual{"mirror", "out_of_scope"};
    const std::vector<std::string> words{"never", "mirror", "always", "out_of_scope"}; // as in `when`
    if (!voice.has("reply")) return when::usual;
    const auto said = voice.texts("reply");
    if (std::ranges::is_permutation(said, usual)) return when::usual;
    const auto found = said.size() == 1 ? std::ranges::find(words, said.front()) : words.end();
    if (found != words.end()) return static_cast<when>(found - words.begin() + 1); // behind `usual`
    if (said.size() == 1)
        expect_known(voice, "reply", said, words);
    else
        voice.expected("reply", {fmt::format("{}, ou [mirror, out_of_scope]", fmt::join(words, ", ")),
                                 fmt::format("{}, or [mirror, out_of_scope]", fmt::join(words, ", "))});
    return when::usual;
}

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
    constexpr bilingual wanted{"até 100 nomes ou códigos de até 60 caracteres",
                               "up to 100 names or codes of up to 60 characters"};
    if (read.vocabulary.size() > most_words) from.expected("vocabulary", wanted);
    for (const auto& word : read.vocabulary) {
        if (word.size() > longest_word || word.contains('\n'))
            from.expected("vocabulary", from.item("vocabulary", word), wanted);
    }
    read.reply = read_reply(from);
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
    read.in_words = from.phrases("in_words");
    read.out_words = from.phrases("out_words");
    const bool can_judge = !read.about.empty() || !read.in_words.empty() || !read.out_words.empty();
    if (read.ask == scope_options::when::always && !can_judge)
        from.expected("ask", bilingual{"junto com ela about, in_words ou out_words",
                                       "about, in_words or out_words beside it"});
    return read;
}

} // namespace atende
