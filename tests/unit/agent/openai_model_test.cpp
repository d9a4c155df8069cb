// The Chat Completions client against a server that does what real ones have done.
#include "fakes.hpp"
#include "support/event_loop.hpp"

#include <gmock/gmock.h>

#include <atende/agent/openai_model.hpp>
#include <set>

namespace atende::test {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr const char* ok =
    R"({"choices":[{"message":{"role":"assistant","content":"Oi!"},"finish_reason":"stop"}]})";

http_answer answer(int status, std::string body,
                   std::vector<std::pair<std::string, std::string>> headers = {}) {
    return {.status = status, .headers = std::move(headers), .body = std::move(body)};
}

http_answer api_failure(int status, const std::string& code, const std::string& type = "") {
    return answer(status, json{{"error", {{"code", code}, {"type", type}, {"message", "sk-secret"}}}}.dump());
}

class OpenaiModelTest : public ::testing::Test {
protected:
    fake_http_client http;
    std::vector<milliseconds> pauses;
    model_request request;
    openai_settings settings;

    OpenaiModelTest() {
        settings.base_url = "https://llm.example/v1/";
        settings.api_key = "sk-secret";
        settings.model = "gpt-4o-mini";
        settings.pause = [this](milliseconds time) -> awaitable<void> {
            pauses.push_back(time);
            co_return;
        };
        request.messages = {{chat_role::system, "Você é a Lia.", {}, {}}, {chat_role::user, "oi", {}, {}}};
    }

    result<model_answer> ask(std::vector<http_answer> answers) {
        for (auto& each : answers) http.steps.emplace_back(std::move(each));
        return ask();
    }
    result<model_answer> ask() {
        const auto brain = make_openai_model(http, settings);
        return run(brain->complete(request));
    }
    result<model_answer> ask_message(const json& message, const std::string& finish = "stop") {
        return ask(
            {answer(200, json{{"choices", {{{"message", message}, {"finish_reason", finish}}}}}.dump())});
    }
    [[nodiscard]] std::string header(const std::string& name) const {
        for (const auto& [key, value] : http.made.at(0).headers) {
            if (key == name) return value;
        }
        return "";
    }
    [[nodiscard]] json sent() const { return json::parse(http.made.at(0).body); }
};

TEST_F(OpenaiModelTest, SendsTheMinimum) {
    ASSERT_TRUE(ask({answer(200, ok)}).has_value());
    EXPECT_EQ(http.made.at(0).method, "POST");
    EXPECT_EQ(http.made.at(0).url, "https://llm.example/v1/chat/completions");
    EXPECT_EQ(header("Authorization"), "Bearer sk-secret");
    EXPECT_EQ(header("Content-Type"), "application/json");
    EXPECT_FALSE(header("X-Client-Request-Id").empty());
    EXPECT_EQ(sent(),
              json::parse(R"({"model":"gpt-4o-mini","max_completion_tokens":600,"store":false,"messages":[
        {"role":"system","content":"Você é a Lia."},{"role":"user","content":"oi"}]})"));
}

TEST_F(OpenaiModelTest, SendsNoKeyWhereThereIsNone) {
    settings.api_key = "";
    settings.temperature = 0.5;
    ask({answer(200, ok)});
    EXPECT_EQ(header("Authorization"), "");
    EXPECT_EQ(sent()["temperature"], 0.5);
}

TEST_F(OpenaiModelTest, DescribesToolsAndEarlierCalls) {
    const fake_tool look("look_up");
    const std::vector<tool_description> tools{{look.name(), look.description(), look.parameters().dump()}};
    request.tools = &tools;
    request.may_call_tools = false;
    request.messages.push_back({chat_role::assistant, "", {{"c1", "look_up", R"({"q":"a"})"}}, {}});
    request.messages.push_back({chat_role::tool, "SUCESSO: 1", {}, "c1"});
    ask({answer(200, ok)});
    EXPECT_EQ(sent()["tools"][0]["type"], "function");
    EXPECT_EQ(sent()["tools"][0]["function"]["name"], "look_up");
    EXPECT_EQ(sent()["tools"][0]["function"]["parameters"]["required"][0], "q");
    EXPECT_EQ(sent()["tool_choice"], "none");
    EXPECT_EQ(sent()["messages"][2], json::parse(R"({"role":"assistant","content":null,"tool_calls":[
        {"id":"c1","type":"function","function":{"name":"look_up","arguments":"{\"q\":\"a\"}"}}]})"));
    EXPECT_EQ(sent()["messages"][3],
              json::parse(R"({"role":"tool","content":"SUCESSO: 1","tool_call_id":"c1"})"));
}

TEST_F(OpenaiModelTest, AsksForAnAnswerInAShape) {
    const answer_schema shape{.name = "scope",
                              .schema = R"({"type":"object","properties":{},"additionalProperties":false})"};
    request.answer_as = &shape;
    ask({answer(200, ok)});
    EXPECT_EQ(sent()["response_format"],
              (json{{"type", "json_schema"},
                    {"json_schema",
                     {{"name", "scope"}, {"strict", true}, {"schema", json::parse(shape.schema)}}}}));
}

TEST_F(OpenaiModelTest, ReadsAnswerAndUsage) {
    const auto got =
        ask({answer(200, R"({"id":"x","object":"chat.completion","choices":[{"index":0,"logprobs":null,
        "message":{"role":"assistant","content":"Oi!","refusal":null,"annotations":[]},"finish_reason":"stop"}],
        "usage":{"prompt_tokens":20,"completion_tokens":5,"prompt_tokens_details":{"cached_tokens":16}}})")});
    ASSERT_TRUE(got.has_value());
    EXPECT_EQ(got->finish, finish_reason::stop);
    EXPECT_EQ(got->content, "Oi!");
    EXPECT_EQ(got->usage.prompt, 20);
    EXPECT_EQ(got->usage.cached_prompt, 16);
    EXPECT_EQ(got->usage.completion, 5);
}

TEST_F(OpenaiModelTest, ReadsToolCallsWithAnyArguments) {
    const auto got = ask_message(
        {{"content", nullptr},
         {"tool_calls",
          {{{"id", "1"}, {"type", "function"}, {"function", {{"name", "a"}, {"arguments", "{\"q\":"}}}},
           {{"function",
             {{"name", "b"}, {"arguments", {{"q", 1}}}}}}}}}, // Some servers send an object, and no id
        "stop");                                              // or the wrong reason
    ASSERT_TRUE(got.has_value());
    EXPECT_EQ(got->finish, finish_reason::tool_calls);
    ASSERT_THAT(got->tool_calls, SizeIs(2));
    EXPECT_EQ(got->tool_calls[0].arguments, "{\"q\":");
    EXPECT_EQ(got->tool_calls[1].id, "");
    EXPECT_EQ(got->tool_calls[1].arguments, R"({"q":1})");
}

TEST_F(OpenaiModelTest, ReadsEveryFinishReason) {
    EXPECT_EQ(ask_message({{"content", "a"}}, "length")->finish, finish_reason::length);
    EXPECT_EQ(ask_message({{"content", nullptr}}, "content_filter")->finish, finish_reason::content_filter);
    EXPECT_EQ(ask_message({{"content", nullptr}, {"refusal", "não posso"}})->finish, finish_reason::refusal);
    EXPECT_EQ(ask_message({{"content", "a"}}, "function_call")->finish, finish_reason::stop);
    EXPECT_EQ(
        ask_message({{"content", {{{"type", "text"}, {"text", "par"}}, {{"type", "text"}, {"text", "tes"}}}}})
            ->content,
        "partes");
}

TEST_F(OpenaiModelTest, AFilteredPromptIsAnAnswer) {
    const auto got = ask({api_failure(400, "content_filter")});
    ASSERT_TRUE(got.has_value());
    EXPECT_EQ(got->finish, finish_reason::content_filter);
}

TEST_F(OpenaiModelTest, MoreThanTheModelCanReadIsNotRepeated) {
    const http_answer vllm = answer(
        400, R"({"error":{"message":"This model's maximum context length is 4096 tokens.","code":400}})");
    for (const auto& refused : {api_failure(400, "context_length_exceeded"), answer(413, ""), vllm}) {
        const auto got = ask({refused});
        ASSERT_FALSE(got.has_value());
        EXPECT_EQ(got.error().code, errc::too_large);
    }
    EXPECT_THAT(pauses, SizeIs(0));
}

TEST_F(OpenaiModelTest, RetriesAndThenSucceeds) {
    const auto got = ask({answer(500, "<html>"), answer(502, ""), answer(200, ok)});
    ASSERT_TRUE(got.has_value());
    EXPECT_EQ(got->content, "Oi!");
    EXPECT_THAT(pauses, SizeIs(2));
    std::set<std::string> ids;
    for (const auto& call : http.made) ids.insert(call.headers.at(2).second);
    EXPECT_THAT(ids, SizeIs(3)); // each attempt can be told apart in the provider's log
}

TEST_F(OpenaiModelTest, GivesUpAsUnavailable) {
    const auto got = ask({answer(503, ""), answer(503, ""), answer(503, "", {{"x-request-id", "req_1"}})});
    ASSERT_FALSE(got.has_value());
    EXPECT_EQ(got.error().code, errc::unavailable);
    EXPECT_THAT(got.error().detail, HasSubstr("req_1"));
    EXPECT_THAT(http.made, SizeIs(3));
}

TEST_F(OpenaiModelTest, WaitsAsAsked) {
    ASSERT_TRUE(ask({answer(429, "", {{"retry-after", "2"}}), answer(429, "", {{"retry-after-ms", "40"}}),
                     answer(200, ok)})
                    .has_value());
    EXPECT_THAT(pauses, ElementsAre(milliseconds(2'000), milliseconds(40)));
}

TEST_F(OpenaiModelTest, DoesNotWaitForAnHour) {
    const auto got = ask({answer(429, "", {{"retry-after", "3600"}})});
    ASSERT_FALSE(got.has_value());
    EXPECT_EQ(got.error().code, errc::unavailable);
    EXPECT_THAT(pauses, IsEmpty());
}

TEST_F(OpenaiModelTest, NoCreditIsRejectedAtOnce) {
    for (const auto& broke :
         {api_failure(429, "insufficient_quota"), api_failure(429, "billing", "insufficient_quota")}) {
        http.made.clear();
        const auto got = ask({broke});
        ASSERT_FALSE(got.has_value());
        EXPECT_EQ(got.error().code, errc::rejected);
        EXPECT_THAT(http.made, SizeIs(1));
    }
}

TEST_F(OpenaiModelTest, ABadKeyIsRejectedAndNotShown) {
    const auto got = ask({api_failure(401, "invalid_api_key")});
    ASSERT_FALSE(got.has_value());
    EXPECT_EQ(got.error().code, errc::rejected);
    EXPECT_THAT(got.error().detail, HasSubstr("invalid_api_key"));
    EXPECT_THAT(got.error().detail, Not(HasSubstr("sk-secret")));
    EXPECT_THAT(http.made, SizeIs(1));
}

TEST_F(OpenaiModelTest, NonsenseIsRetried) {
    for (const auto* nonsense :
         {R"({"choices":[{"mess)", R"({"choices":[]})", "<html>busy</html>", "", "null", "[1]",
          R"({"choices":[{"finish_reason":"stop"}]})", R"({"choices":[7]})"}) {
        pauses.clear();
        const auto got = ask({answer(200, nonsense), answer(200, ok)});
        ASSERT_TRUE(got.has_value()) << nonsense;
        EXPECT_THAT(pauses, SizeIs(1)) << nonsense;
    }
    const auto got = ask({answer(200, ""), answer(200, ""), answer(200, "")});
    EXPECT_EQ(got.error().code, errc::protocol);
}

TEST_F(OpenaiModelTest, StrangeTypesDoNotHurt) {
    const auto got =
        ask({answer(200, R"({"choices":[{"message":{"content":5,"tool_calls":{"a":1},"refusal":null},
        "finish_reason":7}],"usage":{"prompt_tokens":"many","prompt_tokens_details":[]}})")});
    ASSERT_TRUE(got.has_value());
    EXPECT_EQ(got->finish, finish_reason::stop);
    EXPECT_EQ(got->usage.prompt, 0);
}

TEST_F(OpenaiModelTest, TransportErrorsAreRetriedUnlessHopeless) {
    http.steps = {fail(errc::unavailable, "connect"), fail(errc::interrupted, "reset"), answer(200, ok)};
    EXPECT_TRUE(ask().has_value());

    http.steps = {fail(errc::timed_out, "1"), fail(errc::timed_out, "2"), fail(errc::timed_out, "3")};
    EXPECT_EQ(ask().error().code, errc::timed_out);

    http.made.clear();
    http.steps = {fail(errc::too_large, "10 MB")};
    EXPECT_EQ(ask().error().code, errc::too_large);
    EXPECT_THAT(http.made, SizeIs(1));
    EXPECT_LE(http.made.at(0).max_answer_bytes, std::size_t{4} << 20);
}

TEST_F(OpenaiModelTest, BrokenUtf8DoesNotBreakTheRequest) {
    request.messages.back().content = "ol\xC3";
    EXPECT_TRUE(ask({answer(200, ok)}).has_value());
    EXPECT_THAT(sent()["messages"][1]["content"].get<std::string>(), HasSubstr("ol"));
}

} // namespace
} // namespace atende::test
