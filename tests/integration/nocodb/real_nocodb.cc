// The NocoDB store against a real NocoDB through the real HTTP client; run.sh says where it is.
#include "agent/leads/nocodb_client.hpp"
#include "support/memory_ledger.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atende/agent/leads/nocodb_lead_store.hpp>
#include <chrono>
#include <cstdlib>
#include <thread>

namespace atende {
namespace {

using test::memory_ledger;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

class real_nocodb : public ::testing::TestWithParam<nocodb_api> {
protected:
    void SetUp() override {
        if (server.empty()) GTEST_SKIP() << "NOCODB_SERVER is not set: start this with run.sh";
        // Rows of other tests stay in the table.
        static int contacts = 0;
        customer.name = "José \"Zé\" D'Ávila; (81), 100% 🏍️";
        customer.phone_e164 = "+55819999" + std::to_string(10'000 + contacts);
        customer.interest = "xy 150";
        customer.city = "São Lourenço da Mata";
        customer.email = "Jose@Exemplo.com.br";
        customer.consent = true;
        customer.notes = "troca, parcela em 12x";
        customer.conversation = {.account = account_id("17841400000000001"),
                                 .contact = contact_id("9990000000000" + std::to_string(1'000 + contacts++))};
        customer.at_ms = 1'795'241'711'000;
        profile.columns["contact_id"] = "ID do contato (Instagram)";
    }

    [[nodiscard]] nocodb_table table_at(const std::string& id) const {
        const nocodb_api api = GetParam();
        std::string url = server;
        if (api == nocodb_api::v1) url += "/api/v1/db/data/noco/" + base + "/" + id;
        if (api == nocodb_api::v2) url += "/api/v2/tables/" + id + "/records";
        if (api == nocodb_api::v3) url += "/api/v3/data/" + base + "/" + id + "/records";
        return parse_nocodb_table_url(url).value();
    }

    template <class T>
    T run(awaitable<T> work) {
        std::optional<T> value;
        loop.restart();
        asio::co_spawn(loop, std::move(work), [&](std::exception_ptr failure, T result) {
            if (failure) std::rethrow_exception(failure);
            value = std::move(result);
            loop.stop();
        });
        loop.run();
        return std::move(value.value());
    }

    result<saved_lead> save(const lead& lead) {
        const auto store =
            make_nocodb_lead_store(*http, ledger, {.table = table_at(table), .api_token = token}, profile);
        return run(store->save(lead));
    }

    nocodb_row stored(const std::string& row) {
        nocodb_client client(*http, {.table = table_at(table), .api_token = token});
        const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
        run(client.schema(until)).value();
        return run(client.read(row, until)).value().value();
    }

    void remove(const std::string& row) {
        http_call call{.method = "DELETE",
                       .url = server + "/api/v2/tables/" + table + "/records",
                       .headers = {{"xc-token", token}, {"content-type", "application/json"}},
                       .body = "{\"Id\":" + row + "}"};
        ASSERT_EQ(run(http->perform(std::move(call))).value().status, 200);
    }

    std::string server = variable("NOCODB_SERVER");
    std::string base = variable("NOCODB_BASE");
    std::string table = variable("NOCODB_TABLE");
    std::string token = variable("NOCODB_API_TOKEN");
    lead customer;
    lead_profile profile{.required_fields = {"name", "phone", "interest"}, .columns = {}};
    memory_ledger ledger;
    asio::io_context loop{1};
    std::unique_ptr<http_client> http = make_curl_client(loop.get_executor(), "atende-test");
};

INSTANTIATE_TEST_SUITE_P(through, real_nocodb,
                         ::testing::Values(nocodb_api::v1, nocodb_api::v2, nocodb_api::v3),
                         [](const auto& info) {
                             return "v" + std::to_string(static_cast<int>(info.param) + 1);
                         });

TEST_P(real_nocodb, keeps_every_field) {
    const auto saved = save(customer);
    ASSERT_TRUE(saved) << saved.error().detail;
    EXPECT_FALSE(saved->updated);
    EXPECT_THAT(saved->remarks, ElementsAre());
    const nocodb_row row = stored(saved->row);
    EXPECT_EQ(row.cells.at("Nome completo"), customer.name);
    EXPECT_EQ(row.cells.at("WhatsApp"), customer.phone_e164);
    EXPECT_EQ(row.cells.at("Modelo de interesse"), "XY 150");
    EXPECT_EQ(row.cells.at("Cidade"), customer.city);
    EXPECT_EQ(row.cells.at("Observações"), customer.notes);
    EXPECT_EQ(row.cells.at("ID do contato (Instagram)"), customer.conversation.contact.value);
    EXPECT_EQ(row.cells.at("Canal"), "Instagram");
    EXPECT_THAT(row.cells.at("Recebido em"), HasSubstr("2026-11-21 06:15:11"));
}

TEST_P(real_nocodb, updates_the_same_conversation) {
    const std::string first = save(customer).value().row;
    lead again = customer;
    again.name = "José Ávila";
    again.city.clear();
    again.at_ms += 86'400'000;
    const auto saved = save(again);
    ASSERT_TRUE(saved) << saved.error().detail;
    EXPECT_TRUE(saved->updated);
    EXPECT_EQ(saved->row, first);
    const nocodb_row row = stored(first);
    EXPECT_EQ(row.cells.at("Nome completo"), "José Ávila");
    EXPECT_EQ(row.cells.at("Cidade"), customer.city);
    EXPECT_THAT(row.cells.at("Recebido em"), HasSubstr("2026-11-21"));
}

TEST_P(real_nocodb, finds_the_contact_without_the_ledger) {
    const std::string first = save(customer).value().row;
    ledger.rows.clear();
    const auto saved = save(customer);
    ASSERT_TRUE(saved) << saved.error().detail;
    EXPECT_EQ(saved->row, first);
}

TEST_P(real_nocodb, finds_the_row_by_the_ledger_or_by_equal_content) {
    table = variable("NOCODB_ANONYMOUS_TABLE");
    profile = {.required_fields = {"name", "phone"}, .columns = {}};
    const std::string first = save(customer).value().row;
    lead again = customer;
    again.name = "José Ávila";
    EXPECT_EQ(save(again).value().row, first);
    ledger.rows.clear();
    EXPECT_EQ(save(again).value().row, first);
    EXPECT_THAT(save(again).value().remarks, ::testing::SizeIs(5));
}

TEST_P(real_nocodb, enters_anew_what_the_shop_deleted) {
    table = variable("NOCODB_ANONYMOUS_TABLE");
    profile = {.required_fields = {"name", "phone"}, .columns = {}};
    const std::string first = save(customer).value().row;
    remove(first);
    const auto saved = save(customer);
    ASSERT_TRUE(saved) << saved.error().detail;
    EXPECT_FALSE(saved->updated);
    EXPECT_EQ(stored(saved->row).cells.at("Nome"), customer.name);
}

TEST_P(real_nocodb, does_not_overwrite_who_got_the_id_of_a_deleted_row) {
    table = variable("NOCODB_ANONYMOUS_TABLE");
    profile = {.required_fields = {"name", "phone"}, .columns = {}};
    const std::string first = save(customer).value().row;
    remove(first);
    const auto second_of = [] {
        return std::chrono::system_clock::now().time_since_epoch() / std::chrono::seconds(1);
    };
    // NocoDB tells rows apart by the second they were made in.
    for (const auto made = second_of(); second_of() == made;) std::this_thread::yield();
    lead other = customer;
    other.conversation.contact.value += "5";
    other.name = "Bruno";
    const std::string row_of_other = save(other).value().row;
    const auto saved = save(customer);
    ASSERT_TRUE(saved) << saved.error().detail;
    EXPECT_NE(saved->row, row_of_other);
    EXPECT_EQ(stored(row_of_other).cells.at("Nome"), "Bruno");
}

TEST_P(real_nocodb, notes_an_option_the_column_does_not_have) {
    customer.interest = "CG 160";
    const auto saved = save(customer);
    ASSERT_TRUE(saved) << saved.error().detail;
    EXPECT_THAT(saved->remarks, ElementsAre(HasSubstr("XY 150, Jet 50")));
}

TEST_P(real_nocodb, refuses_a_number_column_and_a_missing_one) {
    profile.columns["phone"] = "Valor";
    profile.columns["city"] = "Bairro";
    const auto saved = save(customer);
    ASSERT_FALSE(saved);
    EXPECT_EQ(saved.error().code, errc::invalid_input);
    EXPECT_THAT(saved.error().detail, AllOf(HasSubstr("'Valor'"), HasSubstr("'Bairro'")));
}

TEST_P(real_nocodb, names_a_wrong_token_and_a_wrong_table) {
    const std::string right = token;
    token = "wrong";
    auto refused = save(customer);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::rejected);
    EXPECT_THAT(refused.error().detail, HasSubstr("NOCODB_API_TOKEN"));
    token = right;
    table = "mdoesnotexist01";
    refused = save(customer);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::rejected);
    EXPECT_THAT(refused.error().detail, HasSubstr("NOCODB_TABLE_URL"));
}

} // namespace
} // namespace atende
