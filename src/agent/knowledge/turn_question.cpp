#include "agent/knowledge/turn_question.hpp"

#include "agent/customer_words.hpp"

#include <nlohmann/json.hpp>

#include <atende/platform/json.hpp>
#include <atende/platform/text.hpp>
#include <ranges>

namespace atende {
namespace {

constexpr std::size_t longest = 2'000;          // bytes of what was said before
constexpr std::size_t longest_question = 4'000; // bytes; a token is one at least

void add_line(std::string& text, std::string_view line) {
    if (line.empty()) return;
    if (!text.empty()) text += '\n';
    text += line;
}

} // namespace

std::string question_of(const turn& turn) {
    auto question = own_words(turn);
    for (const auto& message : turn.messages)
        if (!message.unsent && message.came_from) add_line(question, message.came_from->ad_title);
    question.resize(grapheme_prefix(question, longest_question).size());
    return question;
}

std::string last_exchange(const std::vector<history_entry>& history) {
    std::string said;
    bool customer_spoke = false;
    for (const auto& entry : history | std::views::reverse) {
        const bool is_customer = entry.who == speaker::customer;
        if (customer_spoke && !is_customer) break;
        customer_spoke = is_customer;
        add_line(said, grapheme_prefix(entry.text, longest));
        if (said.size() >= longest) break;
    }
    return said;
}

std::string sources_json(const std::vector<knowledge_source>& sources) {
    nlohmann::json list = nlohmann::json::array();
    for (const auto& source : sources) {
        list.push_back(
            {{"file", source.file}, {"first_line", source.first_line}, {"last_line", source.last_line}});
    }
    return json_text({{"sources", std::move(list)}});
}

} // namespace atende
