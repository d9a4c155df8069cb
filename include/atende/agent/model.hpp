// A language model, in the words of Chat Completions.
#pragma once

#include <atende/platform/async.hpp>
#include <atende/platform/result.hpp>
#include <functional>
#include <string>
#include <string_view>
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

// Told what the model writes while it writes it. `anew`: the first piece; what was told before is void. Must
// not throw or block.
using text_listener = std::function<void(std::string_view piece, bool anew)>;

// The shape an answer must have: https://platform.openai.com/docs/guides/structured-outputs
struct answer_schema {
    std::string name;   // [A-Za-z0-9_-]{1,64}
    std::string schema; // JSON schema as text: an object, all of its members required, and no others
};

struct model_request {
    // A tool message answers the assistant message directly before it, and every tool call is answered.
    std::vector<chat_message> messages;
    const std::vector<tool_description>* tools = nullptr; // may be null or empty
    bool may_call_tools = true;
    const answer_schema* answer_as = nullptr; // set: the answer's content is JSON of this shape
    int max_output_tokens = 0;                // 0: as configured
    text_listener listener;   // set: somebody reads along. A model that cannot stream may leave it alone
    std::string agent;        // profile_agent::id of who thinks
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
    // model, no credit; an answer_schema, of the offline model). errc::too_large: more than the model can
    // read. Never throws.
    virtual awaitable<result<model_answer>> complete(const model_request& request) = 0;
};

} // namespace atende
