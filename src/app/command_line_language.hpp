// What the command-line library says of its own, in the language of the terminal.
#pragma once

#include <atende/platform/language.hpp>

namespace CLI {
class App;       // NOLINT(readability-identifier-naming): theirs
class Validator; // NOLINT(readability-identifier-naming): theirs
} // namespace CLI

namespace atende {

// Before `program` gets its commands: they inherit it.
void speak(CLI::App& program, language lang);

CLI::Validator within(int least, int most, language lang);

} // namespace atende
