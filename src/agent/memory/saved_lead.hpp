// What was accepted of a lead, from the steps that saved it.
#pragma once

#include <atende/conversation/turn.hpp>
#include <map>
#include <span>
#include <string>

namespace atende {

// Field → value, one line, cut; the latest word on each counts.
void add_saved_lead(std::map<std::string, std::string>& lead, std::span<const history_entry> history);

} // namespace atende
