// Portuguese as search sees it: "preços", "Preço" and "preco" are one word, "1.997,00" and "1997" one number,
// and "quanto custa" means the same as "preço" and as "R$ 497".
#pragma once

#include <atende/agent/knowledge_options.hpp>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

struct sb_stemmer;

namespace atende {

// What customers of most shops mean, in the words they use: price, payment, opening hours, address, delivery…
std::vector<synonym_group> built_in_synonyms();

// A word that says nothing about the matter; in lower case, without accents.
bool is_stop_word(std::string_view word);

// One thread at a time.
class portuguese_analyser {
public:
    explicit portuguese_analyser(std::span<const synonym_group> groups);
    ~portuguese_analyser();
    portuguese_analyser(portuguese_analyser&&) noexcept;
    portuguese_analyser& operator=(portuguese_analyser&&) noexcept;

    // Stems and numbers in the order of the text, without stop words; then a term that begins with '#' for
    // each time that something of a synonym group was said.
    [[nodiscard]] std::vector<std::string> terms(std::string_view text) const;

private:
    struct token {
        std::string stem;
        bool stop = false;
    };
    struct phrase {
        std::vector<std::string> stems;
        std::string meaning;
    };
    struct stemmer_deleter {
        void operator()(sb_stemmer* stemmer) const;
    };

    [[nodiscard]] std::vector<token> tokens(std::string_view text) const;
    [[nodiscard]] token word(std::string_view written) const;

    std::unique_ptr<sb_stemmer, stemmer_deleter> stemmer_;
    std::unordered_map<std::string, std::vector<phrase>> phrases_; // by their first stem
};

} // namespace atende
