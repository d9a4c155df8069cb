// Notes as the model reads them: quoted data, told apart from instructions.
// https://cheatsheetseries.owasp.org/cheatsheets/LLM_Prompt_Injection_Prevention_Cheat_Sheet.html
#pragma once

#include <atende/conversation/notes.hpp>
#include <string>

namespace atende {

// The same notes give the same bytes. Empty if nothing is noted.
std::string quoted_notes(const contact_notes& notes);

} // namespace atende
