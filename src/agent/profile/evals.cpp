#include "agent/profile/evals.hpp"

#include "agent/profile/yaml_reader.hpp"

#include <algorithm>
#include <re2/re2.h>
#include <set>

namespace atende {
namespace {

void check_tool_names(const yaml_map& map, const std::string& key, const std::vector<std::string>& names) {
    static const RE2 tool("[A-Za-z0-9_-]{1,64}");
    if (std::ranges::all_of(names, [](const auto& name) { return RE2::FullMatch(name, tool); })) return;
    map.expected(key, bilingual{"nomes de ferramentas: letras sem acento, dígitos, _ e -",
                                "names of tools: plain letters, digits, _ and -"});
}

eval_expectation read_expectation(const yaml_map& map) {
    eval_expectation read{.mentions = map.texts("mentions"),
                          .avoids = map.texts("avoids"),
                          .matches = map.texts("matches"),
                          .calls = map.texts("calls"),
                          .never_calls = map.texts("never_calls")};
    check_tool_names(map, "calls", read.calls);
    check_tool_names(map, "never_calls", read.never_calls);
    for (const auto& pattern : read.matches) {
        if (const RE2 compiled(pattern, RE2::Quiet); !compiled.ok()) {
            map.expected("matches",
                         {"um padrão válido: " + compiled.error(), "a valid pattern: " + compiled.error()});
        }
    }
    return read;
}

bool expects_something(const eval_expectation& e) {
    return !e.mentions.empty() || !e.avoids.empty() || !e.matches.empty() || !e.calls.empty() ||
           !e.never_calls.empty();
}

eval_conversation read_conversation(const yaml_map& map) {
    eval_conversation read{.name = map.text("name"), .turns = {}};
    bool expects = false;
    for (const auto& turn : map.maps("turns", {"says", "expect"})) {
        eval_turn one{.says = turn.texts("says"),
                      .expect = read_expectation(
                          turn.map("expect", {"mentions", "avoids", "matches", "calls", "never_calls"}))};
        if (one.says.empty() || std::ranges::any_of(one.says, &std::string::empty)) {
            turn.expected("says", bilingual{"o que o cliente escreve: um texto ou uma lista deles",
                                            "what the customer writes: a text or a list of them"});
        }
        expects = expects || expects_something(one.expect);
        read.turns.push_back(std::move(one));
    }
    if (!expects) {
        map.expected("turns", bilingual{"ao menos um turno com says e expect",
                                        "at least one turn with says and expect"});
    }
    return read;
}

} // namespace

eval read_eval(const std::string& text, const std::string& file, problem_list& problems) {
    const yaml_map root(read_yaml(text, file, problems), file, "", {"about", "conversations"}, problems);
    eval read{.file = file, .about = root.optional_text("about"), .conversations = {}};
    std::set<std::string> names;
    for (const auto& conversation : root.maps("conversations", {"name", "turns"})) {
        read.conversations.push_back(read_conversation(conversation));
        if (!names.insert(read.conversations.back().name).second)
            conversation.expected("name",
                                  bilingual{"um nome que nenhuma outra tem", "a name that no other has"});
    }
    if (read.conversations.empty()) {
        root.expected("conversations", bilingual{"ao menos uma conversa", "at least one conversation"});
    }
    return read;
}

} // namespace atende
