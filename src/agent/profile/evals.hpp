// evals/*.yaml.
#pragma once

#include "agent/profile/problem_list.hpp"

#include <atende/agent/eval.hpp>
#include <string>
#include <vector>

namespace atende {

// `tools`: the names of the profile's, of which an eval may speak.
eval read_eval(const std::string& text, const std::string& file, const std::vector<std::string>& tools,
               problem_list& problems);

} // namespace atende
