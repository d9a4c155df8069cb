#include "agent/knowledge/read_options.hpp"
#include "agent/local_time.hpp"
#include "agent/mcp/spec_reader.hpp"
#include "agent/script.hpp"
#include "agent/template_text.hpp"
#include "agent/tools/tool_reader.hpp"
#include "agent/yaml_reader.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <system_error>

#include <algorithm>
#include <atende/agent/profile.hpp>
#include <set>
#include <span>

namespace atende {
namespace {

bool is_one_of(std::string_view name, std::span<const std::string_view> names) {
    return std::ranges::find(names, name) != names.end();
}

lead_profile read_leads(const yaml_map& leads) {
    lead_profile read{.required_fields = leads.texts("required"), .columns = leads.pairs("columns")};
    for (const auto& field : read.required_fields) {
        if (is_one_of(field, lead_fields)) continue;
        leads.expected("required", fmt::format("{}, not '{}'", fmt::join(lead_fields, ", "), field));
    }
    for (const auto& [field, column] : read.columns) {
        if (is_one_of(field, lead_fields) || is_one_of(field, lead_identity_fields)) continue;
        leads.expected("columns", fmt::format("{} or {}, not '{}'", fmt::join(lead_fields, ", "),
                                              fmt::join(lead_identity_fields, ", "), field));
    }
    return read;
}

agent_limits read_limits(const yaml_map& limits) {
    const agent_limits usual;
    return {.rounds = limits.whole("rounds", usual.rounds, 0, 20),
            .tool_calls = limits.whole("tool_calls", usual.tool_calls, 0, 50),
            .turn = std::chrono::seconds(
                limits.whole("turn_seconds", static_cast<int>(usual.turn.count()), 5, 600)),
            .history_turns = limits.whole("history_turns", usual.history_turns, 0, 200),
            .history_age = std::chrono::days(
                limits.whole("history_days", static_cast<int>(usual.history_age.count()), 1, 3650))};
}

people_options read_people(const yaml_map& people) {
    people_options read{.automatic_texts = people.texts("automatic_texts")};
    if (auto words = people.texts("pause_words"); !words.empty()) read.pause_words = std::move(words);
    if (auto words = people.texts("resume_words"); !words.empty()) read.resume_words = std::move(words);
    return read;
}

struct loader {
    const std::filesystem::path& folder;
    problem_list problems;
    profile read;

    std::set<std::string> known_variables() const {
        std::set<std::string> names{"agent_name"};
        for (const auto& [name, value] : read.variables) names.insert(name);
        return names;
    }

    void read_texts(const yaml_map& texts) {
        const auto template_of = [&](const std::string& key) {
            auto text = texts.text(key);
            if (const auto problem = template_problem(text, known_variables())) texts.expected(key, *problem);
            return text;
        };
        read.texts = {.one_moment = template_of("one_moment"),
                      .fallback = template_of("fallback"),
                      .unsupported = template_of("unsupported"),
                      .too_long_note = template_of("too_long_note")};
    }

    void read_profile_yaml() {
        const yaml_map root(read_yaml_file(folder / "profile.yaml", problems), "profile.yaml", "",
                            {"agent_name", "time_zone", "context", "texts", "model", "limits", "people",
                             "leads", "mcp", "knowledge", "variables"},
                            problems);
        read.agent_name = root.text("agent_name");
        read.time_zone = root.text("time_zone");
        if (!is_time_zone(read.time_zone))
            root.expected("time_zone", "an IANA name such as America/Sao_Paulo");
        read.variables = root.pairs("variables");
        if (read.variables.contains("agent_name"))
            root.expected("variables", "no agent_name: it is a key of its own");
        read_texts(root.map("texts", {"one_moment", "fallback", "unsupported", "too_long_note"}));

        auto known = known_variables();
        known.insert({"weekday", "date", "time"});
        read.context = root.optional_text("context");
        if (const auto problem = template_problem(read.context, known)) root.expected("context", *problem);

        const auto model = root.map("model", {"temperature", "max_output_tokens"});
        read.model.temperature = model.number("temperature", 0, 2);
        read.model.max_output_tokens =
            model.whole("max_output_tokens", read.model.max_output_tokens, 16, 100'000);
        read.limits = read_limits(
            root.map("limits", {"rounds", "tool_calls", "turn_seconds", "history_turns", "history_days"}));
        read.people = read_people(root.map("people", {"automatic_texts", "pause_words", "resume_words"}));
        read.leads = read_leads(root.map("leads", {"required", "columns"}));
        read.mcp_servers = read_mcp_servers(root.items("mcp"), "profile.yaml", folder, problems);
        auto names = read.variables;
        names["agent_name"] = read.agent_name;
        read.knowledge = read_knowledge_options(root, std::move(names), problems);
    }

    void read_prompt() {
        const auto text = read_text_file(folder / "prompt.md", problems);
        if (!text) return;
        read.prompt = *text;
        if (read.prompt.empty()) problems.add("prompt.md", "expected what the agent is told about itself");
        if (const auto problem = template_problem(read.prompt, known_variables())) {
            problems.add("prompt.md", "expected " + *problem);
        }
    }

    void read_offline_script() {
        const auto path = folder / "script.yaml";
        if (!std::filesystem::exists(path)) return;
        read.script = read_script(read_yaml_file(path, problems), "script.yaml", known_variables(), problems);
    }
};

} // namespace

result<profile> load_profile(const std::filesystem::path& folder, offline_part offline) {
    std::error_code ignored;
    if (!std::filesystem::is_directory(folder, ignored)) {
        return fail(errc::invalid_input,
                    "profile: expected a folder with profile.yaml at " + folder.string());
    }
    loader all{.folder = folder, .problems = {}, .read = {}};
    all.read.name =
        folder.has_filename() ? folder.filename().string() : folder.parent_path().filename().string();
    all.read_profile_yaml();
    all.read_prompt();
    all.read.tools = read_tools(folder / "tools", all.problems);
    if (offline == offline_part::read) all.read_offline_script();
    if (!all.problems.empty()) return fail(errc::invalid_input, all.problems.text());
    return std::move(all.read);
}

} // namespace atende
