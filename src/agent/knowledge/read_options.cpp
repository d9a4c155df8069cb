#include "agent/knowledge/read_options.hpp"

#include "agent/knowledge/faq.hpp"

#include <algorithm>

namespace atende {
namespace {

std::size_t count_of(const yaml_map& from, const std::string& key, std::size_t usual, int least, int most) {
    return static_cast<std::size_t>(from.whole(key, static_cast<int>(usual), least, most));
}

std::vector<synonym_group> read_synonyms(const yaml_map& from) {
    std::vector<synonym_group> groups;
    for (const auto& item : from.items("synonyms")) {
        synonym_group group;
        for (const auto& word : item) {
            if (word.IsScalar()) group.push_back(word.Scalar());
        }
        const bool is_group = item.IsSequence() && group.size() == item.size() && group.size() > 1;
        if (!is_group)
            from.expected("synonyms", item,
                          bilingual{"uma lista de grupos como [câmbio, marcha], de dois textos ou mais",
                                    "a list of groups such as [câmbio, marcha], two texts or more each"});
        groups.push_back(std::move(group));
    }
    return groups;
}

} // namespace

knowledge_options read_knowledge_options(const yaml_map& root, std::map<std::string, std::string> variables,
                                         problem_list& problems) {
    const auto from = root.map("knowledge", {"whole_up_to", "chunk_characters", "excerpts",
                                             "excerpt_characters", "synonyms", "built_in_synonyms", "faq"});
    knowledge_options read;
    read.whole_up_to = count_of(from, "whole_up_to", read.whole_up_to, 0, 200'000);
    read.chunk_characters = count_of(from, "chunk_characters", read.chunk_characters, 200, 8'000);
    read.excerpts = count_of(from, "excerpts", read.excerpts, 1, 30);
    read.excerpt_characters = count_of(from, "excerpt_characters", read.excerpt_characters, 200, 100'000);
    read.synonyms = read_synonyms(from);
    read.built_in_synonyms = from.flag("built_in_synonyms", true);
    read.variables = std::move(variables);
    read.faq = read_faq(from, "profile.yaml", read.variables, problems);
    return read;
}

} // namespace atende
