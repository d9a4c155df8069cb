#pragma once

#include "agent/profile/yaml_reader.hpp"

#include <atende/agent/knowledge_options.hpp>
#include <map>
#include <string>

namespace atende {

// `knowledge:` of profile.yaml's root; a profile without it gets the defaults. `variables`: of the shop, for
// the answers of `faq`.
knowledge_options read_knowledge_options(const yaml_map& root, std::map<std::string, std::string> variables,
                                         problem_list& problems);

} // namespace atende
