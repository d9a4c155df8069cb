// Mustache templates for prompts and answers: nothing is HTML-escaped, an empty value counts as absent.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

namespace atende {

using template_values = std::map<std::string, std::string>;

// What is wrong with the template, if anything: its syntax, or a name that is not in `known`.
std::optional<std::string> template_problem(const std::string& text, const std::set<std::string>& known);

// Only for a template without problems.
std::string rendered(const std::string& text, const template_values& values);

} // namespace atende
