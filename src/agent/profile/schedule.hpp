// schedule.yaml.
#pragma once

#include "agent/profile/problem_list.hpp"

#include <atende/agent/schedule.hpp>
#include <set>
#include <string>

namespace atende {

schedule read_schedule(const std::string& text, const std::string& file,
                       const std::set<std::string>& variables, problem_list& problems);

} // namespace atende
