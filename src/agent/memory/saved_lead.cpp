#include "agent/memory/saved_lead.hpp"

#include <nlohmann/json.hpp>

#include <atende/agent/lead_profile.hpp>
#include <atende/platform/json.hpp>
#include <atende/platform/log.hpp>

namespace atende {
namespace {

constexpr std::size_t longest_value = 120;

void add_step(std::map<std::string, std::string>& lead, const tool_step& step) {
    if (step.name != lead_tool_name || !step.result.starts_with("SUCESSO")) return;
    const auto saved = parsed_json(step.arguments);
    if (!saved.is_object()) return;
    for (const auto field : lead_fields) {
        const auto found = saved.find(field);
        if (found == saved.end()) continue;
        auto& value = lead[std::string(field)];
        if (found->is_string()) value = printable(found->get<std::string>(), longest_value);
        if (found->is_boolean()) value = found->get<bool>() ? "sim" : "não";
    }
    std::erase_if(lead, [](const auto& one) { return one.second.empty(); });
}

} // namespace

void add_saved_lead(std::map<std::string, std::string>& lead, std::span<const history_entry> history) {
    for (const auto& entry : history)
        for (const auto& step : entry.steps) add_step(lead, step);
}

} // namespace atende
