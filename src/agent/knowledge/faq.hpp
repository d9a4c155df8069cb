// Questions with a fixed answer.
#pragma once

#include "agent/profile/yaml_reader.hpp"

#include <atende/agent/knowledge_options.hpp>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace atende {

// The list `faq:` of `from`, which is read of `file`. Answers are templates over `variables`, not yet
// rendered.
std::vector<faq_entry> read_faq(const yaml_map& from, const std::string& file,
                                const std::map<std::string, std::string>& variables, problem_list& problems);

// The same file in its own right: faq.yaml, as text.
std::vector<faq_entry> parse_faq(const std::string& yaml, const std::string& file,
                                 const std::map<std::string, std::string>& variables, problem_list& problems);

// Case, accents, punctuation and emojis do not matter; words do.
class faq_book {
public:
    faq_book() = default;
    // A question that two entries have is a problem.
    faq_book(std::vector<faq_entry> entries, problem_list& problems);

    // Null: `text` is not exactly one of the questions.
    [[nodiscard]] const faq_entry* entry_for(std::string_view text) const;
    [[nodiscard]] const std::vector<faq_entry>& entries() const { return entries_; }

private:
    std::vector<faq_entry> entries_;
    std::map<std::string, std::size_t> by_question_; // folded
};

} // namespace atende
