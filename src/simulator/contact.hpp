#pragma once

#include <string_view>

namespace atende {

// "sim_" and 1 to 32 letters or digits: the only contacts the simulator knows.
bool is_simulator_contact(std::string_view contact);

} // namespace atende
