// {{> name}}: texts that several prompts share. A part is parts/<name>.md of the profile, or else of
// profiles/shared.
#pragma once

#include "agent/profile/profile_files.hpp"
#include "agent/profile/template_text.hpp"

#include <cstddef>
#include <set>
#include <string>
#include <vector>

namespace atende {

// What a template may say, and why it may not say the rest.
struct template_scope {
    std::set<std::string> known;
    std::set<std::string> changing; // known elsewhere; here they would spoil the provider's prompt cache
};

class part_reader {
public:
    part_reader(const profile_files& files, problem_list& problems);

    // `text` of `file` with its parts, and theirs, in place: a template that stands alone. `prefix` names the
    // key in problems ("context: "); `first_line` is where the text begins in its file.
    std::string expanded(const std::string& text, const std::string& file, const template_scope& scope,
                         const std::string& prefix = {}, int first_line = 1);
    // Parts that no template includes are checked, too: for their form.
    void check_the_rest();

private:
    [[nodiscard]] std::string file_of(const std::string& part) const; // empty: there is none
    [[nodiscard]] std::vector<std::string> names() const;
    std::string part(const template_tag& tag, const template_scope& scope, const std::string& including,
                     int line);
    // Whether one more part of `bytes` has room here. The first that has none is a problem, and the last that
    // is looked at.
    bool has_room(std::size_t bytes, const std::string& including, int line);
    void complain(const std::string& file, int line, const sentence& what, const std::string& prefix = {});

    const profile_files& files_;
    problem_list& problems_;
    std::vector<std::string> open_; // files being expanded, outermost first
    std::size_t bytes_left_;        // that parts may still add, to all templates together
    bool full_ = false;
    std::set<std::string> used_;
};

} // namespace atende
