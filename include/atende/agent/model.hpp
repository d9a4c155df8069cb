// A language model, in the words of Chat Completions.
#pragma once

#include <atende/platform/async.hpp>
#include <atende/platform/result.hpp>
#include <string>
#include <vector>

namespace atende {

enum class chat_role { system, user, assistant, tool };

struct tool_call {
    std::string id;
    std::string name;
    std::string arguments; // JSON as the model wrote it: not yet checked
};

struct chat_message {
    chat_role role = chat_role::user;
    std::string content;
    std::vector<tool_call> tool_calls; // of the assistant
    std::string tool_call_id;          // of a tool's answer
};

// What the model is told of a tool.
struct tool_description {
    std::string name;
    std::string description;
    std::string parameters; // JSON schema of an object, as text: written into every request as it is
};

struct model_request {
    // A tool message answers the assistant message directly before it, and every tool call is answered.
    std::vector<chat_message> messages;
    const std::vector<tool_description>* tools = nullptr; // may be null or empty
    bool may_call_tools = true;
    std::string conversation; // for the log and the offline model's memory of nothing: an id, no text
};

enum class finish_reason { stop, tool_calls, length, content_filter, refusal };

struct token_usage {
    long prompt = 0;
    long cached_prompt = 0;
    long completion = 0;
};

struct model_answer {
    finish_reason finish = finish_reason::stop;
    std::string content;
    std::vector<tool_call> tool_calls;
    token_usage usage;
};

class model {
public:
    virtual ~model() = default;
    [[nodiscard]] virtual const std::string& name() const = 0;
    // Retries inside, as long as that is sensible. errc::unavailable or timed_out: the model could not be
    // reached, try the turn again later. errc::rejected: it refused the request itself (bad key, unknown
    // model, no credit). errc::too_large: more than the model can read. Never throws.
    virtual awaitable<result<model_answer>> complete(const model_request& request) = 0;
};

} // namespace atende
