// The vocabulary of live events, and what a reader makes of text that is still being written.
#include "turns/live_event_data.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace atende {
namespace {

using nlohmann::json;

json data_of(const progress& seen) {
    const auto event = live_event_of(seen);
    return event ? json::parse(event->data) : json();
}

live_event content(const std::string& text, json more = json::object()) {
    more.update({{"type", "content"}, {"content", text}});
    return {.id = "1-0", .type = "content", .data = more.dump()};
}

// What a page shows that does no more than append, and forget when it is told to.
class page {
public:
    explicit page(bool from_the_start) : view_(from_the_start) {}
    std::string writing;
    std::vector<std::string> messages;
    int restarts = 0;

    void sees(live_event event) {
        view_.adapt(event);
        const json data = json::parse(event.data);
        if (data.contains("restart")) {
            writing.clear();
            ++restarts;
        }
        writing += data["content"].get<std::string>();
        if (data.contains("message")) messages.push_back(std::exchange(writing, {}));
    }

private:
    draft_view view_;
};

TEST(LiveEvents, HaveTheNamesAndFieldsOfTheSourceSystem) {
    EXPECT_EQ(data_of({.what = stage::thinking, .detail = "gpt-4o-mini"})["type"], "status");
    const auto agent = data_of({.what = stage::agent_switch, .detail = "Lia"});
    EXPECT_EQ(agent["type"], "agent_switch");
    EXPECT_EQ(agent["agent"], "Lia");
    const auto call =
        data_of({.what = stage::tool_call,
                 .at_ms = 5,
                 .detail = R"({"name":"consultar_estoque","arguments":"{\"modelo\":\"XY 150\"}"})"});
    EXPECT_EQ(call["type"], "tool_call");
    EXPECT_EQ(call["tool"], "consultar_estoque");
    EXPECT_EQ(call["params"]["modelo"], "XY 150");
    EXPECT_EQ(call["at"], 5);
    EXPECT_EQ(data_of({.what = stage::content, .detail = "Oi"})["content"], "Oi");
    const auto sent = data_of({.what = stage::sent, .detail = "Oi!", .number = 7});
    EXPECT_EQ(sent["type"], "content");
    EXPECT_EQ(sent["message"], 7);
    const auto done = data_of({.what = stage::complete, .answers = {message_id("m1")}});
    EXPECT_EQ(done["type"], "complete");
    EXPECT_EQ(done["answers"], json({"m1"}));
    const auto failed = data_of({.what = stage::failed, .detail = "again"});
    EXPECT_EQ(failed["type"], "error");
    EXPECT_EQ(failed["again"], true);
    EXPECT_TRUE(data_of({.what = stage::waiting}).is_null()) << "there is no turn yet";
}

TEST(LiveEvents, TakeWhateverTheModelWroteAsArguments) {
    for (const char* odd :
         {R"({"name":"f","arguments":"{\"a\":"})", R"({"name":"f","arguments":"[1]"})", "{}"})
        EXPECT_EQ(data_of({.what = stage::tool_call, .detail = odd})["params"], json::object()) << odd;
}

TEST(LiveEvents, SayWhatCameFromTheCache) {
    const auto told = [](const char* detail) {
        return data_of({.what = stage::tool_result, .detail = detail});
    };
    const auto kept = told(R"({"name":"f","result":"SUCESSO: 1","source":"outdated_cache"})");
    EXPECT_EQ(kept["tool"], "f");
    EXPECT_EQ(kept["source"], "outdated_cache");
    EXPECT_FALSE(told(R"({"name":"f","result":"SUCESSO: 1"})").contains("source"));
}

TEST(LiveEvents, AMessageThatWasWrittenAlreadyIsOnlyNamed) {
    page seen(true);
    seen.sees(content("Temos", {{"restart", true}}));
    seen.sees(content(" sim"));
    seen.sees(content("Temos sim!", {{"message", 1}}));
    EXPECT_EQ(seen.messages, std::vector<std::string>{"Temos sim!"});
    EXPECT_EQ(seen.restarts, 0) << "a page that knows no restart shows it once, too";
}

TEST(LiveEvents, WhatWasSentReplacesWhatWasWritten) {
    page seen(true);
    seen.sees(content("Vou verificar", {{"restart", true}}));
    seen.sees(content("Temos", {{"restart", true}}));
    EXPECT_EQ(seen.writing, "Temos");
    seen.sees(content("Chame a loja.", {{"message", 1}}));
    seen.sees(content("Até logo.", {{"message", 2}}));
    EXPECT_EQ(seen.messages, (std::vector<std::string>{"Chame a loja.", "Até logo."}));
}

TEST(LiveEvents, AReaderWhoComesBackInTheMiddleIsToldToBeginAnew) {
    page seen(false);
    seen.sees(content(" sim"));
    seen.sees(content("Temos sim!", {{"message", 1}}));
    EXPECT_EQ(seen.messages, std::vector<std::string>{"Temos sim!"});
    seen.sees(content("Oi", {{"restart", true}}));
    EXPECT_EQ(seen.restarts, 1) << "from then on it is known what was seen";
}

TEST(LiveEvents, ShowCustomersNothingOfTheShopsBusiness) {
    auto call =
        *live_event_of({.what = stage::tool_call, .detail = R"({"name":"f","arguments":"{\"cpf\":\"1\"}"})"});
    make_public(call);
    EXPECT_EQ(json::parse(call.data)["tool"], "f");
    EXPECT_EQ(json::parse(call.data)["params"], json::object());
    auto result = *live_event_of(
        {.what = stage::tool_result, .detail = R"({"name":"f","result":"SUCESSO: 1","source":"cache"})"});
    make_public(result);
    EXPECT_EQ(result.data.find("cache"), std::string::npos);
    for (const auto what : {stage::thinking, stage::not_sent}) {
        auto event = *live_event_of({.what = what, .detail = "secret"});
        make_public(event);
        EXPECT_EQ(event.data.find("secret"), std::string::npos);
    }
}

} // namespace
} // namespace atende
