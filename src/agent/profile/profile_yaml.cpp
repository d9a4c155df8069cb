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
#include <re2/re2.h>

namespace atende {
namespace {

constexpr const char* file = "profile.yaml";

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

std::map<std::string, std::string> read_variables(const yaml_map& root) {
    auto read = root.pairs("variables");
    const auto variables = root.map("variables", {});
    static const RE2 name("[A-Za-z_][A-Za-z0-9_]{0,63}");
    for (const auto& [key, value] : read) {
        if (key == "agent_name") {
            variables.expected(key, bilingual{"nada aqui: é uma chave própria, fora de variables",
                                              "nothing here: it is a key of its own, outside variables"});
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

profile_texts read_texts(const yaml_map& texts, const std::set<std::string>& known) {
    const auto template_of = [&](const std::string& key) {
        auto text = texts.text(key);
        if (const auto problem = template_problem(text, known)) texts.expected(key, *problem);
        return text;
    };
    const auto template_or = [&](const std::string& key, const char* usual) {
        return texts.has(key) ? template_of(key) : std::string(usual);
    };
    return {.one_moment = template_of("one_moment"),
            .fallback = template_of("fallback"),
            .unsupported = template_of("unsupported"),
            .too_long_note = template_of("too_long_note"),
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
    static const RE2 good_name("[a-z0-9_-]{1,32}");
    int sum = 0;
    for (const auto& name : variants.keys()) {
        if (!RE2::FullMatch(name, good_name)) {
            variants.expected(name,
                              bilingual{"um nome de 1 a 32 letras minúsculas sem acento, dígitos, _ e -",
                                        "a name of 1 to 32 plain lower-case letters, digits, _ and -"});
        }
        const auto one = variants.map(name, {"weight", "prompt"});
        declared_variant read{.weight = one.whole("weight", 1, 0, 1'000)};
        if (one.has("prompt")) read.file = one.text("prompt");
        if (files.find(read.file) == nullptr || !read.file.starts_with("prompt")) {
            one.expected("prompt", bilingual{"um arquivo prompt….md deste perfil",
                                             "a file prompt….md of this profile"});
        }
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

std::set<std::string> shop_variables(const profile& shop) {
    std::set<std::string> names{"agent_name"};
    for (const auto& [name, value] : shop.variables) names.insert(name);
    return names;
}

profile_yaml read_profile_yaml(const std::filesystem::path& folder, const profile_files& files,
                               part_reader& parts, problem_list& problems) {
    profile_yaml out;
    const auto* text = files.find(file);
    if (text == nullptr) return out;
    const yaml_map root(read_yaml(*text, file, problems), file, "",
                        {"agent_name", "time_zone", "context", "texts", "model", "limits", "people", "leads",
                         "mcp", "knowledge", "variables", "variants", "voice", "scope"},
                        problems);
    profile& read = out.read;
    read.agent_name = root.text("agent_name");
    read.time_zone = root.text("time_zone");
    if (!is_time_zone(read.time_zone)) {
        root.expected("time_zone", bilingual{"um nome da IANA, como America/Sao_Paulo",
                                             "an IANA name such as America/Sao_Paulo"});
    }
    read.variables = read_variables(root);
    const auto known = shop_variables(read);
    read.texts = read_texts(root.map("texts", {"one_moment", "fallback", "unsupported", "too_long_note",
                                               "audio_not_understood", "audio_too_long", "out_of_scope"}),
                            known);

    template_scope everything{.known = known, .changing = {}};
    everything.known.insert(turn_value_names().begin(), turn_value_names().end());
    read.context =
        parts.expanded(root.optional_text("context"), file, everything, "context: ", root.line("context"));

    const auto model = root.map("model", {"temperature", "max_output_tokens"});
    read.model.temperature = model.number("temperature", 0, 2);
    read.model.max_output_tokens =
        model.whole("max_output_tokens", read.model.max_output_tokens, 16, 100'000);
    read.limits = read_limits(
        root.map("limits", {"rounds", "tool_calls", "turn_seconds", "history_turns", "history_days"}));
    read.people = read_people(root.map("people", {"automatic_texts", "pause_words", "resume_words"}));
    read.voice = read_voice(root);
    read.scope = read_scope(root, known);
    read.leads = read_leads(root.map("leads", {"required", "columns"}));
    read.mcp_servers = read_mcp_servers(root.items("mcp"), file, folder, problems);
    auto names = read.variables;
    names["agent_name"] = read.agent_name;
    read.knowledge = read_knowledge_options(root, std::move(names), problems);
    out.variants = read_variants(root, files);
    return out;
}

} // namespace atende
