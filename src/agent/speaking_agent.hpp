// An agent of a profile, ready to think: its prompt rendered, its tools chosen.
#pragma once

#include "agent/profile/template_text.hpp"
#include "agent/toolbox.hpp"

#include <atende/agent/profile.hpp>
#include <memory>
#include <string>
#include <vector>

namespace atende {

// Immutable.
struct speaking_agent {
    std::string id;
    template_values variables;           // the shop's data, and its own name
    std::vector<prompt_variant> prompts; // rendered: the same bytes for every turn
    toolbox tools;

    [[nodiscard]] const std::string& name() const { return variables.at("agent_name"); }
    [[nodiscard]] std::string said(const std::string& text) const { return rendered(text, variables); }
};

// In the profile's order. `first_name`, unless empty, is the name of the first. Throws std::invalid_argument
// for two tools of one name.
std::vector<speaking_agent> speaking_agents(const profile& shop, const std::string& first_name,
                                            const std::vector<std::shared_ptr<tool>>& tools);

} // namespace atende
