// The folders of knowledge on disk. All of this blocks: for a worker thread, or before the event loop runs.
#pragma once

#include "agent/profile/problem_list.hpp"

#include <atende/agent/knowledge.hpp>
#include <cstddef>
#include <string>
#include <vector>

namespace atende {

struct knowledge_text {
    std::string name; // from its folder on: "knowledge/cursos/marketing.md"
    std::string text; // UTF-8, without byte order mark
};

struct knowledge_files {
    std::vector<knowledge_text> texts; // .txt and .md
    std::vector<knowledge_text> faqs;  // faq.yaml

    [[nodiscard]] std::size_t count() const { return texts.size() + faqs.size(); }
};

// Every file below `folders`, in the order of their names: the same files give the same bytes. Hidden files
// are left out; what is not UTF-8 is taken for Windows-1252 or, with its mark, UTF-16. What cannot be read,
// is too large or a link out of its folder is a problem; so is, within a profile, a file of another kind.
knowledge_files read_knowledge_files(const std::vector<knowledge_folder>& folders, problem_list& problems);

// Changes whenever a file is written, added, removed or renamed, or its rights are others.
std::string fingerprint_of(const std::vector<knowledge_folder>& folders);

} // namespace atende
