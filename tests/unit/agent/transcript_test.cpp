// History as a model may see it: the order rule holds whatever a crash left behind.
#include "agent/transcript.hpp"
#include "fakes.hpp"

#include <gmock/gmock.h>

#include <random>

namespace atende::test {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

chat_message plain(chat_role role, std::string text) {
    return {.role = role, .content = std::move(text), .tool_calls = {}, .tool_call_id = {}};
}

TEST(HistoryMessages, TellsWhoSaidWhat) {
    const auto got = history_messages({entry(speaker::customer, "oi"), entry(speaker::bot, "Olá!"),
                                       entry(speaker::person, "Aqui é o Pedro")},
                                      12);
    ASSERT_THAT(got, SizeIs(3));
    EXPECT_EQ(got[0].role, chat_role::user);
    EXPECT_EQ(got[1].role, chat_role::assistant);
    EXPECT_EQ(got[2].role, chat_role::assistant);
    EXPECT_EQ(got[2].content, "[atendente humano] Aqui é o Pedro");
}

TEST(HistoryMessages, StepsOfOneRoundAreOneAssistantMessage) {
    const std::vector<tool_step> steps{{0, "a", "look_up", R"({"q":"1"})", "SUCESSO: 1"},
                                       {0, "b", "look_up", R"({"q":"2"})", "SUCESSO: 2"},
                                       {1, "c", "save", "{}", "SUCESSO: 3"}};
    const auto got =
        history_messages({entry(speaker::customer, "oi"), entry(speaker::bot, "Pronto.", steps)}, 12);
    ASSERT_THAT(got, SizeIs(7));
    EXPECT_THAT(got[1].tool_calls, SizeIs(2));
    EXPECT_EQ(got[2].tool_call_id, "a");
    EXPECT_EQ(got[3].tool_call_id, "b");
    EXPECT_THAT(got[4].tool_calls, SizeIs(1));
    EXPECT_EQ(got[6].content, "Pronto.");
    EXPECT_TRUE(validate_history(got).has_value());
}

TEST(HistoryMessages, WhatACrashLeftCanStillBeSent) {
    const std::vector<tool_step> steps{{0, "", "bad name!", R"({"q":)", ""}};
    const auto got = history_messages({entry(speaker::bot, "", steps)}, 12);
    ASSERT_THAT(got, SizeIs(2));
    EXPECT_EQ(got[0].tool_calls[0].name, "bad_name_");
    EXPECT_EQ(got[0].tool_calls[0].arguments, "{}");
    EXPECT_EQ(got[1].content, "ERRO: a chamada foi interrompida");
    EXPECT_TRUE(validate_history(got).has_value());
}

TEST(HistoryMessages, IsCutWhereATurnBegins) {
    const std::vector<history_entry> history{entry(speaker::customer, "1"),
                                             entry(speaker::bot, "a"),
                                             entry(speaker::customer, "2"),
                                             entry(speaker::customer, "2b"),
                                             entry(speaker::bot, "b", {{0, "x", "t", "{}", "SUCESSO: x"}}),
                                             entry(speaker::customer, "3"),
                                             entry(speaker::person, "c")};
    const auto two = history_messages(history, 2);
    ASSERT_FALSE(two.empty());
    EXPECT_EQ(two[0].content, "2");
    EXPECT_EQ(history_messages(history, 3)[0].content, "1");
    EXPECT_THAT(history_messages(history, 0), IsEmpty());
}

TEST(ValidateHistory, SeesEveryBreach) {
    chat_message call = plain(chat_role::assistant, "");
    call.tool_calls = {{"a", "t", "{}"}, {"b", "t", "{}"}};
    chat_message a = plain(chat_role::tool, "1");
    a.tool_call_id = "a";
    chat_message b = plain(chat_role::tool, "2");
    b.tool_call_id = "b";
    const auto user = plain(chat_role::user, "oi");

    using messages = std::vector<chat_message>;
    EXPECT_TRUE(validate_history(messages{user, call, b, a, user}).has_value());
    EXPECT_FALSE(validate_history(messages{call, a}).has_value());                // one is unanswered
    EXPECT_FALSE(validate_history(messages{call, a, user, b}).has_value());       // something between
    EXPECT_FALSE(validate_history(messages{a}).has_value());                      // answers nothing
    EXPECT_FALSE(validate_history(messages{call, a, b, b}).has_value());          // answered twice
    EXPECT_FALSE(validate_history(messages{call, a, b, call, a, b}).has_value()); // ids repeat
    EXPECT_FALSE(validate_history(messages{plain(chat_role::assistant, "")}).has_value());
}

TEST(ValidateHistory, HoldsForRandomHistories) {
    std::mt19937 random(20'261'121); // fixed, so that a failure can be repeated
    const auto pick = [&](int most) { return std::uniform_int_distribution(0, most)(random); };
    const std::vector<std::string> texts{"", "oi", "[", "áé"};
    const std::vector<std::string> arguments{"", "{}", R"({"q":1})", "{\"q\":", "[]", "null"};
    for (int run = 0; run < 2'000; ++run) {
        std::vector<history_entry> history;
        for (int n = pick(8); n > 0; --n) {
            std::vector<tool_step> steps;
            for (int s = pick(4); s > 0; --s) {
                steps.push_back({pick(2), pick(2) ? "id" + std::to_string(pick(5)) : "",
                                 pick(3) ? "tool" : "", arguments.at(pick(5)), pick(3) ? "SUCESSO: x" : ""});
            }
            history.push_back(entry(speaker(pick(2)), texts.at(pick(3)), std::move(steps)));
        }
        const auto messages = history_messages(history, pick(5));
        const auto valid = validate_history(messages);
        ASSERT_TRUE(valid.has_value()) << "history " << run << ": " << valid.error().detail;
    }
}

} // namespace
} // namespace atende::test
