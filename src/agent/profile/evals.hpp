// evals/*.yaml.
#pragma once

#include "agent/profile/problem_list.hpp"

#include <atende/agent/eval.hpp>
#include <string>

namespace atende {

eval read_eval(const std::string& text, const std::string& file, problem_list& problems);

} // namespace atende
