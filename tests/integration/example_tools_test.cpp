// The tools that ship as examples, against a server that speaks as the shops' do.
#include "agent/argument_check.hpp"
#include "agent/operation_number.hpp"
#include "agent/tools/tool_reader.hpp"
#include "support/event_loop.hpp"
#include "support/test_paths.hpp"
#include "support/tool_files.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <atende/agent/declared_tools.hpp>
#include <atende/platform/http_client.hpp>
#include <atende/platform/http_server.hpp>
#include <iterator>

namespace atende::test {
namespace {

using json = nlohmann::json;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class ExampleTools : public ::testing::Test {
protected:
    event_loop loop;
    http_server server{loop.executor(), {}};
    std::unique_ptr<http_client> http = make_curl_client(loop.executor(), "atende/test");
    std::vector<http_request> seen;
    http_reply answer = json_reply(200, "{}"); // of the next request
    std::string base;
    std::vector<std::shared_ptr<tool>> tools;

    void SetUp() override {
        for (const auto* method : {"GET", "POST"}) {
            server.add({.method = method, .path = "/shop/*", .handle = [this](http_request request) {
                            return handle(std::move(request));
                        }});
        }
        base = "http://127.0.0.1:" + std::to_string(server.listen("127.0.0.1", 0).value());
        const auto specs = examples();
        const tool_surroundings around{
            .http = http.get(),
            .cache = nullptr,
            .allowed_hosts = *host_list::parse("127.0.0.1"),
            .environment = [this](std::string_view name) -> std::optional<std::string> {
                if (name.ends_with("_URL")) return base + "/shop/api";
                return "canary-of-" + std::string(name);
            }};
        ASSERT_TRUE(environment_problems(specs, around.environment, around.allowed_hosts).empty());
        tools = make_declared_tools(specs, around);
    }
    // Of a shop with everything.
    static declared_tools examples() {
        declared_tools all;
        for (const auto* folder : {"docs/examples/tools", "profiles/motorcycle-dealer/tools",
                                   "profiles/optical-store/tools", "profiles/clinic-handoff/tools"}) {
            problem_list problems;
            std::ranges::move(read_tools(tool_files(std::filesystem::path(source_folder) / folder), problems),
                              std::back_inserter(all));
            EXPECT_EQ(problems.text(language::english), "") << folder;
        }
        return all;
    }

    void TearDown() override { loop.await(server.stop(std::chrono::seconds(1))); }

    awaitable<http_reply> handle(http_request request) {
        seen.push_back(std::move(request));
        co_return answer;
    }

    // As the model calls it: its arguments are checked first.
    std::string call(const std::string& name, const json& arguments) {
        for (const auto& each : tools) {
            if (each->name() != name) continue;
            auto checked = argument_check(each->parameters()).read(arguments.dump());
            if (!checked) return "ERRO: argumentos inválidos (" + checked.error().detail + ")";
            return loop.await(
                each->call(*std::move(checked),
                           {.conversation = {platform_kind::instagram, account_id("shop"), contact_id("ana")},
                            .operation_id = "op-7"}));
        }
        return "no such tool";
    }
    std::string call(const std::string& name, const json& arguments, http_reply with) {
        answer = std::move(with);
        return call(name, arguments);
    }
};

TEST_F(ExampleTools, StockIsLookedUpByModelAndCity) {
    const json asked{{"modelo", " XY  150 "}, {"cidade", "São Luís"}};
    EXPECT_EQ(call("consultar_estoque", asked, json_reply(200, R"({"quantidade":3})")),
              "SUCESSO: há 3 unidade(s) de XY 150 em São Luís.");
    EXPECT_EQ(seen.at(0).method, "GET");
    EXPECT_EQ(seen.at(0).path, "/shop/api");
    EXPECT_EQ(seen.at(0).query_value("modelo"), "XY 150");
    EXPECT_EQ(seen.at(0).query_value("cidade"), "São Luís");
    EXPECT_EQ(seen.at(0).header("authorization"), "Bearer canary-of-STOCK_API_TOKEN");
    EXPECT_EQ(call("consultar_estoque", asked, json_reply(200, R"({"quantidade":0})")),
              "SUCESSO: não há XY 150 em estoque em São Luís agora.");
    EXPECT_EQ(call("consultar_estoque", asked, json_reply(500, "")),
              "ERRO: não foi possível consultar o estoque.");
    EXPECT_THAT(call("consultar_estoque", {{"modelo", "X"}, {"cidade", "Recife"}}), HasSubstr("modelo"));
}

TEST_F(ExampleTools, NoCustomerWaitsLongForOne) {
    for (const auto& each : tools) EXPECT_LE(each->time_limit(), std::chrono::seconds(11)) << each->name();
}

TEST_F(ExampleTools, ATestRideIsAskedForAndItsNumberTold) {
    const json wanted{{"nome", "Ana Souza"},
                      {"telefone", "(81) 99876-5432"},
                      {"modelo", "Jet 125"},
                      {"data_preferida", "5/3/2027"}};
    EXPECT_EQ(call("agendar_test_ride", wanted, json_reply(201, R"({"protocolo":"TR-77"})")),
              "SUCESSO: test ride pedido. Protocolo TR-77.");
    EXPECT_EQ(seen.at(0).method, "POST");
    EXPECT_EQ(json::parse(seen.at(0).body), (json{{"nome", "Ana Souza"},
                                                  {"telefone", "+5581998765432"},
                                                  {"modelo", "Jet 125"},
                                                  {"data_preferida", "05/03/2027"}}));
    EXPECT_EQ(seen.at(0).header("content-type"), "application/json");
    EXPECT_EQ(seen.at(0).header("idempotency-key"), operation_number("op-7"));
    EXPECT_EQ(call("agendar_test_ride", wanted, json_reply(200, "{}")),
              "SUCESSO: test ride pedido. Protocolo sem-protocolo.");
    EXPECT_THAT(call("agendar_test_ride", wanted, json_reply(409, "{}")), StartsWith("ERRO: esse dia"));
    EXPECT_THAT(call("agendar_test_ride", wanted, json_reply(500, "")),
                HasSubstr("não se sabe se foi feito"));
    auto impossible = wanted;
    impossible["data_preferida"] = "31/02/2027";
    EXPECT_THAT(call("agendar_test_ride", impossible), HasSubstr("esta data não existe"));
    EXPECT_EQ(seen.size(), 4U);
}

TEST_F(ExampleTools, AnOrderIsFoundByItsNumber) {
    const json asked{{"numero_pedido", "67890"}};
    EXPECT_EQ(call("consultar_pedido", asked, json_reply(200, R"({"status":"enviado","rastreio":"BR1"})")),
              "SUCESSO: pedido 67890: enviado. Código de rastreio: BR1.");
    EXPECT_EQ(seen.at(0).path, "/shop/api/pedidos/67890");
    EXPECT_EQ(seen.at(0).query_value("contato"), "ana") << "who asks is not the model's to say";
    EXPECT_EQ(
        call("consultar_pedido", asked, json_reply(200, R"({"status":"em separação","rastreio":null})")),
        "SUCESSO: pedido 67890: em separação.");
    EXPECT_THAT(call("consultar_pedido", asked, json_reply(404, "{}")),
                StartsWith("ERRO: não há pedido 67890"));
    EXPECT_THAT(call("consultar_pedido", {{"numero_pedido", "../admin"}}), HasSubstr("não segue o padrão"));
    EXPECT_THAT(call("consultar_pedido", {{"numero_pedido", "67890"}, {"contact_id", "bia"}}),
                StartsWith("ERRO:"));
}

TEST_F(ExampleTools, ATicketIsOpened) {
    EXPECT_EQ(call("criar_ticket_suporte", {{"descricao", "a moto não liga & faz barulho"}},
                   json_reply(201, R"({"id":4821})")),
              "SUCESSO: chamado 4821 aberto com prioridade normal. A equipe responde em até 24 horas.");
    EXPECT_EQ(seen.at(0).path, "/shop/api/tickets");
    EXPECT_EQ(seen.at(0).body,
              "descricao=a%20moto%20n%C3%A3o%20liga%20%26%20faz%20barulho&prioridade=normal&contato=ana");
    EXPECT_EQ(seen.at(0).header("idempotency-key"), operation_number("op-7"));
    EXPECT_THAT(
        call("criar_ticket_suporte", {{"descricao", "a moto não liga"}, {"prioridade", "urgentíssima"}}),
        StartsWith("ERRO:"));
}

TEST_F(ExampleTools, TheHistoryIsTheAskersOwn) {
    EXPECT_EQ(
        call(
            "consultar_historico_cliente", json::object(),
            json_reply(
                200,
                R"({"conversas":[{"data":"12/03/2026","resumo":"XY 150"},{"data":"01/04/2026","resumo":"cor"}]})")),
        "SUCESSO: em 12/03/2026: XY 150\nem 01/04/2026: cor\n");
    EXPECT_EQ(seen.at(0).path, "/shop/api/contatos/ana/conversas");
    for (auto nothing : {json_reply(200, R"({"conversas":[]})"), json_reply(404, "{}")})
        EXPECT_EQ(call("consultar_historico_cliente", json::object(), nothing),
                  "SUCESSO: cliente novo, sem conversas anteriores.");
}

TEST_F(ExampleTools, AnN8nFlowIsTold) {
    EXPECT_EQ(call("avisar_equipe", {{"assunto", "quer \"falar\" sobre a garantia"}},
                   json_reply(200, R"({"message":"Workflow was started"})")),
              "SUCESSO: a equipe foi avisada.");
    EXPECT_EQ(seen.at(0).header("x-webhook-token"), "canary-of-N8N_WEBHOOK_TOKEN");
    EXPECT_EQ(json::parse(seen.at(0).body),
              (json{{"evento", "pedido_de_retorno"},
                    {"assunto", "quer \"falar\" sobre a garantia"},
                    {"conversa", {{"canal", "instagram"}, {"contato", "ana"}, {"id", "ig:shop:ana"}}}}));
}

TEST_F(ExampleTools, ARedirectIsNotFollowed) {
    auto elsewhere = json_reply(302, "");
    elsewhere.headers.emplace_back("Location", base + "/shop/metadata");
    EXPECT_THAT(call("consultar_estoque", {{"modelo", "XY 150"}, {"cidade", "Recife"}}, elsewhere),
                StartsWith("ERRO:"));
    EXPECT_EQ(seen.size(), 1U);
}

TEST_F(ExampleTools, ATooBigAnswerIsNone) {
    EXPECT_THAT(call("consultar_estoque", {{"modelo", "XY 150"}, {"cidade", "Recife"}},
                     json_reply(200, R"({"quantidade":3,"x":")" + std::string(1 << 20, 'x') + "\"}")),
                StartsWith("ERRO:"));
}

TEST_F(ExampleTools, AHostThatIsNotListedIsNotAsked) {
    tools = make_declared_tools(
        examples(),
        {.http = http.get(), .cache = nullptr, .allowed_hosts = {}, .environment = [this](std::string_view) {
             return base + "/shop/api";
         }});
    EXPECT_THAT(call("consultar_estoque", {{"modelo", "XY 150"}, {"cidade", "Recife"}}), StartsWith("ERRO:"));
    EXPECT_TRUE(seen.empty());
}

} // namespace
} // namespace atende::test
