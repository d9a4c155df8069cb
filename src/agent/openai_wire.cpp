#include "agent/openai_wire.hpp"

#include "agent/retry_policy.hpp"

#include <nlohmann/json.hpp>

#include <atende/agent/tool.hpp>

namespace atende {
namespace {

using nlohmann::json;

const char* role_name(chat_role role) {
    switch (role) {
    case chat_role::system: return "system";
    case chat_role::user: return "user";
    case chat_role::assistant: return "assistant";
    case chat_role::tool: return "tool";
    }
    return "user";
}

json message_json(const chat_message& message) {
    json out{{"role", role_name(message.role)}, {"content", message.content}};
    if (message.role == chat_role::tool) out["tool_call_id"] = message.tool_call_id;
    if (message.tool_calls.empty()) return out;
    if (message.content.empty()) out["content"] = nullptr;
    for (const auto& call : message.tool_calls) {
        out["tool_calls"].push_back({{"id", call.id},
                                     {"type", "function"},
                                     {"function", {{"name", call.name}, {"arguments", call.arguments}}}});
    }
    return out;
}

json tool_json(const tool& described) {
    return {{"type", "function"},
            {"function",
             {{"name", described.name()},
              {"description", described.description()},
              {"parameters", described.parameters()}}}};
}

const json& member(const json& object, const char* key) {
    static const json nothing;
    if (!object.is_object()) return nothing;
    const auto found = object.find(key);
    return found == object.end() ? nothing : *found;
}

std::string text_of(const json& value) {
    if (value.is_string()) return value.get<std::string>();
    if (value.is_null()) return {};
    if (!value.is_array()) return value.dump(-1, ' ', false, json::error_handler_t::replace);
    std::string joined; // some servers answer in parts
    for (const auto& part : value) joined += text_of(member(part, "text"));
    return joined;
}

long count_of(const json& value) {
    return value.is_number() ? value.get<long>() : 0;
}

finish_reason finish_of(const json& choice, const model_answer& answer) {
    const auto said = text_of(member(choice, "finish_reason"));
    if (said == "length") return finish_reason::length;
    if (said == "content_filter") return finish_reason::content_filter;
    if (!text_of(member(member(choice, "message"), "refusal")).empty()) return finish_reason::refusal;
    return answer.tool_calls.empty() ? finish_reason::stop : finish_reason::tool_calls;
}

} // namespace

std::string request_body(const openai_settings& settings, const model_request& request) {
    json body{{"model", settings.model},
              {"messages", json::array()},
              {"max_completion_tokens", settings.max_output_tokens},
              {"store", false}};
    if (settings.temperature) body["temperature"] = *settings.temperature;
    for (const auto& message : request.messages) body["messages"].push_back(message_json(message));
    if (request.tools && !request.tools->empty()) {
        for (const auto& each : *request.tools) body["tools"].push_back(tool_json(*each));
        if (!request.may_call_tools) body["tool_choice"] = "none";
    }
    return body.dump(-1, ' ', false, json::error_handler_t::replace);
}

result<model_answer> read_answer(std::string_view body) {
    const auto parsed = json::parse(body, nullptr, false);
    if (parsed.is_discarded()) return fail(errc::protocol, "the answer is not JSON");
    const auto& choices = member(parsed, "choices");
    if (!choices.is_array() || choices.empty()) return fail(errc::protocol, "the answer holds no choice");
    const auto& choice = choices.front();
    const auto& message = member(choice, "message");
    if (!message.is_object()) return fail(errc::protocol, "the answer holds no message");

    model_answer answer;
    answer.content = text_of(member(message, "content"));
    if (const auto& calls = member(message, "tool_calls"); calls.is_array()) {
        for (const auto& call : calls) {
            const auto& function = member(call, "function");
            answer.tool_calls.push_back({.id = text_of(member(call, "id")),
                                         .name = text_of(member(function, "name")),
                                         .arguments = text_of(member(function, "arguments"))});
        }
    }
    answer.finish = finish_of(choice, answer);
    const auto& usage = member(parsed, "usage");
    answer.usage = {.prompt = count_of(member(usage, "prompt_tokens")),
                    .cached_prompt =
                        count_of(member(member(usage, "prompt_tokens_details"), "cached_tokens")),
                    .completion = count_of(member(usage, "completion_tokens"))};
    return answer;
}

api_error read_error(std::string_view body) {
    const auto parsed = json::parse(body, nullptr, false);
    const auto& error = member(parsed, "error");
    api_error read{.code = text_of(member(error, "code")),
                   .parameter = text_of(member(error, "param")),
                   .message = text_of(member(error, "message"))};
    const auto type = text_of(member(error, "type"));
    if (read.code.empty() || is_out_of_credit(type)) read.code = type;
    return read;
}

} // namespace atende
