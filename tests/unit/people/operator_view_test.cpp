#include "people/operator_view.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace atende {
namespace {

using nlohmann::json;

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

TEST(OperatorView, SaysDurationsAsPeopleDo) {
    EXPECT_EQ(duration_text(0), "0 ms");
    EXPECT_EQ(duration_text(999), "999 ms");
    EXPECT_EQ(duration_text(1'000), "1 s");
    EXPECT_EQ(duration_text(60'000), "1 min");
    EXPECT_EQ(duration_text(200'000), "3 min 20 s");
    EXPECT_EQ(duration_text(7'500'000), "2 h 5 min");
    EXPECT_EQ(duration_text(100LL * 3'600'000), "4 d 4 h");
    EXPECT_EQ(due_text(2'000), "em 2 s");
    EXPECT_EQ(due_text(-2'000), "há 2 s");
}

TEST(OperatorView, AlignsColumnsByCharactersNotBytes) {
    EXPECT_EQ(table_of({{"É", "x"}, {"abc", "y"}}), "É    x\nabc  y\n");
}

TEST(OperatorView, ListsConversationsWithWhoAnswersThem) {
    const json answer = json::parse(R"({"conversations":[
        {"contact":"1001","account":"17","state":"waiting","unanswered":2,"due_in_ms":1500},
        {"contact":"1002","account":"17","state":"paused","unanswered":0,"due_in_ms":null,
         "paused_until_ms":1760000000000,"paused_by":"ping-pong"}],"next":"44"})");
    const std::string text = view_of("conversations", answer);
    EXPECT_TRUE(contains(text, "aguardando")) << text;
    EXPECT_TRUE(contains(text, "em 1 s")) << text;
    EXPECT_TRUE(contains(text, "(limite: ping-pong)")) << text;
    EXPECT_TRUE(contains(text, "--after 44")) << text;
    EXPECT_EQ(view_of("conversations", json::parse(R"({"conversations":[]})")), "Nenhuma conversa.\n");
}

TEST(OperatorView, TellsWhatDidNotArriveFromWhatNobodyKnows) {
    const json answer = json::parse(R"({"ambiguous":[
        {"conversation":"ig:17:1001","id":1,"state":"missing","looks":3,"text":"Temos sim!"},
        {"conversation":"ig:17:1002","id":7,"state":"ambiguous","looks":1,"text":"Quer ver?"}]})");
    const std::string text = view_of("ambiguous", answer);
    EXPECT_TRUE(contains(text, "ig:17:1001  1      não chegou")) << text;
    EXPECT_TRUE(contains(text, "ig:17:1002  7      não se sabe")) << text;
}

TEST(OperatorView, EscapesWhatATerminalWouldObey) {
    const json answer{{"conversation", "ig:1:2"},
                      {"state", "bot"},
                      {"inbox", json::array({{{"at_ms", 1}, {"text", "oi\n\x1b[2J\xe2\x80\xae"}}})}};
    const std::string text = view_of("show", answer);
    EXPECT_FALSE(contains(text, "\x1b")) << text;
    EXPECT_FALSE(contains(text, "\xe2\x80\xae")) << text;
}

TEST(OperatorView, OddAnswersAreShownEmpty) {
    for (const auto* what : {"status", "conversations", "show", "locks", "buffers", "ambiguous", "dead",
                             "pause", "resume", "flush", "dead/retry", "dead/drop", "replay"}) {
        EXPECT_NO_THROW(view_of(what, json::object())) << what;
        EXPECT_NO_THROW(view_of(what, json::parse(R"({"conversations":[1],"locks":[null],"dead":[{"heard":3}],
            "buffers":["x"],"ambiguous":[[]],"history":[{}],"inbox":[{"text":7}],"invariants":{}})")))
            << what;
    }
}

TEST(OperatorView, AViolatedInvariantIsLoud) {
    const json answer =
        json::parse(R"({"invariants":{"passes":3,"violations_total":2,"violations":{"I1":2,"I2":0},
        "open":[{"invariant":"I1","conversation":"ig:1:2","found":"one is missing"}]}})");
    const std::string text = view_of("status", answer);
    EXPECT_TRUE(contains(text, "VIOLADOS")) << text;
    EXPECT_TRUE(contains(text, "I1=2")) << text;
    EXPECT_TRUE(contains(text, "one is missing")) << text;
    EXPECT_TRUE(contains(view_of("status", json::parse(R"({"invariants":{"passes":3}})")), "em ordem"));
    const std::string repaired = view_of(
        "status",
        json::parse(R"({"invariants":{"passes":3,"violations_total":2,"violations":{"I1":2},"open":[]}})"));
    EXPECT_TRUE(contains(repaired, "em ordem")) << repaired;
    EXPECT_TRUE(contains(repaired, "I1=2")) << "but not forgotten: " << repaired;
    EXPECT_FALSE(contains(view_of("status", json::object()), "em ordem")) << "nobody has looked yet";
}

TEST(OperatorView, ProblemsSayWhatToDo) {
    EXPECT_TRUE(contains(problem_of(401, json::object()), "ADMIN_TOKEN"));
    const json several = json::parse(R"({"error":{"message":
        "several conversations are meant; name one of them whole"},"matches":["ig:1:2","ig:3:2"]})");
    EXPECT_TRUE(contains(problem_of(409, several), "ig:3:2"));
    EXPECT_EQ(problem_of(500, json()), "o servidor respondeu 500");
    const json stranger =
        json::parse(R"({"error":{"message":"ADMIN_ALLOW does not name the address 192.168.0.7"}})");
    EXPECT_EQ(problem_of(403, stranger),
              "o servidor não aceita comandos deste endereço; inclua-o em ADMIN_ALLOW e "
              "reinicie o servidor: 192.168.0.7");
    const json away = json::parse(R"({"error":{"message":"no answer"}})");
    EXPECT_EQ(problem_of(503, away), "o servidor não alcança o Redis: no answer");
}

} // namespace
} // namespace atende
