// Everything that is wrong with a profile, gathered while it is read.
#pragma once

#include <atende/agent/profile.hpp>
#include <atende/platform/language.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace atende {

class problem_list {
public:
    // `file` below the profile's folder; line 0: the file as a whole. The same problem is listed once, and
    // none after the first thousand.
    void add(std::string file, int line, sentence what);
    // `file` cannot be read or parsed. Whatever else is found in it follows from that, and is not listed.
    void add_unreadable(std::string file, int line, sentence what);
    // Whether one of the files whose names begin so cannot be read or parsed.
    [[nodiscard]] bool has_unreadable(std::string_view beginning) const;
    [[nodiscard]] bool empty() const { return problems_.empty(); }
    // By file and line.
    [[nodiscard]] std::vector<profile_problem> sorted() const;
    [[nodiscard]] std::string text(language lang) const { return text_of(sorted(), lang); } // a line each

private:
    std::vector<profile_problem> problems_;
    std::set<std::string> unreadable_; // files
};

// "a, b": the first forty of `names`.
std::string listed(const std::vector<std::string>& names);

// ` (did you mean "…"?)`, or nothing: goes behind a name that is not one of `known`.
sentence suggestion_for(std::string_view written, const std::vector<std::string>& known);

// `a whole number, not "x"`, with a suggestion if one of `known` may be meant by `written`.
sentence but_got(const sentence& wanted, std::string_view written,
                 const std::vector<std::string>& known = {});

// `tools of this profile (a, b), not "c"`, with a suggestion: what was expected instead of `written`, which
// is not one of `known`.
sentence wanted_instead(const sentence& kind, std::string_view written,
                        const std::vector<std::string>& known);

} // namespace atende
