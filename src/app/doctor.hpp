// `atende doctor`: tries everything that this configuration needs, and says what to do about what fails.
#pragma once

#include <atende/app/settings.hpp>

namespace atende {

// Prints a line for each thing that was tried, in the terminal's language. Meta, OpenAI and the own public
// address are asked in ways that change nothing and cost nothing; nobody is written to. The server may run
// meanwhile. Takes seconds, minutes if much does not answer. Returns 0; 1 if something is wrong.
int examine(const settings& configured);

} // namespace atende
