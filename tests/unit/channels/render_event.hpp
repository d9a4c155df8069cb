// Events as text a person can check against the body they came from. Absent fields are left out.
#pragma once

#include <atende/conversation/event.hpp>
#include <string>
#include <vector>

namespace atende::test {

std::string render(const event& what);
std::string render(const std::vector<event>& events);

} // namespace atende::test
