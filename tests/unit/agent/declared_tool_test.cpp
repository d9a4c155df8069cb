// A tool's file and the model's arguments become one request; the answer becomes what the model is told.
#include "declared_tool_fixture.hpp"

#include <gmock/gmock.h>

#include <atende/agent/profile.hpp>
#include <atende/platform/text.hpp>

namespace atende::test {
namespace {

using json = nlohmann::json;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;
using ::testing::SizeIs;
using ::testing::StartsWith;

std::vector<std::string> told(const std::vector<sentence>& problems, language lang = language::english) {
    std::vector<std::string> lines;
    for (const auto& problem : problems) lines.push_back(problem.in(lang));
    return lines;
}

TEST_F(DeclaredTool, EscapesArgumentsForTheUrl) {
    EXPECT_EQ(request("url: '{{env.API_URL}}/x/{{q}}'", {{"q", "a/b?c#d&e=%2e é"}}).url,
              "https://api.example.com/v1/x/a%2Fb%3Fc%23d%26e%3D%252e%20%C3%A9");
    EXPECT_EQ(request("url: 'https://a.example/?k=1'\nquery: {'a b': '{{q}}', n: '{{n}}', l: '{{list}}'}",
                      {{"q", "x&y=z"}, {"n", 3}, {"list", {"1", "2"}}})
                  .url,
              "https://a.example/?k=1&a%20b=x%26y%3Dz&n=3&l=1%2C%202");
    EXPECT_EQ(request("url: https://a.example/\nquery: {q: '{{q}}', n: '{{n}}'}", {{"n", 3}}).url,
              "https://a.example/?n=3")
        << "what the model left out is left out";
}

TEST_F(DeclaredTool, LetsNoArgumentClimbOutOfItsFolder) {
    for (const auto* climbing : {".", "..", "../../admin/export", "1/../2", "1/..", R"(..\..\admin)",
                                 "%2e%2e", "%2E%2E%2Fadmin", "..%5Cadmin"}) {
        http.made.clear();
        EXPECT_THAT(call("url: '{{env.API_URL}}/orders/{{q}}/x'\nanswers: [{success: a}]", {{"q", climbing}}),
                    StartsWith("ERRO: um dos dados não é um código válido"))
            << climbing;
        EXPECT_THAT(http.made, IsEmpty());
    }
    EXPECT_THAT(call("url: '{{env.API_URL}}/orders/.{{q}}'\nanswers: [{success: a}]", {{"q", "./admin"}}),
                StartsWith("ERRO: um dos dados não é um código válido"))
        << "neither with what the file wrote before it";
    for (const auto* harmless : {"1.2", "..a", "a/b", "...", "100%"})
        EXPECT_EQ(request("url: '{{env.API_URL}}/orders/{{q}}'", {{"q", harmless}}).url,
                  "https://api.example.com/v1/orders/" + percent_encoded(harmless));
    http.made.clear();
    EXPECT_THAT(call("url: '{{env.API_URL}}/orders/{{q}}'\nanswers: [{success: a}]"),
                StartsWith("ERRO: falta"));
    EXPECT_THAT(call("url: '{{env.API_URL}}/orders/{{q}}'\nanswers: [{success: a}]", {{"q", ""}}),
                StartsWith("ERRO: falta"));
    EXPECT_THAT(http.made, IsEmpty());
}

TEST_F(DeclaredTool, PutsNoLineBreakIntoAHeader) {
    const std::string yaml = "url: https://a.example/\nheaders: {X-Q: 'q={{q}}'}\nanswers: [{success: a}]";
    for (const auto& text : {std::string("a\r\nX-Admin: 1"), std::string("a\nb"), std::string("a\0b", 3)})
        EXPECT_THAT(call(yaml, {{"q", text}}), StartsWith("ERRO: X-Q: tem quebra de linha")) << text;
    EXPECT_THAT(http.made, IsEmpty());
    EXPECT_THAT(request("url: https://a.example/\nheaders: {X-Q: 'q={{q}}'}", {{"q", "a: b"}}).headers,
                Contains(Pair("X-Q", "q=a: b")));
}

TEST_F(DeclaredTool, KeepsTypesInJsonAndEscapesTexts) {
    const auto made = request(R"(method: POST
url: https://a.example/
json: {texto: "diz: {{q}}", n: "{{n}}", lista: "{{list}}", falta: "{{q}}", fixo: 1, dentro: [{quem: "{{contact.id}}"}]}
)",
                              {{"q", "\"aspas\"\n\\"}, {"n", 3}, {"list", {"a", "b"}}});
    EXPECT_EQ(json::parse(made.body), (json{{"texto", "diz: \"aspas\"\n\\"},
                                            {"n", 3},
                                            {"lista", {"a", "b"}},
                                            {"falta", "\"aspas\"\n\\"},
                                            {"fixo", 1},
                                            {"dentro", {{{"quem", "ana/1"}}}}}));
    EXPECT_THAT(made.headers, Contains(Pair("Content-Type", "application/json")));
    EXPECT_EQ(json::parse(
                  request("method: POST\nurl: https://a.example/\njson: {q: '{{q}}', n: '{{n}}'}", {{"n", 3}})
                      .body),
              (json{{"n", 3}}));
}

TEST_F(DeclaredTool, CountsMoneyInCents) {
    const std::string pays = R"(
name: pagar
description: Paga.
parameters:
  type: object
  properties:
    valor: {type: string, format: money-br, description: quanto}
    gorjeta: {type: string, format: money-br, description: a mais}
method: POST
url: https://a.example/
json: {centavos: "{{valor.cents}}", texto: "{{valor.cents}} centavos", gorjeta: "{{gorjeta.cents}}"}
answers: [{success: feito}]
)";
    http.steps = {answers(200, "{}")};
    const auto tools = make_declared_tools({declared(pays)}, around());
    run(tools.at(0)->call({{"valor", "1234.50"}},
                          {.conversation = {platform_kind::instagram, account_id("shop"), contact_id("ana")},
                           .operation_id = "op",
                           .report = report}));
    EXPECT_EQ(json::parse(http.made.at(0).body), (json{{"centavos", 123450}, {"texto", "123450 centavos"}}))
        << "what the model left out is left out";
}

TEST_F(DeclaredTool, EncodesWhatTheFileItselfWroteIntoTheQuery) {
    EXPECT_EQ(request(R"(url: https://a.example/
query: {fields: 'id,name', status: '["{{q}}"]'})",
                      {{"q", "A&B"}})
                  .url,
              "https://a.example/?fields=id%2Cname&status=%5B%22A%26B%22%5D");
}

TEST_F(DeclaredTool, EncodesForms) {
    const auto made =
        request("method: POST\nurl: https://a.example/\nform: {texto: '{{q}}', quem: '{{contact.id}}'}",
                {{"q", "a&b=c d+é"}});
    EXPECT_EQ(made.body, "texto=a%26b%3Dc%20d%2B%C3%A9&quem=ana%2F1");
    EXPECT_THAT(made.headers, Contains(Pair("Content-Type", "application/x-www-form-urlencoded")));
}

TEST_F(DeclaredTool, NamesTheOperationToAServiceItChanges) {
    const auto post = request("method: POST\nurl: https://a.example/");
    EXPECT_THAT(post.headers, Contains(Pair("Idempotency-Key", operation)));
    EXPECT_EQ(operation.size(), 32U);
    EXPECT_THAT(operation, Not(HasSubstr("ana"))) << "who the customer is, only the file tells";
    EXPECT_EQ(
        json::parse(request("method: POST\nurl: https://a.example/\njson: {op: '{{operation.id}}'}").body),
        (json{{"op", operation}}));
    EXPECT_FALSE(post.repeatable);
    EXPECT_TRUE(request("method: POST\nidempotent: true\nurl: https://a.example/").repeatable);
    const auto get = request("url: https://a.example/");
    EXPECT_TRUE(get.repeatable);
    EXPECT_THAT(get.headers, Not(Contains(Pair("Idempotency-Key", ::testing::_))));
}

TEST_F(DeclaredTool, GoesToThePublicInternetOnlyUnlessTheHostIsListed) {
    EXPECT_TRUE(request("url: '{{env.API_URL}}/a'").public_only);
    EXPECT_FALSE(request("url: 'http://n8n.local:5678/webhook'").public_only);
    EXPECT_TRUE(request("url: 'https://n8n.local/webhook'").public_only) << "another port";
    EXPECT_LE(request("url: '{{env.API_URL}}/a'").max_answer_bytes, 1U << 20U);
}

TEST_F(DeclaredTool, SaysWhatKeepsItFromBeingUsed) {
    const auto spec =
        declared(parameters + "url: '{{env.API_URL}}/a'\nheaders: {Authorization: '{{env.API_TOKEN}}'}\n"
                              "answers: [{success: a}]");
    const auto problems = [&] {
        return told(environment_problems({spec}, around().environment, around().allowed_hosts));
    };
    EXPECT_THAT(problems(), IsEmpty());
    environment["API_URL"] = "http://api.example.com";
    EXPECT_THAT(problems(), ElementsAre(HasSubstr("url: expected https://, or api.example.com among")));
    environment["API_URL"] = "http://n8n.local:5678/x";
    EXPECT_THAT(problems(), IsEmpty());
    environment["API_URL"] = "api.example.com";
    EXPECT_THAT(problems(),
                ElementsAre(HasSubstr("tools/tool.yaml:10: url: expected a URL that starts with")));
    environment.clear();
    EXPECT_THAT(problems(), ElementsAre(AllOf(HasSubstr("tools/tool.yaml:11:"), HasSubstr("API_TOKEN")),
                                        AllOf(HasSubstr("tools/tool.yaml:10:"), HasSubstr("API_URL"))));
    EXPECT_THAT(told(environment_problems({spec}, around().environment, {}), language::portuguese),
                Contains(HasSubstr("tools/tool.yaml:11: espera a variável de ambiente API_TOKEN")));
}

TEST_F(DeclaredTool, AnAddressWithoutTlsIsToldByItsLineBeforeAnythingIsAsked) {
    const auto wrong = [&](const std::string& url) {
        const auto spec = declared(parameters + "url: '" + url + "'\nanswers: [{success: a}]");
        std::vector<std::string> lines;
        for (const auto& each : address_problems({spec}, around().environment, around().allowed_hosts))
            lines.push_back(text_of(each, language::portuguese));
        return lines;
    };
    EXPECT_THAT(wrong("http://exemplo.com.br/x/{{q}}"),
                ElementsAre("tools/tool.yaml:10: url: espera https://, ou exemplo.com.br entre os "
                            "TOOL_ALLOWED_HOSTS"));
    EXPECT_THAT(wrong("https://exemplo.com.br/x"), IsEmpty());
    EXPECT_THAT(wrong("http://n8n.local:5678/x"), IsEmpty());
    environment["API_URL"] = "http://exemplo.com.br";
    EXPECT_THAT(wrong("{{env.API_URL}}/x"), SizeIs(1));
    environment.clear();
    EXPECT_THAT(wrong("{{env.API_URL}}/x"), IsEmpty()) << "nobody can tell";
}

TEST_F(DeclaredTool, ThatIsOptionalIsLeftOutOfAShopThatDoesNotHaveIt) {
    const auto spec =
        declared(parameters + "optional: true\nurl: '{{env.API_URL}}/a'\nanswers: [{success: a}]\n"
                              "headers: {Authorization: '{{env.API_TOKEN}}'}\n");
    const auto problems = [&] {
        return told(environment_problems({spec}, around().environment, around().allowed_hosts));
    };
    EXPECT_THAT(problems(), IsEmpty());
    EXPECT_THAT(make_declared_tools({spec}, around()), SizeIs(1));
    environment.erase("API_TOKEN");
    EXPECT_THAT(problems(), ElementsAre(HasSubstr("API_TOKEN"))) << "half of it is a mistake";
    environment.clear();
    EXPECT_THAT(problems(), IsEmpty());
    EXPECT_THAT(make_declared_tools({spec}, around()), IsEmpty());
    offline = true;
    EXPECT_THAT(make_declared_tools({spec}, around()), SizeIs(1)) << "its mock answers";
}

TEST_F(DeclaredTool, TellsTheFirstRuleThatFits) {
    const std::string yaml = R"(url: https://a.example/
values: {quantidade: /estoque/quantidade, codigo: /erro, aviso: {at: /aviso, default: nenhum}}
answers:
  - {where: {quantidade: 0}, success: "sem {{q}}"}
  - {success: "há {{quantidade}} de {{q}}; aviso: {{aviso}}"}
  - {status: 400, where: {codigo: [4, 17]}, error: devagar}
  - {status: 404, error: "não há {{q}}"}
  - {status: [5xx, unreachable], error: fora do ar}
)";
    const auto told = [&](result<http_answer> answer) {
        http.steps = {std::move(answer)};
        return call(yaml, {{"q", "XY <150>"}});
    };
    EXPECT_EQ(told(answers(200, R"({"estoque":{"quantidade":0}})")), "SUCESSO: sem XY <150>");
    EXPECT_EQ(told(answers(201, R"({"estoque":{"quantidade":4},"aviso":"só à vista"})")),
              "SUCESSO: há 4 de XY <150>; aviso: só à vista");
    EXPECT_FALSE(report->service_failed);
    EXPECT_EQ(told(answers(400, R"({"erro":17})")), "ERRO: devagar");
    EXPECT_EQ(told(answers(404, "<html>")), "ERRO: não há XY <150>");
    EXPECT_FALSE(report->service_failed) << "that is an answer";
    EXPECT_EQ(told(answers(503, "")), "ERRO: fora do ar");
    EXPECT_TRUE(report->service_failed);
    EXPECT_EQ(told(fail(errc::unavailable, "no route")), "ERRO: fora do ar");
    // A text with a hole is not said.
    EXPECT_THAT(told(answers(200, R"({"estoque":{}})")), StartsWith("ERRO:"));
    EXPECT_THAT(told(answers(200, "not JSON")), StartsWith("ERRO:"));
    EXPECT_THAT(told(answers(302, "")), StartsWith("ERRO:"));
    EXPECT_THAT(told(fail(errc::timed_out, "")), StartsWith("ERRO: o serviço não respondeu a tempo"));
    EXPECT_THAT(told(answers(401, "")), StartsWith("ERRO: a loja não tem acesso"));
    EXPECT_THAT(told(answers(400, R"({"erro":1})")), StartsWith("ERRO: o serviço recusou"));
}

TEST_F(DeclaredTool, ReadsListsAndPlainTexts) {
    http.steps = {answers(200, R"({"itens":[{"nome":"A","ok":true},{"nome":"B","ok":false}]})"),
                  answers(200, "Workflow was started")};
    EXPECT_EQ(call(R"(url: https://a.example/
values: {itens: /itens}
answers: [{success: "{{#itens}}{{nome}}{{#ok}} ({{ok}}){{/ok}};{{/itens}}"}]
)"),
              "SUCESSO: A (sim);B;");
    EXPECT_EQ(call("url: https://a.example/\nvalues: {tudo: ''}\nanswers: [{success: '{{tudo}}'}]"),
              "SUCESSO: Workflow was started");
}

TEST_F(DeclaredTool, AnAnswerNestedWithoutEndIsNotUnderstood) {
    const std::string yaml = "url: https://a.example/\nvalues: {quantidade: /quantidade/0/0}\nanswers: "
                             "[{success: 'há {{quantidade}}'}]";
    http.steps = {
        answers(200, R"({"quantidade":)" + std::string(100'000, '[') + std::string(100'000, ']') + "}"),
        answers(200, R"({"quantidade":[[3]]})")};
    EXPECT_THAT(call(yaml), StartsWith("ERRO:"));
    EXPECT_EQ(call(yaml), "SUCESSO: há 3");
}

TEST_F(DeclaredTool, NeverClaimsWhatMayNotHaveHappened) {
    const std::string post = "method: POST\nurl: https://a.example/\nanswers: [{success: feito}]";
    for (auto unknown : {result<http_answer>(fail(errc::timed_out, "")),
                         result<http_answer>(fail(errc::interrupted, "")), answers(500, "")}) {
        http.steps = {unknown};
        EXPECT_THAT(call(post), HasSubstr("não se sabe se foi feito"));
    }
    http.steps = {fail(errc::unavailable, "refused")};
    EXPECT_THAT(call(post), HasSubstr("fora do ar")) << "surely not done";
}

TEST_F(DeclaredTool, IsUnreachableOnlyIfSurelyNothingWasDone) {
    const auto told = [this](errc code) {
        http.steps = {fail(code, "")};
        return call("method: POST\nurl: https://a.example/\n"
                    "answers: [{success: feito}, {status: unreachable, error: não foi pedido}]");
    };
    for (const auto code : {errc::too_large, errc::protocol, errc::cancelled, errc::interrupted})
        EXPECT_THAT(told(code), HasSubstr("não se sabe se foi feito")) << static_cast<int>(code);
    for (const auto code : {errc::unavailable, errc::rejected})
        EXPECT_EQ(told(code), "ERRO: não foi pedido") << static_cast<int>(code);
}

TEST_F(DeclaredTool, RepeatsOnlyWhatDoesNotDouble) {
    const auto asked = [&](const std::string& yaml, std::deque<result<http_answer>> steps) {
        http.made.clear();
        http.steps = std::move(steps);
        call("url: https://a.example/\nanswers: [{success: feito}]\n" + yaml);
        return http.made.size();
    };
    const auto busy = [] { return answers(503, ""); };
    EXPECT_EQ(asked("retries: 1", {busy(), answers(200, "")}), 2U);
    EXPECT_EQ(asked("retries: 1", {busy(), busy(), answers(200, "")}), 2U);
    EXPECT_EQ(asked("", {busy(), answers(200, "")}), 1U);
    EXPECT_EQ(asked("retries: 1", {answers(404, ""), answers(200, "")}), 1U);
    EXPECT_EQ(asked("method: POST\nidempotent: true\nretries: 1", {busy(), answers(200, "")}), 2U);
    for (const auto& made : http.made)
        EXPECT_THAT(made.headers, Contains(Pair("Idempotency-Key", operation)));
}

TEST_F(DeclaredTool, AnInterruptedEffectIsRepeatedOnlyIfTheServiceKnowsTheOperation) {
    const auto told = [this](const std::string& yaml) {
        http.made.clear();
        http.steps = {answers(200, "{}")};
        return call("url: https://a.example/\nanswers: [{success: feito}]\n" + yaml, json::object(), true);
    };
    EXPECT_THAT(told("method: POST"), HasSubstr("não se sabe se foi feito"));
    EXPECT_THAT(http.made, IsEmpty());
    EXPECT_EQ(told("method: POST\nidempotent: true"), "SUCESSO: feito");
    ASSERT_THAT(http.made, SizeIs(1));
    EXPECT_THAT(http.made[0].headers, Contains(Pair("Idempotency-Key", operation)));
    EXPECT_EQ(told(""), "SUCESSO: feito") << "a question may be asked again";
}

TEST_F(DeclaredTool, WhatAnInterruptedAttemptMayHaveDoneIsToldLikeATimeout) {
    const auto told = [this](const std::string& yaml, result<http_answer> answer, bool again = true) {
        http.steps = {std::move(answer)};
        return call("method: POST\nurl: https://a.example/\nanswers: [{success: feito}, "
                    "{status: 409, error: ocupado}, {status: timeout, error: a equipe confirma}, "
                    "{status: [unreachable, 429, 5xx], error: fora do ar}]\n" +
                        yaml,
                    json::object(), again);
    };
    EXPECT_EQ(told("", answers(200, "{}")), "ERRO: a equipe confirma");
    const std::string knows = "idempotent: true";
    for (const auto& away :
         {result<http_answer>(fail(errc::unavailable, "")), result<http_answer>(fail(errc::rejected, "")),
          answers(503, ""), answers(429, ""), answers(401, "")}) {
        report->service_failed = false;
        EXPECT_EQ(told(knows, away), "ERRO: a equipe confirma");
        EXPECT_TRUE(report->service_failed);
    }
    EXPECT_EQ(told(knows, fail(errc::timed_out, "")), "ERRO: a equipe confirma");
    EXPECT_EQ(told(knows, answers(409, "")), "ERRO: ocupado") << "the service has answered";
    EXPECT_EQ(told(knows, answers(200, "{}")), "SUCESSO: feito");
    EXPECT_EQ(told(knows, fail(errc::unavailable, ""), false), "ERRO: fora do ar") << "surely not done";
}

TEST_F(DeclaredTool, ACriticalOneIsNotDone) {
    EXPECT_THAT(call("url: https://a.example/\nmethod: POST\ncritical: true\nanswers: [{success: feito}]"),
                AllOf(StartsWith("ERRO:"), HasSubstr("aprovação")));
    EXPECT_THAT(http.made, IsEmpty());
}

TEST_F(DeclaredTool, OfflineTheMockAnswersThroughTheSameRules) {
    offline = true;
    const std::string yaml = R"(url: "{{env.API_URL}}/a"
values: {quantidade: /quantidade}
answers: [{success: "há {{quantidade}}"}, {status: timeout, error: demorou}]
mock:
  - {with: {q: XY 150}, body: {quantidade: 3}}
  - {with: {q: Phoenix}, status: timeout}
)";
    EXPECT_EQ(call(yaml, {{"q", "xy 150"}}), "SUCESSO: há 3");
    EXPECT_EQ(call(yaml, {{"q", "phoenix"}}), "ERRO: demorou");
    EXPECT_THAT(call(yaml, {{"q", "jet"}}), StartsWith("ERRO: esta ferramenta não tem resposta de teste"));
    EXPECT_THAT(http.made, IsEmpty());
}

} // namespace
} // namespace atende::test
