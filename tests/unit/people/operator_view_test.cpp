#include "people/operator_format.hpp"
#include "people/operator_view.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace atende {
namespace {

using nlohmann::json;

constexpr auto pt = language::portuguese, en = language::english;

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
    EXPECT_EQ(due_text(2'000, pt), "em 2 s");
    EXPECT_EQ(due_text(-2'000, pt), "há 2 s");
    EXPECT_EQ(due_text(0, en), "in 0 ms");
    EXPECT_EQ(due_text(-180'000, en), "3 min ago");
}

TEST(OperatorView, WritesTimesAsThePlaceDoes) {
    const std::string portuguese = time_text(1'760'000'000'000, pt),
                      english = time_text(1'760'000'000'000, en);
    EXPECT_EQ(portuguese.substr(2, 5), "/10/2");
    EXPECT_EQ(english.substr(0, 8), "2025-10-");
    EXPECT_EQ(english.substr(10), portuguese.substr(10)) << "the same clock";
    EXPECT_EQ(time_text(0, en), "-");
}

TEST(OperatorView, AlignsColumnsByCharactersNotBytes) {
    EXPECT_EQ(table_of({{"É", "x"}, {"abc", "y"}}), "É    x\nabc  y\n");
}

TEST(OperatorView, ListsConversationsWithWhoAnswersThem) {
    const json answer = json::parse(R"({"conversations":[
        {"contact":"1001","account":"17","state":"waiting","unanswered":2,"due_in_ms":1500},
        {"contact":"1002","account":"17","state":"paused","unanswered":0,"due_in_ms":null,
         "paused_until_ms":1760000000000,"paused_by":"ping-pong"}],"next":"44"})");
    const std::string text = view_of("conversations", answer, pt);
    EXPECT_TRUE(contains(text, "aguardando")) << text;
    EXPECT_TRUE(contains(text, "em 1 s")) << text;
    EXPECT_TRUE(contains(text, "(do outro lado parece haver um robô)")) << text;
    EXPECT_TRUE(contains(text, "--after 44")) << text;
    EXPECT_EQ(view_of("conversations", json::parse(R"({"conversations":[]})"), pt), "Nenhuma conversa.\n");
}

// What the server names in English must not stand in a Portuguese sentence.
TEST(OperatorView, TranslatesTheServersReasons) {
    const auto shown = [](const char* what, const char* key, const char* reason, language lang) {
        json answer{{"state", "paused"}, {"paused_until_ms", 1'760'000'000'000}, {key, reason}};
        answer["conversations"] = answer["dead"] = json::array({answer});
        return view_of(what, answer, lang);
    };
    const std::array<const char*, 3> reasons[] = {
        {"conversations", "paused_by", "ten minutes"},
        {"conversations", "paused_by", "day"},
        {"conversations", "paused_by", "ping-pong"},
        {"dead", "reason", "the process died while it worked on this"},
        {"show", "failure", "the process died while it worked on this"},
        {"replay", "cut_short", "not connected to Redis"},
        {"replay", "cut_short", "Redis did not answer in time"},
        {"replay", "cut_short", "too few replicas of Redis have it (REDIS_WAIT_REPLICAS)"}};
    for (const auto& [what, key, reason] : reasons)
        EXPECT_FALSE(contains(shown(what, key, reason, pt), reason)) << reason;
    EXPECT_TRUE(contains(shown("dead", "reason", "the process died while it worked on this", pt),
                         "o processo caiu enquanto trabalhava nela"));
    EXPECT_TRUE(contains(shown("replay", "cut_short", "connection closed", en),
                         "the connection to Redis was closed"));
    EXPECT_TRUE(contains(shown("show", "failure", "a later version's reason", pt), "a later version's"));
}

TEST(OperatorView, TellsWhatDidNotArriveFromWhatNobodyKnows) {
    const json answer = json::parse(R"({"ambiguous":[
        {"conversation":"ig:17:1001","id":1,"state":"missing","looks":3,"text":"Temos sim!"},
        {"conversation":"ig:17:1002","id":7,"state":"ambiguous","looks":1,"text":"Quer ver?"}]})");
    const std::string text = view_of("ambiguous", answer, pt);
    EXPECT_TRUE(contains(text, "ig:17:1001  1      não chegou")) << text;
    EXPECT_TRUE(contains(text, "ig:17:1002  7      não se sabe")) << text;
}

TEST(OperatorView, TellsWhyAVoiceNoteWasNotUnderstood) {
    const json answer = json::parse(R"({"history":[{"who":"customer","text":"[…]","not_heard":"silent"}]})");
    EXPECT_TRUE(contains(view_of("show", answer, pt), "[não entendido: sem som]"));
    EXPECT_TRUE(contains(view_of("show", answer, en), "[not understood: silent]"));
    for (const char* why : {"more audio of one contact than is listened to in an hour", "it took too long",
                            "the model is offline", "it came without a link", "there is no simulator"}) {
        const json told{{"history", json::array({{{"not_heard", why}}})}};
        EXPECT_FALSE(contains(view_of("show", told, pt), why)) << why;
        EXPECT_TRUE(contains(view_of("show", told, en), why)) << why;
    }
    const auto told = [](const char* why, language lang) {
        return view_of("show", json{{"history", json::array({{{"not_heard", why}}})}}, lang);
    };
    EXPECT_TRUE(contains(told("download: HTTP 404", pt), "[não entendido: ao baixar: HTTP 404]"));
    EXPECT_TRUE(
        contains(told("too long; decoding: audio: waited too long for a process; download: HTTP 404", pt),
                 "[não entendido: longo demais; decodificação: esperou demais por um processo; "
                 "ao baixar: HTTP 404]"));
    EXPECT_TRUE(contains(told("too long; silent", en), "[not understood: too long; silent]"));
    EXPECT_TRUE(
        contains(told("a later reason; sent; off", pt), "[não entendido: a later reason; sent; off]"));
}

TEST(OperatorView, TellsWhyAVoiceNoteThatStillWaitsWasNotUnderstood) {
    const json answer = json::parse(R"({"inbox":[{"text":"","not_heard":"silent"},{"text":"[áudio] oi"}],
        "dead":[{"heard":{"text":"","not_heard":"silent"}}]})");
    EXPECT_TRUE(contains(view_of("show", answer, en), "-  \n   [not understood: silent]\n-  [áudio] oi\n"));
    EXPECT_TRUE(contains(view_of("dead", answer, pt), "[não entendido: sem som]\n"));
}

TEST(OperatorView, TellsWhyAMessageWasNotAnswered) {
    const json answer =
        json::parse(R"({"history":[{"who":"customer","text":"oi","not_answered":"channels"}]})");
    EXPECT_TRUE(
        contains(view_of("show", answer, pt), "cliente  oi\n            [não respondida: channels]\n"));
    EXPECT_TRUE(contains(view_of("show", answer, en), "[not answered: channels]"));
}

TEST(OperatorView, SaysWhyAnEntryHasNoWords) {
    const json answer = json::parse(R"({"history":[{"who":"bot","text":""},{"who":"customer","text":""}]})");
    EXPECT_TRUE(
        contains(view_of("show", answer, pt), "-  bot      (nada a dizer)\n-  cliente  (cancelada)\n"));
    EXPECT_TRUE(
        contains(view_of("show", answer, en), "-  bot       (nothing to say)\n-  customer  (unsent)\n"));
}

TEST(OperatorView, ShowsWhatAnAnswerWasMadeWith) {
    const json answer = json::parse(R"({"conversation":"ig:1:2","history":[{"who":"bot","text":"Temos!",
        "sources":[{"file":"*"}],
        "tools":[{"name":"estoque","source":"cache"},{"name":"preco","source":"outdated_cache"},{"name":"lead"}]}]})");
    const std::string text = view_of("show", answer, pt);
    EXPECT_TRUE(contains(text, "[leu todo o conhecimento]\n")) << text;
    EXPECT_TRUE(contains(text, "[usou estoque (do cache), preco (do cache, desatualizado), lead]\n")) << text;
    EXPECT_TRUE(contains(view_of("show", answer, en), "[used estoque (from the cache), "));
}

TEST(OperatorView, EscapesWhatATerminalWouldObey) {
    const json answer{{"conversation", "ig:1:2"},
                      {"state", "bot"},
                      {"inbox", json::array({{{"at_ms", 1}, {"text", "oi\n\x1b[2J\xe2\x80\xae"}}})}};
    const std::string text = view_of("show", answer, pt);
    EXPECT_FALSE(contains(text, "\x1b")) << text;
    EXPECT_FALSE(contains(text, "\xe2\x80\xae")) << text;
}

TEST(OperatorView, GoesOnBelowWhereAMessageHasSeveralLines) {
    const json answer = json::parse(R"({"history":[{"who":"bot","text":"Em Recife.\n- item 1\n\n- item\r2\n"},
        {"who":"customer","text":"ok"}],"inbox":[{"text":"um\ndois"}],"sends":[{"id":7,"state":"ambiguous","text":"três\nquatro"}]})");
    const std::string text = view_of("show", answer, en);
    EXPECT_TRUE(contains(text, "\n-  bot       Em Recife.\n"
                               "             - item 1\n"
                               "             \n"
                               "             - item\\u{d}2\n"
                               "-  customer  ok\n"))
        << text;
    EXPECT_TRUE(contains(text, "-  um\n   dois\n")) << text;
    EXPECT_TRUE(contains(text, "7  not known  três\n              quatro\n")) << text;
    const json dead = json::parse(R"({"dead":[{"heard":{"text":"um\ndois"}}]})");
    EXPECT_TRUE(contains(view_of("dead", dead, en), "  -  um\n     dois\n"));
    const json longest{{"inbox", json::array({{{"text", "a\n" + std::string(2'000, 'b')}}})}};
    EXPECT_TRUE(view_of("show", longest, en).ends_with("bb…\n"));
}

TEST(OperatorView, OddAnswersAreShownEmpty) {
    for (const auto* what :
         {"status", "conversations", "show", "locks", "buffers", "variants", "ambiguous", "dead", "faq",
          "pause", "resume", "flush", "forget", "dead/retry", "dead/drop", "replay"}) {
        for (const auto& answer : {json::object(), json::array({1}), json(7)})
            EXPECT_NO_THROW(view_of(what, answer, pt)) << what;
        EXPECT_NO_THROW(view_of(what,
                                json::parse(R"({"running":7,"passes":"x","variants":[{"lead_rate":"x"},7],
            "dead":[{"heard":{"unsent":"x"}}],"inbox":[{"unsent":[]}],"sends":[{"audio":7}],"faq":[7],
            "invariants":{"passes":1,"violations_total":2,"violations":7,"open":[7]}})"),
                                pt))
            << what;
        EXPECT_NO_THROW(view_of(what, json::parse(R"({"conversations":[1],"locks":[null],"dead":[{"heard":3}],
            "buffers":["x"],"ambiguous":[[]],"history":[{}],"inbox":[{"text":7}],"invariants":{}})"),
                                pt))
            << what;
    }
}

TEST(OperatorView, WhatWasUnsentIsCalledSo) {
    const json answer = json::parse(R"({"dead":[{"heard":{"text":"","unsent":true}}],
        "inbox":[{"text":"","unsent":true}]})");
    EXPECT_TRUE(contains(view_of("dead", answer, pt), "(cancelada)"));
    EXPECT_TRUE(contains(view_of("show", answer, en), "(unsent)"));
}

TEST(OperatorView, AViolatedInvariantIsLoud) {
    const json answer =
        json::parse(R"({"invariants":{"passes":3,"violations_total":2,"violations":{"I1":2,"I2":0},
        "open":[{"invariant":"I1","conversation":"ig:1:2","found":"one is missing"}]}})");
    const std::string text = view_of("status", answer, pt);
    EXPECT_TRUE(contains(text, "VIOLADOS")) << text;
    EXPECT_TRUE(contains(text, "I1=2")) << text;
    EXPECT_TRUE(contains(text, "one is missing")) << text;
    EXPECT_TRUE(contains(view_of("status", json::parse(R"({"invariants":{"passes":3}})"), pt), "em ordem"));
    const std::string repaired = view_of(
        "status",
        json::parse(R"({"invariants":{"passes":3,"violations_total":2,"violations":{"I1":2},"open":[]}})"),
        pt);
    EXPECT_TRUE(contains(repaired, "em ordem")) << repaired;
    EXPECT_TRUE(contains(repaired, "I1=2")) << "but not forgotten: " << repaired;
    EXPECT_FALSE(contains(view_of("status", json::object(), pt), "em ordem")) << "nobody has looked yet";
}

TEST(OperatorView, ProblemsSayWhatToDo) {
    EXPECT_TRUE(contains(problem_of(401, json::object(), pt), "ADMIN_TOKEN"));
    const json several = json::parse(R"({"error":{"message":
        "several conversations are meant; name one of them whole"},"matches":["ig:1:2","ig:3:2"]})");
    EXPECT_TRUE(contains(problem_of(409, several, pt), "ig:3:2"));
    EXPECT_EQ(problem_of(500, json(), pt), "o servidor respondeu 500");
    const json stranger =
        json::parse(R"({"error":{"message":"ADMIN_ALLOW does not name the address 192.168.0.7"}})");
    EXPECT_EQ(problem_of(403, stranger, pt),
              "o servidor não aceita comandos deste endereço; inclua-o em ADMIN_ALLOW e "
              "reinicie o servidor: 192.168.0.7");
    for (const char* message : {"after must be the next of an earlier answer", "no such path",
                                "id must be a whole number from 1 to 9007199254740992"})
        EXPECT_FALSE(contains(problem_of(400, json{{"error", {{"message", message}}}}, pt), message));
    const json away = json::parse(R"({"error":{"message":"no answer"}})");
    EXPECT_EQ(problem_of(503, away, pt), "o servidor não alcança o Redis: no answer");
}

// Local time, without a change of the process's zone that other tests would see.
std::string at(std::int64_t ms) {
    return time_text(ms, en);
}

TEST(OperatorViewInEnglish, ShowsTheStateOfEverything) {
    const json answer = json::parse(R"({"version":"1.2.3","up_s":7500,"due":2,"overdue":1,
        "oldest_overdue_ms":180000,"running_turns":0,"ambiguous":1,"missing":1,"dead":1,
        "invariants":{"passes":1,"conversations":3,"violations_total":0,"open":[]}})");
    EXPECT_EQ(view_of("status", answer, en),
              "Atende 1.2.3           up for 2 h 5 min\n"
              "Pending conversations  2 (1 overdue, the oldest due 3 min ago)\n"
              "Being answered here    0\n"
              "Ambiguous sends        1\n"
              "Did not arrive         1\n"
              "Messages set aside     1\n"
              "Invariants             in order (1 pass, 3 conversations)\n");
}

TEST(OperatorViewInEnglish, ShowsOneConversation) {
    const json answer = json::parse(R"({"conversation":"ig:17:1001","state":"waiting","due_in_ms":9000,
        "received":3,"turns":1,"epoch":2,"held_echoes":2,"failure":"no answer",
        "history":[{"at_ms":1760000000000,"who":"customer","text":"oi"},
                   {"at_ms":1760000000000,"who":"person","text":"Bom dia!"}],
        "inbox":[{"at_ms":1760000001000,"unsent":true}],
        "sends":[{"id":1,"state":"missing","text":"Temos sim!"}]})");
    EXPECT_EQ(view_of("show", answer, en), "ig:17:1001: waiting, due in 9 s\n"
                                           "3 messages received, 1 turn, epoch 2, 2 held echoes\n"
                                           "Last failure: no answer\n"
                                           "\nHistory\n" +
                                               at(1'760'000'000'000) + "  customer  oi\n" +
                                               at(1'760'000'000'000) +
                                               "  person    Bom dia!\n"
                                               "\nUnanswered\n" +
                                               at(1'760'000'001'000) +
                                               "  (unsent)\n"
                                               "\nSends\n"
                                               "1  did not arrive  Temos sim!\n");
}

TEST(OperatorViewInEnglish, SaysWhatAChangeDid) {
    const auto said = [](const char* what, const char* answer) {
        return view_of(what, json::parse(answer), en);
    };
    EXPECT_EQ(said("pause", R"({"conversation":"ig:1:2","paused_for_ms":300000,"cancelled_sends":1})"),
              "The bot is silent for 5 min: ig:1:2 (1 send cancelled)\n");
    EXPECT_EQ(said("resume", R"({"conversation":"ig:1:2"})"), "The bot answers again: ig:1:2\n");
    EXPECT_EQ(said("flush", R"({"conversation":"ig:1:2","due_in_ms":0})"), "It is looked at now: ig:1:2\n");
    EXPECT_EQ(said("ambiguous/drop", R"({"conversation":"ig:1:2","id":7})"), "Send 7 closed: ig:1:2\n");
    EXPECT_EQ(said("dead/retry", R"({"conversation":"ig:1:2","messages":1})"),
              "1 message back in the queue: ig:1:2\n");
    EXPECT_EQ(said("replay", R"({"webhooks":2,"handed_over":1,"duplicates":3})"),
              "2 webhooks read, 1 new event, 3 known already, 0 unreadable\n");
}

TEST(OperatorViewInEnglish, ProblemsAreTheApisWordsWithHints) {
    const auto problem = [](const char* message) {
        return problem_of(404, json{{"error", {{"message", message}}}}, en);
    };
    EXPECT_EQ(problem("nothing is known of this conversation"), "nothing is known of this conversation");
    EXPECT_EQ(problem("no such dead letter"), "no such dead letter; see atende dead");
    EXPECT_EQ(problem("a sentence of a later version"), "a sentence of a later version");
    EXPECT_EQ(problem_of(500, json(), en), "the server answered 500");
}

// Every command's text with everything in it: one that forgets its language is the same in both.
TEST(OperatorView, EveryCommandSpeaksBothLanguages) {
    const json answer = json::parse(R"({"conversation":"ig:1:2","state":"paused","next":"4","due_in_ms":1000,
        "conversations":[{"state":"thinking"}],"notes":[{"wants":[{"text":"a"}]}],"locks":[{}],"buffers":[{}],"ambiguous":[{}],"dead":[{}]})");
    for (const auto* what :
         {"status", "conversations", "show", "locks", "buffers", "ambiguous", "dead", "pause", "resume",
          "flush", "forget", "ambiguous/drop", "dead/retry", "dead/drop", "replay"}) {
        for (const json& one : {answer, json::object()}) {
            const std::string english = view_of(what, one, en);
            EXPECT_NE(english, view_of(what, one, pt)) << what;
            EXPECT_TRUE(std::ranges::all_of(english, [](char c) {
                return c == '\n' || (c >= ' ' && c <= '~');
            })) << english;
        }
    }
}

TEST(OperatorView, ListsFixedAnswersWithTheirCounts) {
    const json answer =
        json::parse(R"({"faq":[{"question":"Tem Pix?","file":"knowledge/faq.yaml","first_line":2,
        "last_line":3,"hits":12}]})");
    EXPECT_EQ(view_of("faq", answer, pt), "VEZES  PERGUNTA  ONDE\n12     Tem Pix?  knowledge/faq.yaml:2-3\n");
    EXPECT_EQ(view_of("faq", json::parse(R"({"faq":[]})"), en), "No fixed answers (faq).\n");
}

TEST(OperatorView, ShowsWhatTheBotHadRead) {
    const json answer =
        json::parse(R"({"conversation":"ig:1:2","history":[{"who":"bot","text":"R$ 497","at_ms":0,
        "sources":[{"file":"knowledge/a.md","first_line":3,"last_line":7},{"file":"*","first_line":0}]}]})");
    const std::string text = view_of("show", answer, pt);
    EXPECT_TRUE(contains(text, "[leu knowledge/a.md:3-7, todo o conhecimento]")) << text;
}

} // namespace
} // namespace atende
