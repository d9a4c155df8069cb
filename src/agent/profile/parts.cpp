#include "agent/profile/parts.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <atende/platform/log.hpp>

namespace atende {
namespace {

constexpr std::array<std::string_view, 2> folders{"parts/", "../shared/parts/"};
constexpr std::string_view ending = ".md";
constexpr std::size_t most_bytes = 4U << 20U;
constexpr std::size_t bytes_for_each = 256; // an empty part takes time, too
constexpr std::size_t deepest = 64;

sentence changing_name(const std::string& name) {
    return {fmt::format("{{{{{}}}}} muda de um turno para outro: use-a em `context` do profile.yaml; aqui o "
                        "cache de prompt do provedor perderia o efeito",
                        name),
            fmt::format("{{{{{}}}}} changes from turn to turn: use it in profile.yaml's `context`; "
                        "here it would defeat the provider's prompt cache",
                        name)};
}

} // namespace

part_reader::part_reader(const profile_files& files, problem_list& problems)
    : files_(files),
      problems_(problems),
      bytes_left_(most_bytes) {}

std::string part_reader::file_of(const std::string& part) const {
    for (const auto folder : folders) {
        auto file = std::string(folder) + part + std::string(ending);
        if (files_.find(file) != nullptr) return file;
    }
    return {};
}

std::vector<std::string> part_reader::names() const {
    std::set<std::string> all;
    for (const auto folder : folders) {
        for (const auto& file : files_.below(folder)) {
            all.insert(file.substr(folder.size(), file.size() - folder.size() - ending.size()));
        }
    }
    return {all.begin(), all.end()};
}

void part_reader::complain(const std::string& file, int line, const sentence& what,
                           const std::string& prefix) {
    problems_.add(file, line, {prefix + what.portuguese, prefix + what.english});
}

// Thirty parts of a line each, that include the next one twice, would be 2^30 lines.
bool part_reader::has_room(std::size_t bytes, const std::string& including, int line) {
    if (full_) return false;
    if (open_.size() <= deepest && bytes + bytes_for_each <= bytes_left_) {
        bytes_left_ -= bytes + bytes_for_each;
        return true;
    }
    full_ = true;
    complain(including, line,
             {fmt::format("espera partes que somem no máximo {} MB, repetições incluídas, em até {} níveis",
                          most_bytes >> 20U, deepest),
              fmt::format("expected parts of at most {} MB, repetitions included, within {} levels",
                          most_bytes >> 20U, deepest)});
    return false;
}

std::string part_reader::part(const template_tag& tag, const template_scope& scope,
                              const std::string& including, int line) {
    const auto file = file_of(tag.name);
    if (file.empty()) {
        const auto meant = suggestion_for(tag.name, names());
        const auto name = printable(tag.name, 60);
        complain(
            including, line,
            {fmt::format("espera uma parte que exista: não há parts/{}.md{}", name, meant.portuguese),
             fmt::format("expected a part that exists: there is no parts/{}.md{}", name, meant.english)});
        return {};
    }
    if (std::ranges::find(open_, file) != open_.end()) {
        complain(
            including, line,
            {fmt::format("uma parte não pode incluir a si mesma: {} > {}", fmt::join(open_, " > "), file),
             fmt::format("a part cannot include itself: {} > {}", fmt::join(open_, " > "), file)});
        return {};
    }
    used_.insert(file);
    const auto& written = *files_.find(file);
    if (!has_room(written.size(), including, line)) return {};
    auto text = expanded(written, file, scope);
    while (text.ends_with('\n')) text.pop_back();
    return text;
}

std::string part_reader::expanded(const std::string& text, const std::string& file,
                                  const template_scope& scope, const std::string& prefix, int first_line) {
    const auto parsed = parse_template(text);
    for (const auto& mistake : parsed.mistakes)
        complain(file, first_line + mistake.line - 1, mistake.what, prefix);
    open_.push_back(file);
    std::vector<template_tag> others;
    std::string out;
    std::size_t copied = 0;
    for (const auto& tag : parsed.tags) {
        const int line = first_line + tag.line - 1;
        if (tag.sigil == '>') {
            out.append(text, copied, tag.begin - copied);
            out += part(tag, scope, file, line);
            copied = tag.end;
        } else if (tag.sigil == '!') {
            out.append(text, copied, tag.begin - copied);
            const bool whole_line = (out.empty() || out.back() == '\n') && text.substr(tag.end, 1) == "\n";
            copied = tag.end + (whole_line ? 1 : 0);
        } else if (scope.changing.contains(tag.name)) {
            if (tag.sigil != '/') complain(file, line, changing_name(tag.name), prefix);
        } else {
            others.push_back(tag);
        }
    }
    out.append(text, copied);
    for (const auto& mistake : unknown_names(others, scope.known))
        complain(file, first_line + mistake.line - 1, mistake.what, prefix);
    open_.pop_back();
    if (!parsed.mistakes.empty()) return {};
    if (!open_.empty()) return out;
    if (const auto problem = form_problem(out)) complain(file, first_line, *problem, prefix);
    return out;
}

void part_reader::check_the_rest() {
    for (const auto& file : files_.below("parts/")) {
        if (used_.contains(file)) continue;
        for (const auto& mistake : parse_template(*files_.find(file)).mistakes)
            complain(file, mistake.line, mistake.what);
    }
}

} // namespace atende
