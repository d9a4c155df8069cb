#include "agent/profile/script.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <atende/agent/script_model.hpp>
#include <atende/platform/json.hpp>
#include <atende/platform/text.hpp>
#include <ranges>
#include <stdexcept>

namespace atende {
namespace {

// What a request's messages tell about the conversation.
struct scene {
    template_values known;           // slots, the latest word counts
    std::set<std::string> heard_now; // slots filled by this turn
    std::string said_now;            // folded
    std::set<std::string> done;      // tools that succeeded
    std::string tool_result;         // of the tool just called; empty otherwise
};

void listen(const offline_script& script, const std::string& line, const std::string& said_before, bool now,
            scene& seen) {
    std::set<std::string> filled;
    const auto plain = folded(line);
    for (const auto& way : script.slots) {
        if (filled.contains(way.slot)) continue;
        if (way.after && !RE2::PartialMatch(said_before, *way.after)) continue;
        if (way.except && RE2::PartialMatch(plain, *way.except)) continue;
        std::string value;
        const bool found = way.take->NumberOfCapturingGroups() > 0
                               ? RE2::PartialMatch(line, *way.take, &value)
                               : RE2::PartialMatch(line, *way.take);
        if (!found) continue;
        filled.insert(way.slot);
        seen.known[way.slot] = way.value.empty() ? std::string(trimmed(value)) : way.value;
        if (now) seen.heard_now.insert(way.slot);
    }
}

scene observe(const offline_script& script, const std::vector<chat_message>& messages) {
    scene seen;
    std::size_t turn_starts = messages.size();
    while (turn_starts > 0 && messages[turn_starts - 1].role != chat_role::user) --turn_starts;

    std::string said_before;
    bool first = true;
    std::map<std::string, std::string> tool_of_call;
    for (std::size_t i = 0; i < messages.size(); ++i) {
        const auto& message = messages[i];
        const bool now = i + 1 >= turn_starts;
        if (message.role == chat_role::assistant) {
            for (const auto& call : message.tool_calls) tool_of_call[call.id] = call.name;
            if (!now && !message.content.empty()) {
                first = false;
                said_before = folded(message.content);
            }
        } else if (message.role == chat_role::tool) {
            if (message.content.starts_with("SUCESSO")) seen.done.insert(tool_of_call[message.tool_call_id]);
        } else if (message.role == chat_role::user) {
            for (const auto line : std::views::split(message.content, '\n')) {
                listen(script, std::string(std::string_view(line)), said_before, now, seen);
            }
            if (now) seen.said_now = folded(message.content);
        }
    }
    if (!messages.empty() && messages.back().role == chat_role::tool)
        seen.tool_result = messages.back().content;
    if (const auto colon = seen.tool_result.find(": "); colon != std::string::npos)
        seen.known["result"] = trimmed(std::string_view(seen.tool_result).substr(colon + 2));
    if (first) seen.known["first"] = "true";
    return seen;
}

bool fits(const script_rule& rule, const scene& seen, const model_request& request) {
    const auto is_known = [&](const std::string& slot) { return seen.known.contains(slot); };
    const auto is_heard = [&](const std::string& slot) { return seen.heard_now.contains(slot); };
    const auto is_done = [&](const std::string& tool) { return seen.done.contains(tool); };
    const auto is_offered = [&](const tool_description& each) { return each.name == rule.call; };

    if (!rule.agent.empty() && std::ranges::find(rule.agent, request.agent) == rule.agent.end()) return false;
    if (seen.tool_result.empty() != rule.after_tool.empty()) return false;
    if (!seen.tool_result.starts_with(rule.after_tool)) return false;
    if (rule.says && !RE2::PartialMatch(seen.said_now, *rule.says)) return false;
    if (!rule.hears.empty() && std::ranges::none_of(rule.hears, is_heard)) return false;
    if (!std::ranges::all_of(rule.has, is_known) || std::ranges::any_of(rule.lacks, is_known)) return false;
    if (!std::ranges::all_of(rule.done, is_done) || std::ranges::any_of(rule.not_done, is_done)) return false;
    if (rule.call.empty()) return true;
    return request.may_call_tools && request.tools && std::ranges::any_of(*request.tools, is_offered);
}

std::string arguments_of(const script_rule& rule, const template_values& values) {
    auto arguments = nlohmann::json::object();
    for (const auto& [name, text] : rule.arguments) {
        auto value = rendered(text, values);
        if (value == "true" || value == "false") {
            arguments[name] = value == "true";
        } else if (!value.empty()) {
            arguments[name] = std::move(value);
        }
    }
    return json_text(arguments);
}

class script_model final : public model {
public:
    script_model(std::shared_ptr<const profile> profile, std::string agent_name)
        : profile_(std::move(profile)),
          variables_(profile_->variables) {
        if (!profile_->script)
            throw std::invalid_argument("profile " + profile_->name + " has no script.yaml");
        variables_["agent_name"] = agent_name.empty() ? profile_->agents.front().name : agent_name;
    }

    [[nodiscard]] const std::string& name() const override { return name_; }

    awaitable<result<model_answer>> complete(const model_request& request) override {
        if (request.answer_as) co_return fail(errc::rejected, "the offline model only talks");
        co_return play(request);
    }

private:
    [[nodiscard]] model_answer play(const model_request& request) const {
        auto seen = observe(*profile_->script, request.messages);
        auto values = variables_;
        const auto& agents = profile_->agents;
        const auto speaking = std::ranges::find(agents, request.agent, &profile_agent::id);
        if (speaking != agents.begin() && speaking != agents.end()) values["agent_name"] = speaking->name;
        values.insert(seen.known.begin(), seen.known.end());

        const auto& rules = profile_->script->rules;
        const auto found =
            std::ranges::find_if(rules, [&](const auto& each) { return fits(each, seen, request); });
        const auto& rule = found == rules.end() ? rules.back() : *found;
        model_answer answer;
        if (rule.call.empty()) {
            answer.content = rendered(rule.answer, values);
        } else {
            answer.finish = finish_reason::tool_calls;
            answer.tool_calls.push_back({.id = fmt::format("call_{}", request.messages.size()),
                                         .name = rule.call,
                                         .arguments = arguments_of(rule, values)});
        }
        return answer;
    }

    std::string name_ = "offline";
    std::shared_ptr<const profile> profile_;
    template_values variables_;
};

} // namespace

std::shared_ptr<model> make_script_model(std::shared_ptr<const profile> profile, std::string agent_name) {
    return std::make_shared<script_model>(std::move(profile), std::move(agent_name));
}

} // namespace atende
