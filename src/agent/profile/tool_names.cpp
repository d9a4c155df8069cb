#include "agent/profile/tool_names.hpp"

#include "agent/mcp/tool_definition.hpp"
#include "agent/tools/declared_tool_spec.hpp"

#include <algorithm>
#include <atende/agent/built_in_tools.hpp>

namespace atende {

std::vector<std::string> tool_names(const profile& shop) {
    auto names = shop.built_in_tools;
    for (const auto& tool : shop.tools) names.push_back(tool->name);
    for (const auto& server : shop.mcp_servers) {
        for (const auto& one : server.tools) names.push_back(offered_name(server.name, one.name));
    }
    if (shop.agents.size() > 1) names.emplace_back(agent_transfer_tool_name);
    return names;
}

sentence kind_of_tools() {
    return bilingual{"ferramentas deste perfil", "tools of this profile"};
}

void expect_tools(const yaml_map& map, const std::string& key, const std::vector<std::string>& names,
                  const std::vector<std::string>& known) {
    for (const auto& name : names) {
        if (name.contains("__") || std::ranges::find(known, name) != known.end()) continue;
        map.expected(key, map.item(key, name), wanted_instead(kind_of_tools(), name, known));
    }
}

} // namespace atende
