#include "agent/transcript.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <atende/platform/json.hpp>
#include <set>

namespace atende {
namespace {

constexpr std::string_view interrupted = "ERRO: a chamada foi interrompida";

// Some servers parse the arguments of earlier calls and refuse the whole request if they are not an object.
std::string sendable_arguments(const std::string& arguments) {
    const auto parsed = parsed_json(arguments);
    return parsed.is_object() ? arguments : "{}";
}

std::string sendable_name(std::string name) {
    for (char& c : name) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x80 || (!std::isalnum(byte) && c != '_' && c != '-')) c = '_';
    }
    name.resize(std::min<std::size_t>(name.size(), 64));
    return name.empty() ? "_" : name;
}

std::span<const history_entry> turns_after(std::span<const history_entry> history, std::int64_t through) {
    if (through == 0) return history;
    const auto is_later = [through](const history_entry& entry) { return entry.turn > through; };
    return {std::ranges::find_if(history, is_later), history.end()};
}

std::span<const history_entry> last_turns(std::span<const history_entry> history, int max_turns) {
    std::size_t start = history.size();
    int turns = 0;
    for (std::size_t i = history.size(); i-- > 0;) {
        const bool begins =
            history[i].who == speaker::customer && (i == 0 || history[i - 1].who != speaker::customer);
        if (!begins) continue;
        if (++turns > max_turns) return history.subspan(start);
        start = i;
    }
    return max_turns > 0 ? history : history.subspan(history.size());
}

void append_steps(std::vector<chat_message>& messages, std::vector<tool_step> steps, std::size_t entry,
                  std::set<std::string>& used_ids) {
    for (std::size_t i = 0; i < steps.size(); ++i) {
        if (steps[i].call_id.empty() || !used_ids.insert(steps[i].call_id).second) {
            steps[i].call_id = fmt::format("past_{}_{}", entry, i);
            used_ids.insert(steps[i].call_id);
        }
    }
    for (auto from = steps.begin(); from != steps.end();) {
        const auto to =
            std::find_if(from, steps.end(), [&](const tool_step& step) { return step.round != from->round; });
        append_round(messages, {}, std::span(from, to));
        from = to;
    }
}

} // namespace

std::vector<chat_message> history_messages(const std::vector<history_entry>& history, int max_turns,
                                           std::int64_t through) {
    std::vector<chat_message> messages;
    std::set<std::string> used_ids;
    std::size_t number = 0;
    for (const auto& entry : last_turns(turns_after(history, through), max_turns)) {
        const auto role = entry.who == speaker::customer ? chat_role::user : chat_role::assistant;
        append_steps(messages, entry.steps, number++, used_ids);
        if (entry.text.empty()) continue;
        auto text = entry.who == speaker::person ? "[atendente humano] " + entry.text : entry.text;
        messages.push_back(words(role, std::move(text)));
    }
    return messages;
}

void append_round(std::vector<chat_message>& messages, std::string content,
                  std::span<const tool_step> steps) {
    if (steps.empty()) return;
    chat_message asked{
        .role = chat_role::assistant, .content = std::move(content), .tool_calls = {}, .tool_call_id = {}};
    for (const auto& step : steps) {
        asked.tool_calls.push_back(
            {step.call_id, sendable_name(step.name), sendable_arguments(step.arguments)});
    }
    messages.push_back(std::move(asked));
    for (const auto& step : steps) {
        messages.push_back({.role = chat_role::tool,
                            .content = step.result.empty() ? std::string(interrupted) : step.result,
                            .tool_calls = {},
                            .tool_call_id = step.call_id});
    }
}

} // namespace atende
