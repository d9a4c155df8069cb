#include "agent/knowledge/faq.hpp"

#include "agent/profile/template_text.hpp"

#include <fmt/format.h>

#include <atende/platform/text.hpp>
#include <set>

namespace atende {
namespace {

constexpr std::size_t most_values = 100'000; // it is long by nature, and plain

// The lines of an entry, for whoever wants to know where an answer came from.
knowledge_source place_of(const YAML::Node& entry, const std::string& file) {
    const int first = entry.Mark().is_null() ? 0 : entry.Mark().line + 1;
    int last = first;
    if (entry.IsMap() && entry["answer"] && !entry["answer"].Mark().is_null())
        last = entry["answer"].Mark().line + 1;
    return {.file = file, .first_line = first, .last_line = std::max(first, last)};
}

} // namespace

std::vector<faq_entry> read_faq(const yaml_map& from, const std::string& file,
                                const std::map<std::string, std::string>& variables, problem_list& problems) {
    std::set<std::string> known;
    for (const auto& [name, value] : variables) known.insert(name);
    std::vector<faq_entry> entries;
    for (const auto& item : from.items("faq")) {
        const yaml_map entry(item, file, "faq.", {"questions", "answer"}, problems);
        faq_entry read{.questions = entry.texts("questions"),
                       .answer = entry.text("answer"),
                       .where = place_of(item, file)};
        if (read.questions.empty())
            entry.expected("questions", bilingual{"ao menos uma pergunta", "at least one question"});
        for (const auto& question : read.questions) {
            if (folded(question).empty())
                entry.expected("questions", entry.item("questions", question),
                               bilingual{"palavras em cada pergunta", "words in every question"});
        }
        if (const auto problem = template_problem(read.answer, known)) {
            entry.wrong("answer", *problem);
            read.answer.clear(); // else it would be rendered
        }
        entries.push_back(std::move(read));
    }
    return entries;
}

std::vector<faq_entry> parse_faq(const std::string& yaml, const std::string& file,
                                 const std::map<std::string, std::string>& variables,
                                 problem_list& problems) {
    const auto document = read_yaml(
        yaml, file, problems, most_values,
        {"; numa [lista], textos com ? precisam de aspas", "; in a [list], texts with ? need quotes"});
    return read_faq(yaml_map(document, file, "", {"faq"}, problems), file, variables, problems);
}

faq_book::faq_book(std::vector<faq_entry> entries, problem_list& problems) : entries_(std::move(entries)) {
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        const auto& where = entries_[i].where;
        for (const auto& question : entries_[i].questions) {
            const auto [found, added] = by_question_.emplace(folded(question), i);
            if (added || found->second == i) continue;
            const auto& first = entries_[found->second].where;
            problems.add(where.file, where.first_line,
                         {fmt::format("espera outra pergunta que não '{}', respondida em {}:{}", question,
                                      first.file, first.first_line),
                          fmt::format("expected another question than '{}', which is answered at {}:{}",
                                      question, first.file, first.first_line)});
        }
    }
}

const faq_entry* faq_book::entry_for(std::string_view text) const {
    const auto found = by_question_.find(folded(text));
    return found == by_question_.end() ? nullptr : &entries_[found->second];
}

} // namespace atende
