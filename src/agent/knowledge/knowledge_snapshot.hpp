// All that was read of the folders at one time, ready to be searched. Immutable: a new one takes its place.
#pragma once

#include "agent/knowledge/chunker.hpp"
#include "agent/knowledge/faq.hpp"
#include "agent/knowledge/knowledge_files.hpp"
#include "agent/knowledge/text_index.hpp"

#include <atende/platform/result.hpp>
#include <memory>
#include <string>
#include <vector>

namespace atende {

struct knowledge_snapshot {
    // Of all that decides what is told of it: 12 hexadecimal digits; empty if there is nothing to tell.
    std::string version;
    std::vector<knowledge_text> texts; // the questions of faq.yaml, too, as the model may read them
    std::size_t characters = 0;
    std::string whole;                   // as quoted for the prompt; empty: it is searched instead
    std::vector<knowledge_chunk> chunks; // of a whole one, too: people may ask what a question finds
    text_index index;
    faq_book faq;
    std::size_t excerpts = 0, excerpt_characters = 0; // as in knowledge_options
};

// The fixed answers of profile.yaml and of every faq.yaml.
faq_book read_faq_book(const knowledge_files& files, const knowledge_options& options,
                       problem_list& problems);

// The version of a snapshot of these, without what it takes to make one.
std::string knowledge_version(const knowledge_files& files, const faq_book& faq,
                              const knowledge_options& options);

// `problems`: those that the files had. errc::invalid_input lists every problem, a line each.
result<std::shared_ptr<const knowledge_snapshot>>
make_knowledge(knowledge_files files, const knowledge_options& options, problem_list problems = {});

// Of what is in the folders now. errc::invalid_input lists every problem, a line each. Blocks.
result<std::shared_ptr<const knowledge_snapshot>> load_knowledge(const std::vector<knowledge_folder>& folders,
                                                                 const knowledge_options& options);

} // namespace atende
