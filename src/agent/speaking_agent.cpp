#include "agent/speaking_agent.hpp"

#include <algorithm>
#include <atende/agent/built_in_tools.hpp>
#include <atende/platform/text.hpp>
#include <iterator>

namespace atende {
namespace {

std::vector<std::shared_ptr<tool>> tools_of(const profile_agent& agent,
                                            const std::vector<std::shared_ptr<tool>>& all) {
    if (!agent.tools) return all;
    std::vector<std::shared_ptr<tool>> its;
    std::ranges::copy_if(all, std::back_inserter(its), [&](const std::shared_ptr<tool>& one) {
        return one->name() == agent_transfer_tool_name ||
               std::ranges::find(*agent.tools, one->name()) != agent.tools->end();
    });
    return its;
}

} // namespace

std::vector<speaking_agent> speaking_agents(const profile& shop, const std::string& first_name,
                                            const std::vector<std::shared_ptr<tool>>& tools) {
    std::vector<speaking_agent> all;
    for (const auto& agent : shop.agents) {
        auto variables = shop.variables;
        variables["agent_name"] = all.empty() && !first_name.empty() ? first_name : agent.name;
        auto prompts = agent.prompts;
        for (auto& one : prompts) one.prompt = trimmed(rendered(one.prompt, variables));
        all.push_back({.id = agent.id,
                       .variables = std::move(variables),
                       .prompts = std::move(prompts),
                       .tools = toolbox(tools_of(agent, tools))});
    }
    return all;
}

} // namespace atende
