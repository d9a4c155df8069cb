#include "support/event_loop.hpp"
#include "support/fake_nocodb.hpp"
#include "support/memory_ledger.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atende/agent/leads/nocodb_lead_store.hpp>

namespace atende {
namespace {

using nlohmann::json;
using test::fake_nocodb;
using test::memory_ledger;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using column = fake_nocodb::column;

lead some_lead() {
    lead out;
    out.name = "Ana Souza";
    out.phone_e164 = "+5581999991234";
    out.interest = "xy 150";
    out.consent = true;
    out.conversation = {.account = account_id("17841400000000001"),
                        .contact = contact_id("99900000000000001")};
    out.at_ms = 1'795'241'711'000;
    return out;
}

std::vector<column> shop_columns() {
    return {{.title = "CreatedAt", .type = "CreatedTime", .system = true},
            {.title = "Nome completo"},
            {.title = "WhatsApp", .type = "PhoneNumber"},
            {.title = "Modelo de interesse", .type = "MultiSelect", .options = {"XY 150", "Jet 50"}},
            {.title = "Consentimento (LGPD)", .type = "Checkbox"},
            {.title = "Cidade"},
            {.title = "ID do contato (Instagram)"},
            {.title = "Canal", .type = "SingleSelect", .options = {"WhatsApp", "instagram"}},
            {.title = "Recebido em", .type = "DateTime"}};
}

// The same table without a column that tells whose row it is.
std::vector<column> anonymous_columns() {
    return {{.title = "CreatedAt", .type = "CreatedTime", .system = true},
            {.title = "Nome"},
            {.title = "Telefone"},
            {.title = "Modelo"}};
}

const char* url_of(nocodb_api api) {
    switch (api) {
    case nocodb_api::v1: return "https://n.example/crm/api/v1/db/data/noco/pbase1/mleads1";
    case nocodb_api::v2: return "https://n.example/crm/api/v2/tables/mleads1/records";
    case nocodb_api::v3: break;
    }
    return "https://n.example/crm/api/v3/data/pbase1/mleads1/records";
}

class nocodb_leads : public ::testing::TestWithParam<nocodb_api> {
protected:
    fake_nocodb nocodb{shop_columns()};
    memory_ledger ledger;
    lead_profile profile{
        .required_fields = {"name", "phone"},
        .columns = {{"consent", "Consentimento (LGPD)"}, {"contact_id", "ID do contato (Instagram)"}}};
    std::string token{fake_nocodb::token};
    std::unique_ptr<lead_store> store;

    result<saved_lead> save(const lead& lead = some_lead()) {
        if (!store) {
            const nocodb_api api = GetParam();
            store = make_nocodb_lead_store(
                nocodb, ledger, {.table = parse_nocodb_table_url(url_of(api)).value(), .api_token = token},
                profile);
        }
        return test::run(store->save(lead));
    }

    std::string failure(const lead& lead = some_lead()) {
        const auto saved = save(lead);
        return saved ? "saved" : saved.error().detail;
    }
};

INSTANTIATE_TEST_SUITE_P(through, nocodb_leads,
                         ::testing::Values(nocodb_api::v1, nocodb_api::v2, nocodb_api::v3),
                         [](const auto& info) {
                             return "v" + std::to_string(static_cast<int>(info.param) + 1);
                         });

TEST_P(nocodb_leads, land_in_the_columns_their_titles_mean) {
    const auto saved = save();
    ASSERT_TRUE(saved) << saved.error().detail;
    EXPECT_EQ(saved->row, "1");
    EXPECT_FALSE(saved->updated);
    EXPECT_TRUE(saved->remarks.empty());
    EXPECT_EQ(nocodb.rows.at(1), json({{"Nome completo", "Ana Souza"},
                                       {"WhatsApp", "+5581999991234"},
                                       {"Modelo de interesse", "XY 150"},
                                       {"Consentimento (LGPD)", 1},
                                       {"ID do contato (Instagram)", "99900000000000001"},
                                       {"Canal", "instagram"},
                                       {"Recebido em", "2026-11-21 06:15:11+00:00"}}));
    EXPECT_EQ(ledger.rows.at("ig:17841400000000001:99900000000000001"),
              "mleads1/1@2026-11-21 06:15:11+00:00");
}

TEST_P(nocodb_leads, never_send_an_insert_twice_and_always_in_time) {
    ASSERT_TRUE(save());
    for (const http_call& call : nocodb.calls) {
        EXPECT_EQ(call.repeatable, call.method != "POST");
        EXPECT_LE(call.timeout, std::chrono::seconds(10));
        EXPECT_GT(call.timeout.count(), 0);
    }
}

TEST_P(nocodb_leads, are_updated_by_a_second_call) {
    ASSERT_TRUE(save());
    lead second = some_lead();
    second.name = "Ana Lima";
    second.interest.clear();
    second.city = "Olinda";
    second.at_ms += 86'400'000;
    const auto saved = save(second);
    ASSERT_TRUE(saved) << saved.error().detail;
    EXPECT_TRUE(saved->updated);
    ASSERT_EQ(nocodb.rows.size(), 1U);
    EXPECT_EQ(nocodb.rows.at(1)["Nome completo"], "Ana Lima");
    EXPECT_EQ(nocodb.rows.at(1)["Modelo de interesse"], "XY 150");
    EXPECT_EQ(nocodb.rows.at(1)["Cidade"], "Olinda");
    EXPECT_EQ(nocodb.rows.at(1)["Recebido em"], "2026-11-21 06:15:11+00:00");
}

TEST_P(nocodb_leads, are_found_again_without_the_ledger) {
    ASSERT_TRUE(save());
    ledger.rows.clear();
    EXPECT_TRUE(save()->updated);
    ledger.down = true;
    EXPECT_TRUE(save()->updated);
    EXPECT_EQ(nocodb.rows.size(), 1U);
}

TEST_P(nocodb_leads, are_found_again_by_the_ledger_alone) {
    nocodb.columns = anonymous_columns();
    profile.columns.clear();
    ASSERT_TRUE(save());
    lead second = some_lead();
    second.name = "Ana Lima";
    EXPECT_TRUE(save(second)->updated);
    EXPECT_EQ(nocodb.rows.size(), 1U);

    ledger.down = true;
    const auto blind = save(second);
    ASSERT_FALSE(blind);
    EXPECT_EQ(blind.error().code, errc::unavailable);
    EXPECT_EQ(nocodb.rows.size(), 1U);
}

TEST_P(nocodb_leads, do_not_follow_the_ledger_into_another_table) {
    nocodb.columns = anonymous_columns();
    profile.columns.clear();
    ledger.rows["ig:17841400000000001:99900000000000001"] = "mother/1@2026-11-21 06:15:11+00:00";
    ASSERT_TRUE(save());
    lead other = some_lead();
    other.conversation.contact = contact_id("99900000000000002");
    other.name = "Bia";
    EXPECT_FALSE(save(other)->updated);
    EXPECT_EQ(nocodb.rows.size(), 2U);
}

TEST_P(nocodb_leads, are_entered_anew_when_the_shop_deleted_the_row) {
    nocodb.columns = anonymous_columns();
    profile.columns.clear();
    ASSERT_TRUE(save());
    nocodb.rows.clear();
    const auto saved = save();
    ASSERT_TRUE(saved) << saved.error().detail;
    EXPECT_FALSE(saved->updated);
    EXPECT_EQ(nocodb.rows.size(), 1U);
}

TEST_P(nocodb_leads, do_not_overwrite_who_got_the_id_of_a_deleted_row) {
    nocodb.columns = anonymous_columns();
    profile.columns.clear();
    ASSERT_TRUE(save());
    nocodb.rows.clear();
    lead other = some_lead();
    other.conversation.contact = contact_id("99900000000000002");
    other.name = "Bruno";
    EXPECT_EQ(save(other)->row, "1");
    EXPECT_EQ(save()->row, "2");
    EXPECT_EQ(nocodb.rows.at(1)["Nome"], "Bruno");
}

TEST_P(nocodb_leads, are_one_row_though_the_answer_to_the_insert_is_lost) {
    for (const errc code : {errc::timed_out, errc::interrupted}) {
        for (const auto& columns : {shop_columns(), anonymous_columns()}) {
            nocodb.columns = columns;
            nocodb.rows.clear();
            ledger.rows.clear();
            profile.columns.clear();
            store.reset();
            nocodb.lose_answer = [code](const http_call& call) {
                return call.method == "POST" ? std::optional(error{code, "lost"}) : std::nullopt;
            };
            const auto saved = save();
            ASSERT_TRUE(saved) << saved.error().detail;
            EXPECT_EQ(nocodb.rows.size(), 1U);
        }
    }
}

TEST_P(nocodb_leads, are_not_entered_twice_when_the_outcome_stays_unknown) {
    // The insert takes effect, then the server is unreachable until the customer's next message.
    bool down = false;
    nocodb.lose_answer = [&down](const http_call& call) {
        down = down || call.method == "POST";
        return down ? std::optional(error{errc::timed_out, "lost"}) : std::nullopt;
    };
    const auto first = save();
    ASSERT_FALSE(first);
    EXPECT_EQ(first.error().code, errc::timed_out);
    EXPECT_EQ(nocodb.count("POST"), 1);
    nocodb.lose_answer = nullptr;
    EXPECT_TRUE(save()->updated);
    EXPECT_EQ(nocodb.rows.size(), 1U);
}

TEST_P(nocodb_leads, of_another_customer_with_the_same_phone_stay_untouched) {
    nocodb.columns = anonymous_columns();
    profile.columns.clear();
    ASSERT_TRUE(save());
    lead other = some_lead();
    other.conversation.contact = contact_id("99900000000000002");
    other.name = "Bruno";
    ASSERT_FALSE(save(other)->updated);
    EXPECT_EQ(nocodb.rows.at(1)["Nome"], "Ana Souza");
    EXPECT_EQ(nocodb.rows.size(), 2U);
}

TEST_P(nocodb_leads, are_refused_when_the_table_lacks_a_column) {
    nocodb.columns = {{.title = "Nome"}};
    profile.columns = {{"city", "Cidade do cliente"}};
    EXPECT_THAT(failure(),
                AllOf(HasSubstr("'Cidade do cliente'"), HasSubstr("não tem coluna para telefone")));
    EXPECT_TRUE(nocodb.rows.empty());
    // The shop adds what was missing: no restart is needed.
    nocodb.columns = {{.title = "Nome"}, {.title = "Telefone"}, {.title = "Cidade do cliente"}};
    EXPECT_EQ(failure(), "saved");
}

TEST_P(nocodb_leads, follow_a_column_that_was_renamed_meanwhile) {
    ASSERT_TRUE(save());
    lead second = some_lead();
    second.conversation.contact = contact_id("99900000000000002");
    nocodb.columns[1].title = "Nome do cliente";
    const auto saved = save(second);
    ASSERT_TRUE(saved) << saved.error().detail;
    EXPECT_EQ(nocodb.rows.size(), 2U);
    EXPECT_EQ(nocodb.rows.at(2)["Nome do cliente"], "Ana Souza");
}

TEST_P(nocodb_leads, read_the_columns_once) {
    ASSERT_TRUE(save());
    ASSERT_TRUE(save());
    int metadata = 0;
    for (const http_call& call : nocodb.calls)
        metadata += call.url.find("/meta/") != std::string::npos ? 1 : 0;
    EXPECT_EQ(metadata, 1);
}

TEST_P(nocodb_leads, work_with_a_server_that_has_no_v2_metadata) {
    nocodb.has_v2_meta = false;
    EXPECT_EQ(failure(), "saved");
}

TEST_P(nocodb_leads, are_refused_by_a_column_of_another_type) {
    nocodb.columns[2].type = "Number";
    EXPECT_THAT(failure(), AllOf(HasSubstr("'WhatsApp'"), HasSubstr("Number"), HasSubstr("telefone")));
    EXPECT_EQ(nocodb.count("POST"), 0);
}

TEST_P(nocodb_leads, note_what_has_no_place) {
    lead lead = some_lead();
    lead.interest = "CG 160";
    lead.email = "ana@exemplo.com";
    const auto saved = save(lead);
    ASSERT_TRUE(saved) << saved.error().detail;
    EXPECT_THAT(saved->remarks, ElementsAre(AllOf(HasSubstr("interesse"), HasSubstr("XY 150, Jet 50")),
                                            AllOf(HasSubstr("e-mail"), HasSubstr("não tem essa coluna"))));
    EXPECT_FALSE(nocodb.rows.at(1).contains("Modelo de interesse"));
}

TEST_P(nocodb_leads, obey_the_profile_before_titles_that_look_right) {
    nocodb.columns.push_back({.title = "Apelido"});
    nocodb.columns.push_back({.title = "Origem do lead"});
    profile.columns = {{"name", "apelido"}, {"channel", "Origem do lead"}};
    ASSERT_TRUE(save());
    EXPECT_EQ(nocodb.rows.at(1)["Apelido"], "Ana Souza");
    EXPECT_EQ(nocodb.rows.at(1)["Origem do lead"], "Instagram");
    EXPECT_FALSE(nocodb.rows.at(1).contains("Nome completo"));
    EXPECT_FALSE(nocodb.rows.at(1).contains("Canal"));
}

TEST_P(nocodb_leads, are_an_error_when_the_row_does_not_hold_them) {
    nocodb.intercept = [](const http_call& call) -> std::optional<result<http_answer>> {
        if (call.method != "GET" || !call.url.ends_with("/1")) return std::nullopt;
        const json fields = {{"Id", 1}, {"Nome completo", "Ana Souza"}, {"WhatsApp", nullptr}};
        return fake_nocodb::answer(
            200, {{"id", 1}, {"Id", 1}, {"fields", fields}, {"Nome completo", "Ana Souza"}});
    };
    EXPECT_THAT(failure(),
                AllOf(HasSubstr("WhatsApp"), HasSubstr("Consentimento"), Not(HasSubstr("Nome completo"))));
    EXPECT_EQ(nocodb.rows.size(), 1U);
}

TEST_P(nocodb_leads, name_a_wrong_token) {
    token = "wrong";
    const auto saved = save();
    ASSERT_FALSE(saved);
    EXPECT_EQ(saved.error().code, errc::rejected);
    EXPECT_THAT(saved.error().detail, AllOf(HasSubstr("401"), HasSubstr("NOCODB_API_TOKEN"),
                                            HasSubstr("Invalid token"), Not(HasSubstr("wrong"))));
}

struct answered {
    int status;
    json body;
    errc code;
    const char* told;
};

TEST_P(nocodb_leads, map_every_failure_to_a_cause) {
    const std::vector<answered> cases{
        {404,
         {{"error", "ERR_TABLE_NOT_FOUND"}, {"message", "Table 'm' not found"}},
         errc::rejected,
         "NOCODB_TABLE_URL"},
        {422,
         {{"error", "ERR_INVALID_VALUE_FOR_FIELD"}, {"message", "Value 'Ana' x"}},
         errc::rejected,
         "ERR_INVALID_VALUE_FOR_FIELD"},
        {400,
         {{"msg", "Invalid option(s) \"Ana\" provided"}},
         errc::rejected,
         "Invalid option(s) \"…\" provided"},
        {400,
         {{"error", "E"},
          {"message", "Invalid value 'Ana' here"},
          {"code", "22P02"},
          {"details", json::object()}},
         errc::rejected,
         "Invalid value '…' here"},
        {429, {{"msg", "slow down"}}, errc::unavailable, "too many requests"},
        {500, {{"msg", "boom"}}, errc::interrupted, "500"},
        {503, {}, errc::unavailable, "503"},
        {504, {}, errc::timed_out, "504"},
        {301, {}, errc::rejected, "redirect"},
    };
    for (const answered& refused : cases) {
        store.reset();
        nocodb.intercept = [&refused](const http_call& call) -> std::optional<result<http_answer>> {
            if (call.method != "POST") return std::nullopt;
            return fake_nocodb::answer(refused.status, refused.body);
        };
        const auto saved = save();
        ASSERT_FALSE(saved) << refused.status;
        EXPECT_EQ(saved.error().code, refused.code) << refused.status;
        EXPECT_THAT(saved.error().detail, AllOf(HasSubstr(refused.told), Not(HasSubstr("Ana"))));
    }
    EXPECT_TRUE(nocodb.rows.empty());
}

TEST_P(nocodb_leads, pass_on_that_the_server_is_unreachable) {
    nocodb.intercept = [](const http_call&) -> std::optional<result<http_answer>> {
        return fail(errc::unavailable, "connection refused");
    };
    const auto saved = save();
    ASSERT_FALSE(saved);
    EXPECT_EQ(saved.error().code, errc::unavailable);
    EXPECT_EQ(nocodb.calls.size(), 1U);
}

TEST_P(nocodb_leads, do_not_mistake_a_web_page_for_success) {
    nocodb.intercept = [](const http_call&) -> std::optional<result<http_answer>> {
        return http_answer{.status = 200, .headers = {}, .body = "<html>login</html>"};
    };
    const auto saved = save();
    ASSERT_FALSE(saved);
    EXPECT_EQ(saved.error().code, errc::protocol);
}

} // namespace
} // namespace atende
