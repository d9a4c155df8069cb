#include "agent/profile/script.hpp"

#include "agent/profile/tool_names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atende/platform/text.hpp>

namespace atende {
namespace {

std::unique_ptr<RE2> pattern(const yaml_map& map, const std::string& key, const std::string& text) {
    RE2::Options quiet;
    quiet.set_log_errors(false);
    auto compiled = std::make_unique<RE2>(text, quiet);
    if (!compiled->ok())
        map.expected(key,
                     {"um padrão válido: " + compiled->error(), "a valid pattern: " + compiled->error()});
    return compiled;
}

// Whole words of folded text. A capital or an accent could never match: say so instead of staying silent.
std::unique_ptr<RE2> words(const yaml_map& map, const std::string& key) {
    if (!map.has(key)) return nullptr;
    const auto text = map.text(key);
    const bool plain = std::ranges::all_of(text, [escaped = false](unsigned char c) mutable {
        const bool fits = c < 0x80 && (escaped || c < 'A' || c > 'Z');
        escaped = c == '\\' && !escaped;
        return fits;
    });
    if (!plain)
        map.expected(key,
                     bilingual{"palavras em minúsculas sem acentos: é assim que se compara o que as pessoas "
                               "escrevem",
                               "words in lower case without accents: that is how what people type is "
                               "compared"});
    return pattern(map, key, "\\b(?:" + text + ")\\b");
}

struct script_reader {
    const std::string& file;
    std::set<std::string> known_variables;
    const std::vector<std::string>& agents;
    const std::vector<std::string>& tools;
    problem_list& problems;
    std::set<std::string> slots;
    offline_script script;

    void read_slot(const yaml_map& all, const std::string& name) {
        if (known_variables.contains(name))
            all.expected(name, bilingual{"um nome que não seja uma das variáveis do profile.yaml",
                                         "a name that is not one of profile.yaml's variables"});
        slots.insert(name);
        const auto ways = all.items(name);
        for (std::size_t i = 0; i < ways.size(); ++i) {
            const yaml_map way(ways[i], file, fmt::format("slots.{}[{}].", name, i + 1),
                               {"take", "value", "after", "except"}, problems);
            script.slots.push_back({.slot = name,
                                    .take = pattern(way, "take", way.text("take")),
                                    .value = way.optional_text("value"),
                                    .after = words(way, "after"),
                                    .except = words(way, "except")});
        }
    }

    std::vector<std::string> slot_names(const yaml_map& rule, const std::string& key) const {
        auto names = rule.texts(key);
        expect_among(rule, key, names, bilingual{"slots deste arquivo", "slots of this file"},
                     {slots.begin(), slots.end()});
        return names;
    }

    void check_template(const yaml_map& map, const std::string& key, const std::string& text) const {
        if (const auto problem = template_problem(text, known_variables)) map.wrong(key, *problem);
    }

    void read_rule(const YAML::Node& node, std::size_t number) {
        const yaml_map rule(node, file, fmt::format("rules[{}].", number),
                            {"agent", "says", "hears", "has", "lacks", "after_tool", "done", "not_done",
                             "answer", "call", "with"},
                            problems);
        script_rule read{.agent = rule.texts("agent"),
                         .says = words(rule, "says"),
                         .hears = slot_names(rule, "hears"),
                         .has = slot_names(rule, "has"),
                         .lacks = slot_names(rule, "lacks"),
                         .after_tool = rule.optional_text("after_tool"),
                         .done = rule.texts("done"),
                         .not_done = rule.texts("not_done"),
                         .answer = rule.optional_text("answer"),
                         .call = rule.optional_text("call"),
                         .arguments = rule.pairs("with")};
        if (read.answer.empty() == read.call.empty())
            rule.expected("answer",
                          bilingual{"answer ou call, um dos dois", "answer or call, one of the two"});
        if (!read.call.empty() && !read.after_tool.empty())
            rule.expected("call", bilingual{"uma resposta depois do resultado de uma ferramenta",
                                            "an answer after a tool's result"});
        expect_among(rule, "agent", read.agent, {"agentes deste perfil", "agents of this profile"}, agents);
        expect_tools(rule, "done", read.done, tools);
        expect_tools(rule, "not_done", read.not_done, tools);
        if (!read.call.empty()) expect_tools(rule, "call", {read.call}, tools);
        check_template(rule, "answer", read.answer);
        const auto with = rule.map("with", {});
        for (const auto& [name, text] : read.arguments) check_template(with, name, text);
        script.rules.push_back(std::move(read));
    }
};

bool fits_always(const script_rule& rule) {
    return rule.agent.empty() && !rule.says && rule.hears.empty() && rule.has.empty() && rule.lacks.empty() &&
           rule.after_tool.empty() && rule.done.empty() && rule.not_done.empty() && !rule.answer.empty();
}

} // namespace

std::shared_ptr<const offline_script> read_script(const YAML::Node& root, const std::string& file,
                                                  const std::set<std::string>& variables,
                                                  const std::vector<std::string>& agents,
                                                  const std::vector<std::string>& tools,
                                                  problem_list& problems) {
    const yaml_map top(root, file, "", {"slots", "rules"}, problems);
    script_reader reader{.file = file,
                         .known_variables = variables,
                         .agents = agents,
                         .tools = tools,
                         .problems = problems,
                         .slots = {},
                         .script = {}};
    const auto slots = top.map("slots", {});
    for (const auto& name : slots.keys()) reader.read_slot(slots, name);
    reader.known_variables.insert(reader.slots.begin(), reader.slots.end());
    reader.known_variables.insert({"first", "result"});

    const auto rules = top.items("rules");
    for (std::size_t i = 0; i < rules.size(); ++i) reader.read_rule(rules[i], i + 1);
    if (reader.script.rules.empty() || !fits_always(reader.script.rules.back())) {
        top.expected("rules",
                     bilingual{"uma última regra só com answer, para tudo que não cabe nas outras",
                               "a last rule with nothing but an answer, for all that no other rule fits"});
    }
    return std::make_shared<const offline_script>(std::move(reader.script));
}

} // namespace atende
