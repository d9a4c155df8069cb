// Mustache templates for prompts and answers: nothing is HTML-escaped, an empty value counts as absent.
#pragma once

#include <atende/platform/language.hpp>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace atende {

using template_values = std::map<std::string, std::string>;

// {{name}}, {{#name}}, {{^name}}, {{/name}}, {{> name}}…
struct template_tag {
    char sigil = ' '; // # ^ / > ! & =, or a space
    std::string name;
    std::size_t begin = 0, end = 0; // in the text
    int line = 1;
};

struct template_mistake {
    int line = 1;
    sentence what;
};

struct parsed_template {
    std::vector<template_tag> tags;
    std::vector<template_mistake> mistakes; // of its form: what is not closed, or not ours
};

parsed_template parse_template(const std::string& text);

// The first mistake in the form of a text that was put together of templates, each of them right by itself.
std::optional<sentence> form_problem(const std::string& text);

// Who has made more than this has made one mistake.
inline constexpr std::size_t most_unknown_names = 50;

// What is wrong with the names in a template: those that are not in `known`, the first `most` of them.
std::vector<template_mistake> unknown_names(const std::vector<template_tag>& tags,
                                            const std::set<std::string>& known,
                                            std::size_t most = most_unknown_names);

// The first mistake of a template without parts, of its form or its names.
std::optional<sentence> template_problem(const std::string& text, const std::set<std::string>& known);

// Only for a template without mistakes or parts.
std::string rendered(const std::string& text, const template_values& values);

} // namespace atende
