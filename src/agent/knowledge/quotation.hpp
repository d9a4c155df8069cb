// Knowledge as the model reads it: quoted data, told apart from instructions.
// https://cheatsheetseries.owasp.org/cheatsheets/LLM_Prompt_Injection_Prevention_Cheat_Sheet.html
#pragma once

#include "agent/knowledge/chunker.hpp"
#include "agent/knowledge/knowledge_files.hpp"

#include <span>
#include <string>
#include <vector>

namespace atende {

// Everything, for the beginning of the prompt; the same files give the same bytes. Empty for no texts.
std::string quoted_whole(std::span<const knowledge_text> texts);

// What was found for one turn, the best first. Empty for no chunks.
std::string quoted_excerpts(const std::vector<const knowledge_chunk*>& chunks);

} // namespace atende
