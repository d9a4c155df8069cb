// Recording stand-ins for what the agent talks to. Each plays its steps first in, first out.
#pragma once

#include "agent/transcript.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <atende/agent/agent.hpp>
#include <atende/agent/profile.hpp>
#include <atende/platform/http_client.hpp>
#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace atende::test {

// errc::invalid_input with the first breach of the order rule.
inline result<void> validate_history(std::span<const chat_message> messages) {
    std::set<std::string> unanswered;
    std::set<std::string> seen;
    for (std::size_t i = 0; i < messages.size(); ++i) {
        const auto& message = messages[i];
        const auto breach = [&](std::string_view what) {
            return fail(errc::invalid_input, fmt::format("messages[{}]: {}", i, what));
        };
        if (message.role == chat_role::tool) {
            if (unanswered.erase(message.tool_call_id) == 0)
                return breach("answers no call of the message before");
            continue;
        }
        if (!unanswered.empty()) return breach("comes before every tool call was answered");
        if (message.role != chat_role::assistant && !message.tool_calls.empty())
            return breach("only the assistant calls");
        if (message.content.empty() && message.tool_calls.empty()) return breach("is empty");
        for (const auto& call : message.tool_calls) {
            if (call.id.empty()) return breach("a tool call has no id");
            if (!seen.insert(call.id).second) return breach("a tool call's id is repeated");
            unanswered.insert(call.id);
        }
    }
    if (!unanswered.empty()) return fail(errc::invalid_input, "the last tool calls are not answered");
    return {};
}

class fake_model final : public model {
public:
    std::deque<result<model_answer>> steps;
    std::vector<model_request> requests;
    int hangs = 0; // so often, instead of answering, until it is cancelled

    [[nodiscard]] const std::string& name() const override { return name_; }

    awaitable<result<model_answer>> complete(const model_request& request) override {
        const auto valid = validate_history(request.messages);
        EXPECT_TRUE(valid.has_value()) << valid.error().detail;
        requests.push_back(request);
        if (hangs > 0) {
            --hangs;
            co_await sleep_for(std::chrono::hours(1));
            co_return fail(errc::timed_out, "the fake model hung");
        }
        if (steps.empty()) co_return fail(errc::unavailable, "the fake model has no more steps");
        auto next = std::move(steps.front());
        steps.pop_front();
        if (request.listener && next && !next->content.empty()) {
            request.listener(next->content.substr(0, 1), true);
            request.listener(next->content.substr(1), false);
        }
        co_return next;
    }

private:
    std::string name_ = "fake";
};

inline model_answer says(std::string text, finish_reason finish = finish_reason::stop) {
    return {.finish = finish,
            .content = std::move(text),
            .tool_calls = {},
            .usage = {.prompt = 10, .completion = 2}};
}

inline model_answer calls(std::vector<tool_call> wanted) {
    return {.finish = finish_reason::tool_calls, .content = {}, .tool_calls = std::move(wanted), .usage = {}};
}

class fake_tool final : public tool {
public:
    explicit fake_tool(std::string name) : name_(std::move(name)) {}

    nlohmann::json schema = {{"type", "object"},
                             {"properties", {{"q", {{"type", "string"}}}}},
                             {"required", {"q"}},
                             {"additionalProperties", false}};
    bool effect = false;
    call_report::source from = call_report::source::service;
    bool service_fails = false;
    std::chrono::milliseconds limit{10'000};
    std::function<awaitable<std::string>(nlohmann::json)> act; // empty: answers "SUCESSO: ok"
    std::vector<nlohmann::json> called;
    std::vector<tool_context> contexts;

    [[nodiscard]] const std::string& name() const override { return name_; }
    [[nodiscard]] const std::string& description() const override { return description_; }
    [[nodiscard]] const nlohmann::json& parameters() const override { return schema; }
    [[nodiscard]] std::chrono::milliseconds time_limit() const override { return limit; }
    [[nodiscard]] bool has_effect() const override { return effect; }

    awaitable<std::string> call(nlohmann::json arguments, tool_context context) override {
        called.push_back(arguments);
        contexts.push_back(context);
        if (context.report) *context.report = {.from = from, .service_failed = service_fails};
        if (!act) co_return "SUCESSO: ok";
        co_return co_await act(std::move(arguments));
    }

private:
    std::string name_;
    std::string description_ = "A tool for tests.";
};

class fake_http_client final : public http_client {
public:
    std::deque<result<http_answer>> steps;
    std::vector<http_call> made;

    // With each step: it fails so after the body was passed on, as a connection that breaks does.
    std::deque<std::optional<error>> breaks;
    std::size_t piece = 7; // bytes a streamed body is cut into

    awaitable<result<http_answer>> perform(http_call call) override {
        made.push_back(std::move(call));
        if (steps.empty()) co_return fail(errc::unavailable, "the fake client has no more answers");
        auto next = std::move(steps.front());
        steps.pop_front();
        const auto& on_body = made.back().on_body;
        if (!on_body || !next || next->status != 200) co_return next;
        for (std::string_view rest = next->body; !rest.empty();
             rest.remove_prefix(std::min(piece, rest.size())))
            on_body(rest.substr(0, piece));
        next->body.clear();
        if (breaks.empty()) co_return next;
        auto broken = std::move(breaks.front());
        breaks.pop_front();
        if (broken) co_return std::unexpected(*std::move(broken));
        co_return next;
    }
};

inline std::shared_ptr<profile> test_profile() {
    auto made = std::make_shared<profile>();
    made->time_zone = "America/Sao_Paulo";
    made->texts = {.one_moment = "Um momento!",
                   .fallback = "Chame a {{shop}}.",
                   .unsupported = "Não consigo ver isso.",
                   .too_long_note = "cortado"};
    made->variables = {{"shop", "Loja A&B"}};
    made->agents = {{.id = {},
                     .name = "Lia",
                     .about = {},
                     .prompts = {{.name = {}, .weight = 1, .prompt = "Você é {{agent_name}} da {{shop}}."}},
                     .tools = {}}};
    return made;
}

inline heard_message heard(std::string text) {
    heard_message message;
    message.text = std::move(text);
    return message;
}

inline turn turn_saying(std::vector<std::string> texts) {
    turn made;
    made.conversation = {platform_kind::instagram, account_id("shop"), contact_id("ana")};
    made.number = 7;
    for (auto& text : texts) made.messages.push_back(heard(std::move(text)));
    return made;
}

inline history_entry entry(speaker who, std::string text, std::vector<tool_step> steps = {}) {
    return {.who = who, .at_ms = 0, .text = std::move(text), .ids = {}, .steps = std::move(steps)};
}

} // namespace atende::test
