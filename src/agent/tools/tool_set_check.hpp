// What can only be judged of all files of tools/ together.
#pragma once

#include "agent/profile/problem_list.hpp"

#include <atende/agent/declared_tools.hpp>

namespace atende {

// Two tools of one name are a problem, and so is what a tool invalidates and nobody is called.
void check_tool_set(const declared_tools& tools, problem_list& problems);

} // namespace atende
