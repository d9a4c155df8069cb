#include "agent/knowledge/knowledge_snapshot.hpp"
#include "agent/mcp/tool_definition.hpp"
#include "agent/profile/evals.hpp"
#include "agent/profile/profile_yaml.hpp"
#include "agent/profile/schedule.hpp"
#include "agent/profile/script.hpp"
#include "agent/profile/tool_names.hpp"
#include "agent/profile/yaml_reader.hpp"
#include "agent/tools/declared_tool_spec.hpp"
#include "agent/tools/tool_reader.hpp"
#include "agent/turn_values.hpp"

#include <fmt/format.h>
#include <system_error>

#include <algorithm>
#include <atende/agent/built_in_tools.hpp>
#include <atende/agent/profile.hpp>

namespace atende {
namespace {

namespace fs = std::filesystem;

// The prompt as a template of its own, whatever it includes.
std::string read_prompt(const std::string& file, const profile_files& files, const template_scope& scope,
                        part_reader& parts, problem_list& problems) {
    const auto* text = files.find(file);
    if (text == nullptr) return {};
    if (std::ranges::all_of(*text, [](char c) { return c == ' ' || c == '\n' || c == '\t'; })) {
        problems.add(file, 0,
                     {"espera o que o agente deve saber sobre si mesmo",
                      "expected what the agent is told about itself"});
    }
    return parts.expanded(*text, file, scope);
}

void read_prompts(profile_yaml& declared, const profile_files& files, part_reader& parts,
                  problem_list& problems) {
    const template_scope scope{.known = shop_variables(declared.read), .changing = turn_value_names()};
    std::map<std::string, std::string> prompts; // those that nobody uses yet are checked, too
    for (const auto& file : files.below("prompt"))
        prompts.emplace(file, read_prompt(file, files, scope, parts, problems));
    auto& agents = declared.read.agents;
    for (std::size_t i = 0; i < agents.size(); ++i)
        agents[i].prompts = {{.name = {}, .weight = 1, .prompt = prompts[declared.agent_prompts[i]]}};
    if (agents.empty() || declared.variants.empty()) return;
    agents.front().prompts.clear();
    for (const auto& [name, variant] : declared.variants)
        agents.front().prompts.push_back(
            {.name = name, .weight = variant.weight, .prompt = prompts[variant.file]});
}

// What an agent is given must exist.
void check_agents_tools(const std::vector<yaml_map>& agents, const std::vector<std::string>& known) {
    for (const auto& agent : agents)
        expect_among(agent, "tools", agent.texts("tools"), kind_of_tools(), known);
}

// The model knows a tool by its name alone.
void check_tool_names(const profile& shop, problem_list& problems) {
    for (const auto& tool : shop.tools) {
        for (const auto& server : shop.mcp_servers) {
            const auto is_theirs = [&](const mcp_allowed_tool& one) {
                return offered_name(server.name, one.name) == tool->name;
            };
            if (std::ranges::none_of(server.tools, is_theirs)) continue;
            problems.add(
                tool->file, tool->name_line,
                {fmt::format("name: espera outro nome: este o servidor MCP {} usa", server.name),
                 fmt::format("name: expected another name: the MCP server {} has this one", server.name)});
        }
    }
}

std::vector<std::string> ids_of(const std::vector<profile_agent>& agents) {
    std::vector<std::string> ids;
    for (const auto& each : agents) {
        if (!each.id.empty()) ids.push_back(each.id);
    }
    return ids;
}

// The files and folders that have a reader each.
void read_the_rest(const profile_files& files, profile_use use, profile_yaml& declared,
                   problem_list& problems) {
    auto& into = declared.read;
    const auto variables = shop_variables(into);
    into.tools = read_tools(files, problems);
    check_tool_names(into, problems);
    if (const auto* text = files.find("schedule.yaml"))
        into.schedule = read_schedule(*text, "schedule.yaml", variables, problems);
    if (problems.has_unreadable("tools/")) return; // whoever names its tools would seem to be wrong
    const auto tools = tool_names(into);
    check_agents_tools(declared.agents, tools);
    if (const auto* text = files.find("script.yaml");
        text != nullptr && (use == profile_use::check || use == profile_use::serve_offline))
        into.script = read_script(read_yaml(*text, "script.yaml", problems), "script.yaml", variables,
                                  ids_of(into.agents), tools, problems);
    for (const auto& file : files.below("evals/"))
        into.evals.push_back(read_eval(*files.find(file), file, tools, problems));
}

// Serving, knowledge_base reads the same, and serves none of it if anything is wrong. Its mistakes are the
// profile's, too: people want to hear of all at once.
std::shared_ptr<const knowledge_files>
read_knowledge(const fs::path& folder, const knowledge_options& options, problem_list& problems) {
    auto files = std::make_shared<const knowledge_files>(
        read_knowledge_files({{.path = folder / "knowledge", .profile = folder}}, problems));
    read_faq_book(*files, options, problems);
    return files;
}

std::string name_of(const fs::path& folder) {
    std::error_code failed;
    const auto whole = fs::absolute(folder, failed).lexically_normal();
    return (whole.has_filename() ? whole : whole.parent_path()).filename().string();
}

} // namespace

profile_reading read_profile(const fs::path& folder, profile_use use) {
    profile_reading out;
    out.stamp = stamp_of(folder);
    problem_list problems;
    const auto evals = use == profile_use::check ? eval_files::read : eval_files::skip;
    const auto files = read_profile_files(folder, evals, problems);
    part_reader parts(files, problems);
    out.files = files.texts.size();
    auto declared = read_profile_yaml(folder, files, use, parts, problems);
    // Without it nothing else can be judged: its variables, agents and texts are what the other files name.
    if (files.find("profile.yaml") != nullptr && !problems.has_unreadable("profile.yaml")) {
        read_prompts(declared, files, parts, problems);
        parts.check_the_rest();
        read_the_rest(files, use, declared, problems);
        if (use != profile_use::pin) {
            out.knowledge = read_knowledge(folder, declared.read.knowledge, problems);
            out.files += out.knowledge->count();
        }
    }
    declared.read.name = name_of(folder);
    declared.read.version = files.version();
    out.problems = problems.sorted();
    if (problems.empty()) out.read = std::make_shared<const profile>(std::move(declared.read));
    return out;
}

result<profile> load_profile(const fs::path& folder, profile_use use) {
    std::error_code ignored;
    if (!fs::is_directory(folder, ignored)) {
        return fail(errc::invalid_input,
                    "profile: expected a folder with profile.yaml at " + folder.string());
    }
    const auto reading = read_profile(folder, use);
    if (reading.read) return *reading.read;
    return fail(errc::invalid_input, text_of(reading.problems, language::english));
}

} // namespace atende
