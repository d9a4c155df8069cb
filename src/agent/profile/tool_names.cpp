#include "agent/profile/tool_names.hpp"

#include "agent/mcp/tool_definition.hpp"
#include "agent/tools/declared_tool_spec.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <atende/agent/built_in_tools.hpp>
#include <atende/platform/log.hpp>

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

sentence tool_wanted(const std::string& name, const std::vector<std::string>& known) {
    const auto meant = suggestion_for(name, known);
    const auto written = printable(name, 64);
    return {fmt::format("ferramentas deste perfil ({}); recebeu \"{}\"{}", fmt::join(known, ", "), written,
                        meant.portuguese),
            fmt::format("tools of this profile ({}), not \"{}\"{}", fmt::join(known, ", "), written,
                        meant.english)};
}

void expect_tools(const yaml_map& map, const std::string& key, const std::vector<std::string>& names,
                  const std::vector<std::string>& known) {
    for (const auto& name : names) {
        if (name.contains("__") || std::ranges::find(known, name) != known.end()) continue;
        map.expected(key, tool_wanted(name, known));
    }
}

} // namespace atende
