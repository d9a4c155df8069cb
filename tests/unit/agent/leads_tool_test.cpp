#include "support/event_loop.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <atende/agent/leads/lead_tool.hpp>

namespace atende {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class recording_store final : public lead_store {
public:
    std::vector<lead> saved;
    result<saved_lead> answer = saved_lead{.row = "7", .updated = false, .remarks = {}};

    awaitable<result<saved_lead>> save(lead lead) override {
        saved.push_back(std::move(lead));
        co_return answer;
    }
};

class lead_tool_test : public ::testing::Test {
protected:
    recording_store store;
    std::shared_ptr<tool> tool_ =
        make_lead_tool({.required_fields = {"name", "phone"}, .columns = {}}, store);

    std::string call(json arguments) {
        tool_context context{.conversation = {.account = account_id("17841400000000001"),
                                              .contact = contact_id("99900000000000001")},
                             .operation_id = "turn-1"};
        return test::run(tool_->call(std::move(arguments), std::move(context)));
    }
};

TEST_F(lead_tool_test, describes_itself_to_the_model) {
    EXPECT_EQ(tool_->name(), "add_lead_to_nocodb");
    EXPECT_TRUE(tool_->has_effect());
    EXPECT_EQ(tool_->time_limit(), std::chrono::seconds(25));
    const json& schema = tool_->parameters();
    EXPECT_EQ(schema["type"], "object");
    EXPECT_EQ(schema["required"], json({"name", "phone"}));
    EXPECT_EQ(schema["additionalProperties"], false);
    for (const auto field : lead_fields) EXPECT_TRUE(schema["properties"].contains(field)) << field;
    EXPECT_EQ(schema["properties"].size(), lead_fields.size());
}

TEST_F(lead_tool_test, saves_who_the_customer_is_from_the_conversation) {
    EXPECT_THAT(
        call({{"name", "Ana Souza"}, {"phone", "81 99999-1234"}}),
        AllOf(StartsWith("SUCESSO: cadastro salvo com nome, telefone."), HasSubstr("+5581999991234")));
    ASSERT_EQ(store.saved.size(), 1U);
    EXPECT_EQ(store.saved[0].conversation.text(), "ig:17841400000000001:99900000000000001");
    EXPECT_GT(store.saved[0].at_ms, 1'700'000'000'000);
}

TEST_F(lead_tool_test, says_what_was_updated_and_what_could_not_be_kept) {
    store.answer = saved_lead{.row = "7", .updated = true, .remarks = {"cidade não foi gravado"}};
    EXPECT_EQ(call({{"name", "Ana"}, {"phone", "+351912345678"}, {"city", "Recife"}}),
              "SUCESSO: cadastro atualizado com nome, telefone, cidade. Telefone registrado: +351912345678. "
              "Atenção: cidade não foi gravado.");
}

TEST_F(lead_tool_test, returns_wrong_arguments_to_the_model_without_saving) {
    EXPECT_THAT(call({{"name", "cliente"}, {"phone", "99999-1234"}}),
                AllOf(StartsWith("ERRO: name (nome)"), HasSubstr("DDD")));
    EXPECT_TRUE(store.saved.empty());
}

TEST_F(lead_tool_test, tells_no_internals_when_the_store_fails) {
    for (const errc code : {errc::unavailable, errc::timed_out, errc::interrupted, errc::protocol,
                            errc::rejected, errc::too_large, errc::cancelled}) {
        store.answer = fail(code, "NocoDB at http://10.0.0.1 answered 401");
        EXPECT_THAT(call({{"name", "Ana"}, {"phone", "81 99999-1234"}}),
                    AllOf(StartsWith("ERRO: "), HasSubstr("Não diga que o cadastro foi feito"),
                          Not(HasSubstr("10.0")), Not(HasSubstr("401"))));
    }
}

TEST_F(lead_tool_test, passes_on_what_the_store_says_about_the_input) {
    store.answer = fail(errc::invalid_input, "a tabela de leads não tem coluna para telefone");
    EXPECT_EQ(call({{"name", "Ana"}, {"phone", "81 99999-1234"}}),
              "ERRO: a tabela de leads não tem coluna para telefone.");
}

} // namespace
} // namespace atende
