// profile.yaml.
#pragma once

#include "agent/profile/parts.hpp"
#include "agent/profile/yaml_reader.hpp"

#include <atende/agent/profile.hpp>
#include <map>
#include <set>
#include <string>

namespace atende {

// A variant as written: its prompt is still the name of a file.
struct declared_variant {
    int weight = 1;
    std::string file = "prompt.md";
};

struct profile_yaml {
    profile read; // all but prompts, tools, script, schedule and evals
    std::map<std::string, declared_variant> variants;
    std::vector<std::string> agent_prompts; // the prompt's file of each of read.agents
    std::vector<yaml_map> agents;           // as written: the tools they name are judged later
};

// `folder`: where the programs of MCP servers run.
profile_yaml read_profile_yaml(const std::filesystem::path& folder, const profile_files& files,
                               profile_use use, part_reader& parts, problem_list& problems);

// What every template may name: {{agent_name}} and the shop's own.
std::set<std::string> shop_variables(const profile& shop);

} // namespace atende
