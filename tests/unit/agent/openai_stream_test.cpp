// Answers that come in pieces: what is told while they are written, and what is made of them in the end.
#include "support/event_loop.hpp"
#include "unit/agent/fakes.hpp"

#include <gmock/gmock.h>

#include <atende/agent/openai_model.hpp>

namespace atende::test {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

std::string chunk(const json& delta, const json& finish = nullptr) {
    return "data: " +
           json{{"id", "x"},
                {"object", "chat.completion.chunk"},
                {"choices", json::array({{{"index", 0}, {"delta", delta}, {"finish_reason", finish}}})},
                {"usage", nullptr},
                {"obfuscation", "aB3"}}
               .dump() +
           "\n\n";
}
const std::string first = chunk({{"role", "assistant"}, {"content", ""}, {"refusal", nullptr}});
const std::string usage =
    R"(data: {"choices":[],"usage":{"prompt_tokens":20,"completion_tokens":5,"prompt_tokens_details":{"cached_tokens":16}}})"
    "\n\n";
const std::string done = "data: [DONE]\n\n";
const std::string whole = first + chunk({{"content", "Ol\u00e1"}}) + ": keep-alive\n\n" +
                          chunk({{"content", ", tudo bem?"}}) + chunk(json::object(), "stop") + usage + done;

class OpenaiStream : public ::testing::Test {
protected:
    fake_http_client http;
    openai_settings settings;
    model_request request;
    std::string told; // what a reader sees
    int beginnings = 0;
    int pauses = 0;

    OpenaiStream() {
        settings.model = "gpt-4o-mini";
        settings.pause = [this](std::chrono::milliseconds) -> awaitable<void> {
            ++pauses;
            co_return;
        };
        request.messages = {{chat_role::user, "oi", {}, {}}};
        request.listener = [this](std::string_view piece, bool anew) {
            if (anew) {
                told.clear();
                ++beginnings;
            }
            told += piece;
        };
    }
    result<model_answer> ask(std::vector<std::string> bodies) {
        for (auto& body : bodies)
            http.steps.emplace_back(http_answer{.status = 200, .headers = {}, .body = body});
        return run(make_openai_model(http, settings)->complete(request));
    }
    [[nodiscard]] json sent(std::size_t call = 0) const { return json::parse(http.made.at(call).body); }
};

TEST_F(OpenaiStream, IsAskedForOnlyWhereSomebodyReadsAlong) {
    ASSERT_TRUE(ask({whole}));
    EXPECT_EQ(sent()["stream"], true);
    EXPECT_EQ(sent()["stream_options"], json({{"include_usage", true}}));
    EXPECT_EQ(http.made[0].idle_timeout, std::chrono::seconds(20));
    request.listener = {};
    ask({R"({"choices":[{"message":{"content":"Oi"},"finish_reason":"stop"}]})"});
    EXPECT_FALSE(sent(1).contains("stream"));
    EXPECT_FALSE(http.made[1].on_body);
}

TEST_F(OpenaiStream, IsToldWhileItIsWrittenAndTheSameInTheEnd) {
    for (http.piece = 1; http.piece < 60; ++http.piece) {
        const auto got = ask({whole});
        ASSERT_TRUE(got) << http.piece;
        EXPECT_EQ(got->content, "Ol\u00e1, tudo bem?");
        EXPECT_EQ(told, got->content);
        EXPECT_EQ(got->finish, finish_reason::stop);
        EXPECT_EQ(got->usage.prompt, 20);
        EXPECT_EQ(got->usage.cached_prompt, 16);
        EXPECT_EQ(got->usage.completion, 5);
    }
}

TEST_F(OpenaiStream, ToolCallsArePutTogether) {
    const auto got =
        ask({first + chunk({{"content", "Vou ver."}}) +
             chunk({{"tool_calls",
                     {{{"index", 0},
                       {"id", "c1"},
                       {"type", "function"},
                       {"function", {{"name", "look"}, {"arguments", ""}}}}}}}) +
             chunk({{"tool_calls", {{{"index", 0}, {"function", {{"arguments", "{\"q\":"}}}}}}}) +
             chunk({{"tool_calls",
                     {{{"index", 1}, {"id", "c2"}, {"function", {{"name", "ask"}, {"arguments", "{}"}}}}}}}) +
             chunk({{"tool_calls", {{{"index", 0}, {"function", {{"arguments", "\"a\"}"}}}}}}}) +
             chunk(json::object(), "tool_calls") + done});
    ASSERT_TRUE(got);
    EXPECT_EQ(got->finish, finish_reason::tool_calls);
    ASSERT_THAT(got->tool_calls, SizeIs(2));
    EXPECT_EQ(got->tool_calls[0].id, "c1");
    EXPECT_EQ(got->tool_calls[0].arguments, R"({"q":"a"})");
    EXPECT_EQ(got->tool_calls[1].name, "ask");
    EXPECT_EQ(got->content, "Vou ver.");
}

TEST_F(OpenaiStream, ToolCallsWithoutAnIndexAreToldApartByTheirIds) {
    const auto call = [](const char* id) {
        return json{{"tool_calls", {{{"id", id}, {"function", {{"name", id}, {"arguments", "{}"}}}}}}};
    };
    const auto got = ask({chunk(call("a")) + chunk(call("b")) + chunk(json::object(), "tool_calls") + done});
    ASSERT_TRUE(got);
    ASSERT_THAT(got->tool_calls, SizeIs(2));
    EXPECT_EQ(got->tool_calls[1].name, "b");
}

TEST_F(OpenaiStream, RefusalsAndLimitsAreReadAsEver) {
    EXPECT_EQ(ask({chunk({{"refusal", "não posso"}}) + chunk(json::object(), "stop") + done})->finish,
              finish_reason::refusal);
    EXPECT_EQ(ask({chunk({{"content", "a"}}, "length") + done})->finish, finish_reason::length);
    EXPECT_EQ(ask({chunk(json::object(), "content_filter") + done})->finish, finish_reason::content_filter);
}

TEST_F(OpenaiStream, OneThatBreaksIsAskedAgainAndToldAnew) {
    http.breaks = {error{errc::interrupted, "reset"}, std::nullopt};
    const auto got = ask({first + chunk({{"content", "Olha"}}), whole});
    ASSERT_TRUE(got);
    EXPECT_EQ(got->content, "Ol\u00e1, tudo bem?");
    EXPECT_EQ(told, got->content);
    EXPECT_EQ(beginnings, 2);
    EXPECT_EQ(pauses, 1);
}

TEST_F(OpenaiStream, OneThatEndsTooEarlyOrMakesNoSenseIsAskedAgain) {
    for (const std::string& wrong :
         {first + chunk({{"content", "Olha"}}), std::string(), std::string("data: {\"choices\":[{\n\n"),
          std::string("data: {\"error\":{\"code\":\"server_error\",\"message\":\"sk-secret\"}}\n\n"),
          "data: " + std::string(300 << 10, 'x')}) {
        pauses = 0;
        const auto got = ask({wrong, whole});
        ASSERT_TRUE(got) << wrong.substr(0, 80);
        EXPECT_EQ(pauses, 1) << wrong.substr(0, 80);
    }
    EXPECT_EQ(ask({"", "", ""}).error().code, errc::protocol);
}

TEST_F(OpenaiStream, AnAnswerIsWholeOnceTheModelSaidWhyItEnded) {
    http.breaks = {error{errc::timed_out, "the server keeps the connection open"}};
    const auto got = ask({first + chunk({{"content", "Oi"}}) + chunk(json::object(), "stop")});
    ASSERT_TRUE(got);
    EXPECT_EQ(got->content, "Oi");
    EXPECT_EQ(pauses, 0);
}

TEST_F(OpenaiStream, AServerThatDoesNotStreamIsUnderstood) {
    const auto got = ask({R"({"choices":[{"message":{"content":"Oi!"},"finish_reason":"stop"}],
        "usage":{"prompt_tokens":3}})"});
    ASSERT_TRUE(got);
    EXPECT_EQ(got->content, "Oi!");
    EXPECT_EQ(got->usage.prompt, 3);
}

TEST_F(OpenaiStream, ErrorsAreThoseOfAnyCall) {
    http.steps.emplace_back(
        http_answer{.status = 401, .headers = {}, .body = R"({"error":{"code":"invalid_api_key"}})"});
    const auto got = run(make_openai_model(http, settings)->complete(request));
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, errc::rejected);
    EXPECT_THAT(got.error().detail, HasSubstr("invalid_api_key"));
}

} // namespace
} // namespace atende::test
