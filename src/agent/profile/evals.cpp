#include "agent/profile/evals.hpp"

#include "agent/profile/tool_names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atende/platform/log.hpp>
#include <atende/platform/text.hpp>
#include <re2/re2.h>
#include <set>

namespace atende {
namespace {

// The answer is compared without case and accents: a word that has them could never be in it.
void check_words(const yaml_map& map, const std::string& key, const std::vector<std::string>& words) {
    for (const auto& word : words) {
        const auto plain = without_accents(word);
        if (plain == word) continue;
        const auto wanted = printable(plain, 60);
        map.expected(key, map.item(key, word),
                     but_got({fmt::format("palavras em minúsculas sem acentos, porque é assim que se compara "
                                          "a resposta: \"{}\"",
                                          wanted),
                              fmt::format("words in lower case without accents, because that is how the "
                                          "answer is compared: \"{}\"",
                                          wanted)},
                             word));
    }
}

eval_expectation read_expectation(const yaml_map& map, const std::vector<std::string>& tools) {
    eval_expectation read{.mentions = map.texts("mentions"),
                          .avoids = map.texts("avoids"),
                          .matches = map.texts("matches"),
                          .calls = map.texts("calls"),
                          .never_calls = map.texts("never_calls")};
    check_words(map, "mentions", read.mentions);
    check_words(map, "avoids", read.avoids);
    expect_tools(map, "calls", read.calls, tools);
    expect_tools(map, "never_calls", read.never_calls, tools);
    for (const auto& pattern : read.matches) {
        if (const RE2 compiled(pattern, RE2::Quiet); !compiled.ok()) {
            map.expected("matches", map.item("matches", pattern),
                         {"um padrão válido: " + compiled.error(), "a valid pattern: " + compiled.error()});
        }
    }
    return read;
}

bool expects_something(const eval_expectation& e) {
    return !e.mentions.empty() || !e.avoids.empty() || !e.matches.empty() || !e.calls.empty() ||
           !e.never_calls.empty();
}

eval_conversation read_conversation(const yaml_map& map, const std::vector<std::string>& tools) {
    eval_conversation read{.name = map.text("name"), .turns = {}};
    bool expects = false;
    for (const auto& turn : map.maps("turns", {"says", "expect"})) {
        eval_turn one{
            .says = turn.texts("says"),
            .expect = read_expectation(
                turn.map("expect", {"mentions", "avoids", "matches", "calls", "never_calls"}), tools)};
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

eval read_eval(const std::string& text, const std::string& file, const std::vector<std::string>& tools,
               problem_list& problems) {
    const yaml_map root(read_yaml(text, file, problems), file, "", {"about", "conversations"}, problems);
    eval read{.file = file, .about = root.optional_text("about"), .conversations = {}};
    std::set<std::string> names;
    for (const auto& conversation : root.maps("conversations", {"name", "turns"})) {
        read.conversations.push_back(read_conversation(conversation, tools));
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
