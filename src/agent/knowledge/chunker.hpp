// Cuts a text into passages that can be found and quoted alone.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace atende {

struct knowledge_chunk {
    std::string file;    // from its folder on: "knowledge/precos.md"
    int first_line = 0;  // from 1
    int last_line = 0;   // included
    std::string heading; // the headings above it: "Cursos / Marketing digital"
    std::string text;    // as written; a part of a table begins with the table's head
};

// A chunk stays below one heading and holds at most `most_characters`, unless a single sentence or line is
// longer. It ends where a paragraph, an item, a row or a sentence ends; nothing is left out and nothing
// repeated but heads of tables. Only a sentence of more than four times the limit is cut between words.
// Headings are Markdown's, and lines such as "=== Preços ===".
std::vector<knowledge_chunk> chunked(const std::string& file, std::string_view text,
                                     std::size_t most_characters);

} // namespace atende
