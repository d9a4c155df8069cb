// Ranks chunks by the words they share with a question: Okapi BM25 over Portuguese stems and meanings.
// https://en.wikipedia.org/wiki/Okapi_BM25
#pragma once

#include "agent/knowledge/chunker.hpp"
#include "agent/knowledge/portuguese.hpp"

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace atende {

struct ranked_chunk {
    std::uint32_t number = 0; // of the chunk
    float score = 0;          // more is better
};

struct knowledge_question {
    std::string text;   // what the customer writes now
    std::string before; // the last exchange, for "e em 12 vezes?"; counts less
};

// Immutable but for its stemmer: one thread at a time.
class text_index {
public:
    text_index(std::span<const knowledge_chunk> chunks, portuguese_analyser analyser);

    // The best first, at most `most`. None that shares nothing with the question, or is far behind the best
    // and does not even mean the same as what is asked now. Equals keep the order of the chunks.
    [[nodiscard]] std::vector<ranked_chunk> search(const knowledge_question& question,
                                                   std::size_t most) const;

    // False for greetings and the like: nothing can be found for them.
    [[nodiscard]] bool says_something(std::string_view text) const { return !analyser_.terms(text).empty(); }

private:
    struct posting {
        std::uint32_t chunk = 0;
        float weight = 0;
    };

    void add_to(std::vector<float>& scores, const std::set<std::string>& terms, float weight) const;
    [[nodiscard]] std::vector<bool> meaning_the_same(const std::set<std::string>& terms) const;

    portuguese_analyser analyser_;
    std::unordered_map<std::string, std::vector<posting>> postings_;
    std::size_t chunks_ = 0;
};

} // namespace atende
