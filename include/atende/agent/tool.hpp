// Something the model may do besides talking.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <atende/conversation/ids.hpp>
#include <atende/platform/async.hpp>
#include <chrono>
#include <memory>
#include <string>

namespace atende {

// What a tool lets those know who look at its call from outside: the log, the trace, the cache.
struct call_report {
    enum class source { service, cache, outdated_cache };
    source from = source::service;
    bool service_failed = false; // the result is an "ERRO: …" because nobody could answer: another try may
};

// Who the tool acts for. Always filled in by us, never by the model's arguments.
struct tool_context {
    conversation_id conversation;
    std::string
        operation_id; // the same when a turn is repeated: a tool that writes uses it as idempotency key
    std::shared_ptr<call_report> report = {}; // may be null
    // An attempt that was interrupted may have made this very call, under the same operation id: a tool whose
    // service does not know that id again must say that the outcome is unknown, not do it. So must one with
    // an effect whose service does not answer now.
    bool again = false;
};

class tool {
public:
    virtual ~tool() = default;

    [[nodiscard]] virtual const std::string& name() const = 0;          // [A-Za-z0-9_-]{1,64}
    [[nodiscard]] virtual const std::string& description() const = 0;   // what the model is told
    [[nodiscard]] virtual const nlohmann::json& parameters() const = 0; // JSON schema of an object
    [[nodiscard]] virtual std::chrono::milliseconds time_limit() const = 0;
    // True if a call changes something outside: after it the turn is no longer thrown away for a newer
    // message.
    [[nodiscard]] virtual bool has_effect() const = 0;

    // `arguments` already satisfies parameters(). Returns what the model reads: "SUCESSO: …" or "ERRO: …", in
    // Portuguese. Never throws.
    virtual awaitable<std::string> call(nlohmann::json arguments, tool_context context) = 0;
};

} // namespace atende
