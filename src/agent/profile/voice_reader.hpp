// The keys `voice` and `scope` of profile.yaml.
#pragma once

#include "agent/profile/yaml_reader.hpp"

#include <atende/agent/profile.hpp>
#include <set>
#include <string>

namespace atende {

voice_options read_voice(const yaml_map& root);
// `known`: what a template may use.
scope_options read_scope(const yaml_map& root, const std::set<std::string>& known);

} // namespace atende
