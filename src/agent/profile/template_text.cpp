#include "agent/profile/template_text.hpp"

#include "agent/profile/problem_list.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atende/platform/log.hpp>
#include <atende/platform/text.hpp>
#include <kainjow/mustache.hpp>
#include <ranges>
#include <string_view>
#include <utility>

namespace atende {
namespace {

constexpr std::string_view sigils = "#^/>!&=";
constexpr std::size_t most_sections = 64; // within each other: kainjow copies the inside of each

sentence closing(const template_tag& opened) {
    return {fmt::format("espera {{{{/{0}}}}} para fechar {{{{{1}{0}}}}}", opened.name, opened.sigil),
            fmt::format("expected {{{{/{0}}}}} to close {{{{{1}{0}}}}}", opened.name, opened.sigil)};
}

sentence too_deep() {
    return {fmt::format("espera no máximo {} seções uma dentro da outra", most_sections),
            fmt::format("expected at most {} sections within each other", most_sections)};
}

// Sections open and close in pairs.
void check_sections(parsed_template& parsed) {
    std::vector<const template_tag*> open;
    for (const auto& tag : parsed.tags) {
        if (tag.sigil == '#' || tag.sigil == '^') {
            if (open.size() == most_sections) {
                parsed.mistakes.push_back({tag.line, too_deep()});
                return;
            }
            open.push_back(&tag);
        }
        if (tag.sigil != '/') continue;
        if (!open.empty() && open.back()->name == tag.name) {
            open.pop_back();
        } else if (!open.empty()) {
            parsed.mistakes.push_back({tag.line, closing(*open.back())});
            return;
        } else {
            parsed.mistakes.push_back(
                {tag.line,
                 {fmt::format("espera {{{{#{0}}}}} antes de {{{{/{0}}}}}", tag.name),
                  fmt::format("expected {{{{#{0}}}}} in front of {{{{/{0}}}}}", tag.name)}});
            return;
        }
    }
    for (const auto* tag : open) parsed.mistakes.push_back({tag->line, closing(*tag)});
}

// What can be said of its form before kainjow reads it, which spends as much memory as it is told to.
parsed_template parse_tags(const std::string& text) {
    parsed_template parsed;
    int line = 1;
    for (std::size_t at = 0;;) {
        const auto begin = text.find("{{", at);
        if (begin == std::string::npos) break;
        line += static_cast<int>(std::count(text.begin() + static_cast<std::ptrdiff_t>(at),
                                            text.begin() + static_cast<std::ptrdiff_t>(begin), '\n'));
        const bool triple = text.compare(begin, 3, "{{{") == 0;
        const std::string_view close = triple ? "}}}" : "}}";
        const auto end = text.find(close, begin);
        if (end == std::string::npos) {
            parsed.mistakes.push_back({line, {"espera }} para fechar {{", "expected }} to close {{"}});
            break;
        }
        auto inside =
            trimmed(std::string_view(text).substr(begin + close.size(), end - begin - close.size()));
        template_tag tag{.begin = begin, .end = end + close.size(), .line = line};
        // Three braces mean nothing to `=`, which kainjow looks for first.
        if (!inside.empty() && (triple ? inside.front() == '=' : sigils.contains(inside.front()))) {
            tag.sigil = inside.front();
            inside = trimmed(inside.substr(1));
        }
        tag.name = std::string(inside);
        if (tag.sigil == '=') {
            parsed.mistakes.push_back({line,
                                       {"os delimitadores não mudam: {{=…=}} não existe aqui",
                                        "delimiters do not change: there is no {{=…=}} here"}});
            return parsed; // what follows may be meant in others
        }
        line += static_cast<int>(std::count(text.begin() + static_cast<std::ptrdiff_t>(begin),
                                            text.begin() + static_cast<std::ptrdiff_t>(tag.end), '\n'));
        at = tag.end;
        parsed.tags.push_back(std::move(tag));
    }
    check_sections(parsed);
    return parsed;
}

} // namespace

parsed_template parse_template(const std::string& text) {
    auto parsed = parse_tags(text);
    if (!parsed.mistakes.empty()) return parsed;
    if (const kainjow::mustache::mustache whole(text); !whole.is_valid()) {
        parsed.mistakes.push_back({1,
                                   {"espera um template mustache válido: " + whole.error_message(),
                                    "expected a valid mustache template: " + whole.error_message()}});
    }
    return parsed;
}

std::optional<sentence> form_problem(const std::string& text) {
    auto parsed = parse_tags(text);
    if (parsed.mistakes.empty()) return std::nullopt;
    return std::move(parsed.mistakes.front().what);
}

std::vector<template_mistake> unknown_names(const std::vector<template_tag>& tags,
                                            const std::set<std::string>& known, std::size_t most) {
    const auto is_unknown = [&known](const template_tag& tag) {
        return !std::string_view("/>!=").contains(tag.sigil) && !known.contains(tag.name);
    };
    std::vector<template_mistake> mistakes;
    if (std::ranges::none_of(tags, is_unknown)) return mistakes;
    const std::vector<std::string> names(known.begin(), known.end());
    const auto all = listed(names);
    std::set<std::pair<int, std::string_view>> seen; // one name may stand often on one line
    for (const auto& tag : tags | std::views::filter(is_unknown)) {
        if (!seen.emplace(tag.line, tag.name).second) continue;
        if (mistakes.size() == most) break;
        const auto name = printable(tag.name, 60);
        const auto meant = suggestion_for(tag.name, names);
        mistakes.push_back(
            {tag.line,
             {fmt::format("a variável {{{{{}}}}} não existe{}; existem: {}", name, meant.portuguese, all),
              fmt::format("the variable {{{{{}}}}} does not exist{}; there are: {}", name, meant.english,
                          all)}});
    }
    return mistakes;
}

std::optional<sentence> template_problem(const std::string& text, const std::set<std::string>& known) {
    auto parsed = parse_template(text);
    if (!parsed.mistakes.empty()) return std::move(parsed.mistakes.front().what);
    for (const auto& tag : parsed.tags) {
        if (tag.sigil == '>')
            return bilingual{"partes {{> …}} não cabem aqui", "parts {{> …}} have no place here"};
    }
    if (auto unknown = unknown_names(parsed.tags, known, 1); !unknown.empty())
        return std::move(unknown.front().what);
    return std::nullopt;
}

std::string rendered(const std::string& text, const template_values& values) {
    kainjow::mustache::mustache parsed(text);
    parsed.set_custom_escape([](const std::string& plain) { return plain; });
    kainjow::mustache::data data;
    for (const auto& [name, value] : values) {
        if (!value.empty()) data.set(name, value);
    }
    return parsed.render(data);
}

} // namespace atende
