// What Brazilians write – telephones, documents, dates, money – checked and brought into one spelling: the
// `format` of a text parameter.
#pragma once

#include <atende/platform/result.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace atende {

struct text_format {
    std::string_view name;
    std::string_view hint; // for the model, Portuguese: how to write it
    // invalid_input: `detail` says in Portuguese what is wrong. Giving it its own result changes nothing.
    result<std::string> (*normalised)(std::string_view text) = nullptr;
};

// Null if there is none of this name.
const text_format* find_text_format(std::string_view name);
std::vector<std::string_view> text_format_names();

} // namespace atende
