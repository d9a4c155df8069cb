#include "agent/openai_wire.hpp"

#include <nlohmann/json.hpp>

#include <atende/platform/json.hpp>
#include <atende/platform/json_writer.hpp>
#include <atende/platform/retry_policy.hpp>

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

void write_call(std::string& out, const tool_call& call) {
    std::string function;
    json_writer f(function);
    f.text("name", call.name);
    f.text("arguments", call.arguments);
    f.end();
    json_writer w(out);
    w.text("id", call.id);
    w.text("type", "function");
    w.raw("function", function);
    w.end();
}

void write_message(std::string& out, const chat_message& message) {
    json_writer w(out);
    w.text("role", role_name(message.role));
    if (message.content.empty() && !message.tool_calls.empty()) {
        w.raw("content", "null");
    } else {
        w.text("content", message.content);
    }
    if (message.role == chat_role::tool) w.text("tool_call_id", message.tool_call_id);
    if (!message.tool_calls.empty()) w.list("tool_calls", message.tool_calls, write_call);
    w.end();
}

void write_tool(std::string& out, const tool_description& described) {
    std::string function;
    json_writer f(function);
    f.text("name", described.name);
    f.text("description", described.description);
    f.raw("parameters", described.parameters);
    f.end();
    json_writer w(out);
    w.text("type", "function");
    w.raw("function", function);
    w.end();
}

void write_answer_schema(json_writer& to, const answer_schema& shape) {
    std::string described;
    json_writer d(described);
    d.text("name", shape.name);
    d.raw("strict", "true");
    d.raw("schema", shape.schema);
    d.end();
    std::string format;
    json_writer f(format);
    f.text("type", "json_schema");
    f.raw("json_schema", described);
    f.end();
    to.raw("response_format", format);
}

std::string text_of(const json& value) {
    if (value.is_string()) return value.get<std::string>();
    if (value.is_null()) return {};
    if (!value.is_array()) return json_text(value);
    std::string joined; // some servers answer in parts
    for (const auto& part : value) joined += text_of(json_member(part, "text"));
    return joined;
}

long count_of(const json& value) {
    return value.is_number() ? value.get<long>() : 0;
}

finish_reason finish_of(const json& choice, const model_answer& answer) {
    const auto said = text_of(json_member(choice, "finish_reason"));
    if (said == "length") return finish_reason::length;
    if (said == "content_filter") return finish_reason::content_filter;
    if (!text_of(json_member(json_member(choice, "message"), "refusal")).empty())
        return finish_reason::refusal;
    return answer.tool_calls.empty() ? finish_reason::stop : finish_reason::tool_calls;
}

} // namespace

// By hand: a DOM would copy the whole conversation once more, for every call.
std::string request_body(const openai_settings& settings, const model_request& request) {
    std::string body;
    std::size_t length = 4'096;
    for (const auto& message : request.messages) length += message.content.size() * 9 / 8 + 64;
    body.reserve(length);
    json_writer w(body);
    w.text("model", settings.model);
    w.list("messages", request.messages, write_message);
    w.number("max_completion_tokens",
             request.max_output_tokens > 0 ? request.max_output_tokens : settings.max_output_tokens);
    w.raw("store", "false");
    if (settings.temperature) w.number("temperature", *settings.temperature);
    if (request.tools && !request.tools->empty()) {
        w.list("tools", *request.tools, write_tool);
        if (!request.may_call_tools) w.text("tool_choice", "none");
    }
    if (request.answer_as) write_answer_schema(w, *request.answer_as);
    if (request.listener) {
        w.raw("stream", "true");
        w.raw("stream_options", R"({"include_usage":true})");
    }
    w.end();
    return is_valid_utf8(body) ? body : with_valid_utf8(body);
}

result<model_answer> read_answer(std::string_view body) {
    const auto parsed = parsed_json(body);
    if (parsed.is_discarded()) return fail(errc::protocol, "the answer is not JSON");
    return answer_of(parsed);
}

result<model_answer> answer_of(const json& body) {
    const auto& choices = json_member(body, "choices");
    if (!choices.is_array() || choices.empty()) return fail(errc::protocol, "the answer holds no choice");
    const auto& choice = choices.front();
    const auto& message = json_member(choice, "message");
    if (!message.is_object()) return fail(errc::protocol, "the answer holds no message");

    model_answer answer;
    answer.content = text_of(json_member(message, "content"));
    if (const auto& calls = json_member(message, "tool_calls"); calls.is_array()) {
        for (const auto& call : calls) {
            const auto& function = json_member(call, "function");
            answer.tool_calls.push_back({.id = text_of(json_member(call, "id")),
                                         .name = text_of(json_member(function, "name")),
                                         .arguments = text_of(json_member(function, "arguments"))});
        }
    }
    answer.finish = finish_of(choice, answer);
    const auto& usage = json_member(body, "usage");
    answer.usage = {.prompt = count_of(json_member(usage, "prompt_tokens")),
                    .cached_prompt =
                        count_of(json_member(json_member(usage, "prompt_tokens_details"), "cached_tokens")),
                    .completion = count_of(json_member(usage, "completion_tokens"))};
    return answer;
}

api_error read_error(std::string_view body) {
    const auto parsed = parsed_json(body);
    const auto& error = json_member(parsed, "error");
    return {.code = api_error_code(body),
            .parameter = text_of(json_member(error, "param")),
            .message = text_of(json_member(error, "message"))};
}

} // namespace atende
