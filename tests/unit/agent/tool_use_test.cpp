// Calls as models really write them: unknown, malformed, doubled, slow.
#include "agent/toolbox.hpp"
#include "fakes.hpp"
#include "support/event_loop.hpp"

#include <boost/asio/experimental/channel.hpp>
#include <gmock/gmock.h>

namespace atende::test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

class ToolUseTest : public ::testing::Test {
protected:
    std::shared_ptr<fake_tool> look = std::make_shared<fake_tool>("look_up");
    std::shared_ptr<fake_tool> other = std::make_shared<fake_tool>("other");
    toolbox box{{other, look}};
    progress_sink nobody;
    tool_use use{box,    {platform_kind::instagram, account_id("shop"), contact_id("ana")},
                 "turn", {.deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30)},
                 nobody, {"old"}};

    std::vector<tool_step> ask(std::vector<tool_call> wanted) {
        use.prepare(0, std::move(wanted));
        return run(use.run()).value();
    }
    tool_step ask_one(std::string arguments, std::string name = "look_up") {
        return ask({{"", std::move(name), std::move(arguments)}}).at(0);
    }
};

TEST_F(ToolUseTest, OffersToolsInAStableOrder) {
    EXPECT_EQ(box.descriptions().at(0).name, "look_up");
    EXPECT_THROW(toolbox({look, std::make_shared<fake_tool>("look_up")}), std::invalid_argument);
}

TEST_F(ToolUseTest, NamesTheToolsThereAreWhenOneIsInvented) {
    EXPECT_THAT(ask_one("{}", "buy_bike").result,
                ::testing::AllOf(StartsWith("ERRO:"), HasSubstr("look_up, other")));
}

TEST_F(ToolUseTest, SaysWhatIsWrongWithArguments) {
    EXPECT_THAT(ask_one(R"({"q":"abc)").result, HasSubstr("not valid JSON"));
    EXPECT_THAT(ask_one(R"(["q"])").result, HasSubstr("not a JSON object"));
    EXPECT_THAT(look->called, IsEmpty());
}

TEST_F(ToolUseTest, ChecksArgumentsAgainstTheSchema) {
    EXPECT_THAT(ask_one(R"({})").result,
                ::testing::AllOf(StartsWith("ERRO: argumentos inválidos"), HasSubstr("q")));
    EXPECT_THAT(ask_one(R"({"q":1})", "other").result, HasSubstr("q"));
    EXPECT_THAT(ask_one(R"({"q":"a","price":1})", "other").result, HasSubstr("price"));
    EXPECT_THAT(look->called, IsEmpty());
    EXPECT_THAT(other->called, IsEmpty());
}

TEST_F(ToolUseTest, NoArgumentsAtAllAreAnEmptyObject) {
    auto plain = std::make_shared<fake_tool>("plain");
    plain->schema = {{"type", "object"}};
    const toolbox simple({plain});
    tool_use once(simple, {}, "turn",
                  {.deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30)}, nobody, {});
    once.prepare(0, {{"1", "plain", ""}});
    EXPECT_EQ(run(once.run()).value().at(0).result, "SUCESSO: ok");
}

TEST_F(ToolUseTest, ArgumentsNestedWithoutEndReachNoTool) {
    auto plain = std::make_shared<fake_tool>("plain");
    plain->schema = {{"type", "object"}};
    const toolbox simple({plain});
    tool_use once(simple, {}, "turn",
                  {.deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30)}, nobody, {});
    once.prepare(0,
                 {{"1", "plain", R"({"q":)" + std::string(100'000, '[') + std::string(100'000, ']') + "}"}});
    EXPECT_THAT(run(once.run()).value().at(0).result, StartsWith("ERRO: argumentos inválidos"));
    EXPECT_THAT(plain->called, IsEmpty());
}

TEST_F(ToolUseTest, GivesAToolUpAfterTwoRepairs) {
    EXPECT_THAT(ask_one("x").result, HasSubstr("corrija"));
    EXPECT_THAT(ask_one("x").result, HasSubstr("corrija"));
    EXPECT_THAT(ask_one("x").result, HasSubstr("não chame de novo"));
    EXPECT_THAT(ask_one(R"({"q":"fine"})").result, HasSubstr("não chame de novo"));
    EXPECT_THAT(look->called, IsEmpty());
    EXPECT_EQ(ask_one(R"({"q":"fine"})", "other").result, "SUCESSO: ok"); // the others are not affected
}

TEST_F(ToolUseTest, TheSameCallTwiceUnderOneIdIsOneCall) {
    const auto steps = ask({{"1", "look_up", R"({"q":"a"})"}, {"1", "look_up", R"({"q":"a"})"}});
    EXPECT_THAT(steps, SizeIs(1));
    EXPECT_THAT(look->called, SizeIs(1));
}

TEST_F(ToolUseTest, DifferentCallsUnderOneIdAreToldApart) {
    const auto steps = ask({{"1", "look_up", R"({"q":"a"})"},
                            {"1", "look_up", R"({"q":"b"})"},
                            {"old", "other", R"({"q":"c"})"},
                            {"", "other", R"({"q":"d"})"}});
    std::vector<chat_message> messages;
    append_round(messages, "", steps);
    EXPECT_TRUE(validate_history(messages).has_value());
    EXPECT_THAT(look->called, SizeIs(2));
    for (const auto& step : steps) EXPECT_NE(step.call_id, "old");
}

TEST_F(ToolUseTest, IndependentCallsRunAtTheSameTime) {
    // Each waits for the other: one after the other they would never end.
    using signal = asio::experimental::channel<void(boost::system::error_code)>;
    std::unique_ptr<signal> first_started;
    std::unique_ptr<signal> second_started;
    look->act = [&](nlohmann::json) -> awaitable<std::string> {
        co_await first_started->async_send({}, use_awaitable);
        co_await second_started->async_receive(use_awaitable);
        co_return "SUCESSO: 1";
    };
    other->act = [&](nlohmann::json) -> awaitable<std::string> {
        co_await second_started->async_send({}, use_awaitable);
        co_await first_started->async_receive(use_awaitable);
        co_return "SUCESSO: 2";
    };
    const auto both = [&]() -> awaitable<std::vector<tool_step>> {
        const auto executor = co_await asio::this_coro::executor;
        first_started = std::make_unique<signal>(executor, 1);
        second_started = std::make_unique<signal>(executor, 1);
        use.prepare(0, {{"1", "look_up", R"({"q":"a"})"}, {"2", "other", R"({"q":"b"})"}});
        auto steps = (co_await use.run()).value();
        first_started.reset();
        second_started.reset();
        co_return steps;
    };
    const auto steps = run(both());
    EXPECT_EQ(steps.at(0).result, "SUCESSO: 1");
    EXPECT_EQ(steps.at(1).result, "SUCESSO: 2");
}

TEST_F(ToolUseTest, ASlowCallTimesOutAloneAndInTime) {
    look->limit = std::chrono::milliseconds(1);
    look->act = [](nlohmann::json) -> awaitable<std::string> {
        co_await sleep_for(std::chrono::hours(1));
        co_return "SUCESSO: late";
    };
    const auto steps = ask({{"1", "look_up", R"({"q":"a"})"}, {"2", "other", R"({"q":"b"})"}});
    EXPECT_EQ(steps.at(0).result, "ERRO: look_up: tempo esgotado");
    EXPECT_EQ(steps.at(1).result, "SUCESSO: ok");
}

TEST_F(ToolUseTest, AnEffectThatWasCutOffMayHaveBeenDone) {
    look->effect = true;
    look->limit = std::chrono::milliseconds(1);
    look->act = [](nlohmann::json) -> awaitable<std::string> {
        co_await sleep_for(std::chrono::hours(1));
        co_return "SUCESSO: late";
    };
    EXPECT_THAT(ask_one(R"({"q":"a"})").result, HasSubstr("não se sabe se foi feito"));
}

TEST_F(ToolUseTest, AnEffectForWhichNoTimeWasLeftWasNotBegun) {
    look->effect = true;
    look->limit = std::chrono::milliseconds(0);
    EXPECT_EQ(ask_one(R"({"q":"a"})").result, "ERRO: look_up: tempo esgotado");
    EXPECT_THAT(look->called, IsEmpty());
}

TEST_F(ToolUseTest, UnlessAnInterruptedAttemptMayHaveBegunIt) {
    look->effect = true;
    look->limit = std::chrono::milliseconds(0);
    use.resume(0,
               {.content = {},
                .operation = "turn",
                .calls = {{.call = {"1", "look_up", R"({"q":"a"})"}, .operation = "turn:0", .result = {}}}});
    EXPECT_THAT(run(use.run()).value().at(0).result, HasSubstr("não se sabe se foi feito"));
    EXPECT_THAT(look->called, IsEmpty());
}

TEST_F(ToolUseTest, AToolThatThrowsCostsOnlyItsCall) {
    look->act = [](nlohmann::json) -> awaitable<std::string> {
        throw std::runtime_error("broken");
        co_return "";
    };
    EXPECT_EQ(ask_one(R"({"q":"a"})").result, "ERRO: look_up: falha interna");
    look->effect = true;
    EXPECT_THAT(ask_one(R"({"q":"a"})").result, HasSubstr("não se sabe se foi feito"));
}

TEST_F(ToolUseTest, AHugeResultIsCut) {
    look->act = [](nlohmann::json) -> awaitable<std::string> {
        co_return "SUCESSO: " + std::string(1 << 20, 'x');
    };
    EXPECT_LE(ask_one(R"({"q":"a"})").result.size(), 16'000U);
}

} // namespace
} // namespace atende::test
