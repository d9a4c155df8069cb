// Absolute paths of this checkout.
#pragma once

namespace atende::test {

extern const char* const test_data;     // tests/data
extern const char* const source_folder; // the repository

} // namespace atende::test
