// The words with which a customer asks for a person.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace atende {

// Whether `text` has one of `phrases` (folded) in it as whole words, however it is spelt.
bool asks_for_a_person(std::string_view text, const std::vector<std::string>& phrases);

} // namespace atende
