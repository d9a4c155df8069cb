// What a profile says about its knowledge: profile.yaml, `knowledge:`.
#pragma once

#include <atende/conversation/turn.hpp>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace atende {

// A question whose answer is fixed: a customer who writes just that is answered without the model.
struct faq_entry {
    std::vector<std::string> questions; // at least one; spellings of the same
    std::string answer;
    knowledge_source where;
    bool operator==(const faq_entry&) const = default;
};

// Words and phrases that mean the same to a customer. Accents and endings do not matter.
using synonym_group = std::vector<std::string>;

struct knowledge_options {
    std::size_t whole_up_to = 12'000; // characters: so much goes into the prompt as it is; more is searched
    std::size_t chunk_characters = 900;
    std::size_t excerpts = 6;               // chunks shown to the model with a turn, at most
    std::size_t excerpt_characters = 5'000; // and no more than so much text
    std::vector<synonym_group> synonyms;    // besides the built-in ones
    bool built_in_synonyms = true;
    std::vector<faq_entry> faq; // of profile.yaml, as templates; those of faq.yaml come with the files
    std::map<std::string, std::string> variables; // the shop's data, for the fixed answers
    bool operator==(const knowledge_options&) const = default;
};

} // namespace atende
