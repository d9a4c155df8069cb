#include "app/tool_set.hpp"

#include "agent/tools/declared_tool_spec.hpp"

#include <algorithm>
#include <atende/agent/leads/lead_tool.hpp>
#include <iterator>

namespace atende {
namespace {

environment_lookup environment_of(const settings& configured) {
    return [values = configured.tool_environment](std::string_view name) -> std::optional<std::string> {
        const auto found = values.find(name);
        return found == values.end() ? std::nullopt : std::optional(found->second);
    };
}

// The store lives as long as the tool: turns keep the tools that they began with.
std::shared_ptr<tool> lead_tool(const profile& shop, std::shared_ptr<lead_store> store) {
    struct pair {
        std::shared_ptr<lead_store> store;
        std::shared_ptr<tool> save;
    };
    auto save = make_lead_tool(shop.leads, *store);
    const auto both = std::make_shared<pair>(std::move(store), std::move(save));
    return {both, both->save.get()};
}

std::shared_ptr<tool> built_in(const std::string& name, const profile& shop, const tool_parts& parts) {
    if (name == lead_tool_name) return lead_tool(shop, parts.leads);
    if (name == hand_over_tool_name) return make_hand_over_tool();
    return make_history_tool(parts.history, shop.time_zone);
}

} // namespace

std::vector<std::shared_ptr<tool>> make_tools(const profile& shop, const tool_parts& parts) {
    auto tools = make_declared_tools(shop.tools, {.http = parts.configured.offline() ? nullptr : &parts.http,
                                                  .cache = &parts.cache,
                                                  .allowed_hosts = parts.configured.tool_allowed_hosts,
                                                  .environment = environment_of(parts.configured)});
    for (const auto& name : shop.built_in_tools) {
        const auto is_it = [&](const std::shared_ptr<tool>& one) { return one->name() == name; };
        if (std::ranges::none_of(tools, is_it)) tools.push_back(built_in(name, shop, parts));
    }
    if (shop.agents.size() > 1)
        tools.push_back(make_agent_transfer_tool(shop.agents, parts.configured.agent_name));
    return tools;
}

mcp_surroundings mcp_surroundings_of(const settings& configured) {
    return {.environment = configured.tool_environment, .allowed_hosts = configured.tool_allowed_hosts};
}

std::vector<profile_problem> tool_address_problems(const profile& shop, const settings& configured) {
    auto problems = address_problems(shop.tools, environment_of(configured), configured.tool_allowed_hosts);
    std::ranges::move(mcp_address_problems(shop.mcp_servers, configured.tool_allowed_hosts),
                      std::back_inserter(problems));
    return problems;
}

bool uses_variable(const profile& shop, const std::string& name) {
    const auto in_tool = [&](const auto& spec) { return spec->environment.contains(name); };
    const auto in_server = [&](const mcp_server_spec& server) { return uses_variable(server, name); };
    return std::ranges::any_of(shop.tools, in_tool) || std::ranges::any_of(shop.mcp_servers, in_server);
}

std::vector<sentence> tool_problems(const profile& shop, const settings& configured) {
    if (configured.offline()) return {};
    auto problems =
        environment_problems(shop.tools, environment_of(configured), configured.tool_allowed_hosts);
    for (const auto& wrong : mcp_address_problems(shop.mcp_servers, configured.tool_allowed_hosts))
        problems.emplace_back(text_of(wrong, language::portuguese), text_of(wrong, language::english));
    return problems;
}

} // namespace atende
