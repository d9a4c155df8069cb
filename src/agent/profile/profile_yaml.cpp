#include "agent/profile/profile_yaml.hpp"

#include "agent/knowledge/read_options.hpp"
#include "agent/local_time.hpp"
#include "agent/mcp/spec_reader.hpp"
#include "agent/profile/voice_reader.hpp"
#include "agent/profile/yaml_reader.hpp"
#include "agent/turn_values.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <atende/agent/built_in_tools.hpp>
#include <cmath>
#include <re2/re2.h>

namespace atende {
namespace {

constexpr const char* file = "profile.yaml";
constexpr const char* usual_forgotten =
    "Pronto, esqueci a nossa conversa. Se você deixou seus dados e quer que a loja os apague também, é só "
    "pedir à nossa equipe.";

lead_profile read_leads(const yaml_map& leads) {
    lead_profile read{.required_fields = leads.texts("required"), .columns = leads.pairs("columns")};
    const std::vector<std::string> asked(lead_fields.begin(), lead_fields.end());
    auto all = asked;
    all.insert(all.end(), lead_identity_fields.begin(), lead_identity_fields.end());
    expect_known(leads, "required", read.required_fields, asked);
    const auto columns = leads.map("columns", {});
    for (const auto& [field, column] : read.columns) {
        if (std::ranges::find(all, field) != all.end()) continue;
        const auto meant = suggestion_for(field, all);
        columns.expected(field,
                         {fmt::format("em vez dela uma de {}{}", fmt::join(all, ", "), meant.portuguese),
                          fmt::format("one of {} instead{}", fmt::join(all, ", "), meant.english)});
    }
    return read;
}

// Those that conversations come by, and the one that a later version brings.
const std::vector<std::string>& known_channels() {
    static const std::vector<std::string> names{std::string(channel_name(platform_kind::instagram)),
                                                std::string(channel_name(platform_kind::web)), "whatsapp"};
    return names;
}

std::vector<std::string> read_channels(const yaml_map& root) {
    if (!root.has("channels")) return {};
    auto names = root.texts("channels");
    expect_known(root, "channels", names, known_channels());
    const auto written = root.item("channels", {});
    if (names.empty() && !written.IsMap() && written.size() == 0) // else it has been told already
        root.expected("channels", {fmt::format("ao menos um de {}", fmt::join(known_channels(), ", ")),
                                   fmt::format("at least one of {}", fmt::join(known_channels(), ", "))});
    return names;
}

model_options read_model(const yaml_map& model) {
    model_options read{.name = model.optional_text("name"), .temperature = model.number("temperature", 0, 2)};
    read.max_output_tokens = model.whole("max_output_tokens", read.max_output_tokens, 16, 100'000);
    return read;
}

std::optional<std::chrono::milliseconds> read_seconds(const yaml_map& map, const std::string& key,
                                                      double most) {
    const auto seconds = map.number(key, 0, most);
    if (!seconds) return std::nullopt;
    return std::chrono::milliseconds(std::llround(*seconds * 1'000));
}

// Bounds and check are those of DEBOUNCE_SECONDS and DEBOUNCE_MAX_SECONDS.
debounce_options read_debounce(const yaml_map& debounce) {
    const debounce_options read{.quiet = read_seconds(debounce, "seconds", 60),
                                .longest = read_seconds(debounce, "max_seconds", 120)};
    if (read.quiet && read.longest && *read.longest < *read.quiet)
        debounce.wrong("max_seconds", bilingual{"não pode ser menor que debounce.seconds",
                                                "must not be less than debounce.seconds"});
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

simulator_lines read_simulator(const yaml_map& simulator) {
    simulator_lines read;
    if (auto lines = simulator.texts("suggestions"); !lines.empty()) read.suggestions = std::move(lines);
    read.demo = simulator.texts("demo");
    if (read.demo.empty()) read.demo = read.suggestions;
    return read;
}

std::map<std::string, std::string> read_variables(const yaml_map& root) {
    auto read = root.pairs("variables");
    const auto variables = root.map("variables", {});
    static const RE2 name("[A-Za-z_][A-Za-z0-9_]{0,63}");
    for (const auto& [key, value] : read) {
        if (key == "agent_name") {
            variables.wrong(key, bilingual{"é uma chave própria, fora de variables",
                                           "is a key of its own, outside variables"});
        } else if (turn_value_names().contains(key)) {
            variables.expected(key, bilingual{"outro nome: este o contexto de cada turno já tem",
                                              "another name: the context of each turn has this one"});
        } else if (!RE2::FullMatch(key, name)) {
            variables.expected(key, bilingual{"um nome de letras sem acento, dígitos e _",
                                              "a name of plain letters, digits and _"});
        }
    }
    return read;
}

bool is_name(const std::string& text) {
    static const RE2 good("[a-z0-9_-]{1,32}");
    return RE2::FullMatch(text, good);
}

constexpr bilingual name_wanted{"um nome de 1 a 32 letras minúsculas sem acento, dígitos, _ e -",
                                "a name of 1 to 32 plain lower-case letters, digits, _ and -"};
constexpr bilingual prompt_wanted{"um arquivo prompt….md deste perfil", "a file prompt….md of this profile"};

bool is_prompt(const std::string& name, const profile_files& files) {
    return name.starts_with("prompt") && files.find(name) != nullptr;
}

void read_agents(const yaml_map& root, const profile_files& files, profile_yaml& into) {
    auto& all = into.read.agents;
    if (!root.has("agents")) {
        all.push_back({.name = root.text("agent_name"), .about = {}, .prompts = {}, .tools = {}});
        into.agent_prompts = {"prompt.md"};
        return;
    }
    if (root.has("agent_name"))
        root.wrong("agent_name", bilingual{"não cabe ao lado de agents: cada um deles tem o seu name",
                                           "has no place beside agents: each of them has a name of its own"});
    const auto agents = root.map("agents", {});
    for (const auto& id : agents.keys()) {
        if (!is_name(id)) agents.expected(id, name_wanted);
        const auto one = agents.map(id, {"name", "about", "prompt", "tools"});
        profile_agent read{.id = id, .name = one.text("name"), .about = one.text("about")};
        if (one.has("tools")) read.tools = one.texts("tools");
        into.agent_prompts.push_back(one.has("prompt") ? one.text("prompt") : "prompt.md");
        if (!is_prompt(into.agent_prompts.back(), files)) one.expected("prompt", prompt_wanted);
        all.push_back(std::move(read));
        into.agents.push_back(one);
    }
    if (!all.empty()) return;
    root.expected("agents", bilingual{"ao menos um agente", "at least one agent"});
    all.emplace_back();
    into.agent_prompts = {"prompt.md"};
}

hand_over_options read_hand_over(const yaml_map& root) {
    const auto hand_over = root.map("handoff", {"words", "pause_minutes"});
    hand_over_options read;
    read.words = hand_over.phrases("words");
    if (hand_over.has("pause_minutes"))
        read.pause = std::chrono::minutes(hand_over.whole("pause_minutes", 30, 1, 7 * 24 * 60));
    return read;
}

std::vector<std::string> read_built_in_tools(const yaml_map& root) {
    if (root.has("built_in_tools")) {
        auto names = root.texts("built_in_tools");
        expect_known(
            root, "built_in_tools", names,
            {std::string(lead_tool_name), std::string(hand_over_tool_name), std::string(history_tool_name)});
        return names;
    }
    std::vector<std::string> usual{std::string(lead_tool_name)};
    if (root.has("handoff")) usual.emplace_back(hand_over_tool_name);
    return usual;
}

profile_texts read_texts(const yaml_map& texts, const std::set<std::string>& known) {
    const auto template_of = [&](const std::string& key) {
        auto text = texts.text(key);
        if (const auto problem = template_problem(text, known)) texts.wrong(key, *problem);
        return text;
    };
    const auto template_or = [&](const std::string& key, const char* usual) {
        return texts.has(key) ? template_of(key) : std::string(usual);
    };
    return {.one_moment = template_of("one_moment"),
            .fallback = template_of("fallback"),
            .unsupported = template_of("unsupported"),
            .forgotten = template_or("forgotten", usual_forgotten),
            .too_long_note = template_of("too_long_note"),
            .hand_over = template_or("handoff", ""),
            .audio_not_understood = template_or(
                "audio_not_understood", "Não consegui entender o áudio. Pode me escrever, por favor?"),
            .audio_too_long = template_or(
                "audio_too_long", "O áudio é longo demais para eu ouvir. Pode me escrever o principal?"),
            .out_of_scope = template_or(
                "out_of_scope", "Esse assunto foge do que eu consigo resolver por aqui. Posso ajudar com "
                                "alguma coisa da loja?")};
}

std::map<std::string, declared_variant> read_variants(const yaml_map& root, const profile_files& files) {
    std::map<std::string, declared_variant> all;
    const auto variants = root.map("variants", {});
    int sum = 0;
    for (const auto& name : variants.keys()) {
        if (!is_name(name)) variants.expected(name, name_wanted);
        const auto one = variants.map(name, {"weight", "prompt"});
        declared_variant read{.weight = one.whole("weight", 1, 0, 1'000)};
        if (one.has("prompt")) read.file = one.text("prompt");
        if (!is_prompt(read.file, files)) one.expected("prompt", prompt_wanted);
        sum += read.weight;
        all.emplace(name, std::move(read));
    }
    if (!all.empty() && sum == 0) {
        root.expected("variants",
                      bilingual{"ao menos uma com weight acima de 0", "at least one with a weight above 0"});
    }
    return all;
}

} // namespace

bool profile::answers_on(platform_kind channel) const {
    return channels.empty() || std::ranges::find(channels, channel_name(channel)) != channels.end();
}

std::set<std::string> shop_variables(const profile& shop) {
    std::set<std::string> names{"agent_name"};
    for (const auto& [name, value] : shop.variables) names.insert(name);
    return names;
}

profile_yaml read_profile_yaml(const std::filesystem::path& folder, const profile_files& files,
                               profile_use use, part_reader& parts, problem_list& problems) {
    profile_yaml out;
    const auto* text = files.find(file);
    if (text == nullptr) return out;
    const yaml_map root(read_yaml(*text, file, problems), file, "",
                        {"agent_name",     "agents",   "time_zone", "channels",  "context",   "texts",
                         "model",          "debounce", "limits",    "memory",    "people",    "handoff",
                         "built_in_tools", "leads",    "mcp",       "knowledge", "variables", "variants",
                         "voice",          "scope",    "simulator"},
                        problems);
    profile& read = out.read;
    read_agents(root, files, out);
    read.time_zone = root.text("time_zone");
    if (!read.time_zone.empty() && !is_time_zone(read.time_zone))
        root.expected("time_zone", but_got(bilingual{"um nome da IANA, como America/Sao_Paulo",
                                                     "an IANA name such as America/Sao_Paulo"},
                                           read.time_zone, time_zones()));
    read.variables = read_variables(root);
    const auto known = shop_variables(read);
    read.texts =
        read_texts(root.map("texts", {"one_moment", "fallback", "unsupported", "forgotten", "too_long_note",
                                      "handoff", "audio_not_understood", "audio_too_long", "out_of_scope"}),
                   known);

    template_scope everything{.known = known, .changing = {}};
    everything.known.insert(turn_value_names().begin(), turn_value_names().end());
    read.context =
        parts.expanded(root.optional_text("context"), file, everything, "context: ", root.line("context"));

    read.channels = read_channels(root);
    read.model = read_model(root.map("model", {"name", "temperature", "max_output_tokens"}));
    read.debounce = read_debounce(root.map("debounce", {"seconds", "max_seconds"}));
    read.limits = read_limits(
        root.map("limits", {"rounds", "tool_calls", "turn_seconds", "history_turns", "history_days"}));
    if (const auto memory = root.map("memory", {"forget_words"}); memory.has("forget_words"))
        read.forget_words = memory.texts("forget_words");
    read.people = read_people(root.map("people", {"automatic_texts", "pause_words", "resume_words"}));
    read.hand_over = read_hand_over(root);
    if (!read.hand_over.words.empty() && read.texts.hand_over.empty())
        root.expected("texts", bilingual{"também handoff: o que dizer a quem pede uma pessoa",
                                         "handoff, too: what to say to who asks for a person"});
    read.built_in_tools = read_built_in_tools(root);
    read.voice = read_voice(root);
    read.scope = read_scope(root, known);
    read.simulator = read_simulator(root.map("simulator", {"suggestions", "demo"}));
    read.leads = read_leads(root.map("leads", {"required", "columns"}));
    read.mcp_servers = read_mcp_servers(root.items("mcp"), file, folder, use, problems);
    auto names = read.variables;
    names["agent_name"] = read.agents.front().name;
    read.knowledge = read_knowledge_options(root, std::move(names), problems);
    out.variants = read_variants(root, files);
    return out;
}

} // namespace atende
