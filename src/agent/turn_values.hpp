// What a profile's `context` may say of the turn at hand, besides the shop's data.
#pragma once

#include "agent/profile/template_text.hpp"

#include <atende/conversation/turn.hpp>
#include <chrono>
#include <set>
#include <string>

namespace atende {

const std::set<std::string>& turn_value_names();

// Those that are not known are left out. What customers wrote is one line, cut: it stands among the shop's
// own words.
template_values turn_values(const turn& about, const std::string& time_zone,
                            std::chrono::system_clock::time_point now);

} // namespace atende
