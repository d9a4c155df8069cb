#include "agent/profile/problem_list.hpp"

#include "agent/profile/spelling.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <atende/platform/log.hpp>
#include <ranges>
#include <tuple>

namespace atende {
namespace {

constexpr std::size_t most_problems = 1'000;
constexpr std::size_t most_listed = 40;

} // namespace

void problem_list::add(std::string file, int line, sentence what) {
    if (problems_.size() == most_problems || unreadable_.contains(file)) return;
    const bool known = std::ranges::any_of(problems_, [&](const profile_problem& one) {
        return one.line == line && one.file == file && one.what.english == what.english;
    });
    if (!known) problems_.push_back({.file = std::move(file), .line = line, .what = std::move(what)});
}

void problem_list::add_unreadable(std::string file, int line, sentence what) {
    add(file, line, std::move(what));
    unreadable_.insert(std::move(file));
}

bool problem_list::has_unreadable(std::string_view beginning) const {
    return std::ranges::any_of(unreadable_,
                               [&](const std::string& file) { return file.starts_with(beginning); });
}

std::vector<profile_problem> problem_list::sorted() const {
    auto all = problems_;
    std::ranges::sort(
        all, {}, [](const profile_problem& one) { return std::tie(one.file, one.line, one.what.english); });
    return all;
}

std::string listed(const std::vector<std::string>& names) {
    auto all = fmt::format("{}", fmt::join(names | std::views::take(most_listed), ", "));
    if (names.size() > most_listed) all += ", …";
    return all;
}

sentence suggestion_for(std::string_view written, const std::vector<std::string>& known) {
    const auto meant = nearest_name(written, known);
    if (meant.empty()) return {std::string{}, std::string{}};
    return {fmt::format(" (quis dizer \"{}\"?)", meant), fmt::format(" (did you mean \"{}\"?)", meant)};
}

sentence but_got(const sentence& wanted, std::string_view written, const std::vector<std::string>& known) {
    const auto meant = suggestion_for(written, known);
    const auto quoted = printable(written, 60);
    return {fmt::format("{}; recebeu \"{}\"{}", wanted.portuguese, quoted, meant.portuguese),
            fmt::format("{}, not \"{}\"{}", wanted.english, quoted, meant.english)};
}

sentence wanted_instead(const sentence& kind, std::string_view written,
                        const std::vector<std::string>& known) {
    const auto all = known.empty() ? std::string() : fmt::format(" ({})", listed(known));
    return but_got({kind.portuguese + all, kind.english + all}, written, known);
}

std::string text_of(const profile_problem& problem, language lang) {
    const auto& what = problem.what.in(lang);
    if (problem.line == 0) return fmt::format("{}: {}", problem.file, what);
    return fmt::format("{}:{}: {}", problem.file, problem.line, what);
}

std::string text_of(const std::vector<profile_problem>& problems, language lang) {
    std::string all;
    for (const auto& problem : problems) all += (all.empty() ? "" : "\n") + text_of(problem, lang);
    return all;
}

} // namespace atende
