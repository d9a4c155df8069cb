#include "agent/tools/tool_set_check.hpp"

#include "agent/tools/declared_tool_spec.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atende/platform/log.hpp>
#include <map>
#include <re2/re2.h>

namespace atende {
namespace {

void check_names(const declared_tools& tools, problem_list& problems) {
    std::map<std::string, std::string> known; // name → file
    for (const auto& tool : tools) {
        const auto [found, added] = known.try_emplace(tool->name, tool->file);
        if (added || tool->name.empty()) continue;
        problems.add(tool->file, tool->name_line,
                     {fmt::format("name: espera outro nome que não o de {}", found->second),
                      fmt::format("name: expected another name than {} has", found->second)});
    }
}

// As cache_forget.lua understands it.
bool fits(const std::string& pattern, const std::vector<std::string>& names) {
    std::string expression;
    for (const char c : pattern) expression += c == '*' ? std::string(".*") : std::string(1, c);
    const RE2 shape(expression);
    return std::ranges::any_of(names, [&](const std::string& name) { return RE2::FullMatch(name, shape); });
}

// What somebody may have meant: each name, and its first or last words with a *.
std::vector<std::string> usual_patterns(const std::vector<std::string>& names) {
    auto all = names;
    for (const auto& name : names) {
        for (auto at = name.find('_'); at != std::string::npos; at = name.find('_', at + 1)) {
            all.push_back(name.substr(0, at + 1) + "*");
            all.push_back("*" + name.substr(at));
        }
    }
    return all;
}

// Results that are not forgotten are given for as long as they are kept, and nobody notices.
void check_invalidations(const declared_tools& tools, problem_list& problems) {
    std::vector<std::string> names;
    for (const auto& tool : tools) names.push_back(tool->name);
    for (const auto& tool : tools) {
        for (const auto& [pattern, line] : tool->invalidates) {
            if (fits(pattern, names)) continue;
            const auto meant = suggestion_for(pattern, usual_patterns(names));
            problems.add(
                tool->file, line,
                {fmt::format("invalidates: espera ferramentas de tools/ ({}); nenhuma se chama \"{}\"{}",
                             listed(names), printable(pattern, 60), meant.portuguese),
                 fmt::format("invalidates: expected tools of tools/ ({}); none is called \"{}\"{}",
                             listed(names), printable(pattern, 60), meant.english)});
        }
    }
}

} // namespace

void check_tool_set(const declared_tools& tools, problem_list& problems) {
    check_names(tools, problems);
    if (!problems.has_unreadable("tools/")) check_invalidations(tools, problems);
}

} // namespace atende
