// The names of a profile's tools, wherever one of its files calls them.
#pragma once

#include "agent/profile/yaml_reader.hpp"

#include <atende/agent/profile.hpp>
#include <atende/platform/language.hpp>
#include <string>
#include <vector>

namespace atende {

// Of the profile's own tools, those in C++ that it has, and those it allows of MCP servers.
std::vector<std::string> tool_names(const profile& shop);

// What they are, for expect_among().
sentence kind_of_tools();

// A problem of each of `names` that is not one of `known`; but a name with `__` may be of an MCP server that
// is not written down yet.
void expect_tools(const yaml_map& map, const std::string& key, const std::vector<std::string>& names,
                  const std::vector<std::string>& known);

} // namespace atende
