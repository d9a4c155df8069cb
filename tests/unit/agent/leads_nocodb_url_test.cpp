#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atende/agent/leads/nocodb_lead_store.hpp>

namespace atende {
namespace {

using ::testing::HasSubstr;

struct good_url {
    const char* url;
    nocodb_api api;
    const char* server;
    const char* base;
    const char* table;
};

class nocodb_urls : public ::testing::TestWithParam<good_url> {};

TEST_P(nocodb_urls, name_a_table) {
    const auto table = parse_nocodb_table_url(GetParam().url);
    ASSERT_TRUE(table) << table.error().detail;
    EXPECT_EQ(table->api, GetParam().api);
    EXPECT_EQ(table->server, GetParam().server);
    EXPECT_EQ(table->base, GetParam().base);
    EXPECT_EQ(table->table, GetParam().table);
}

INSTANTIATE_TEST_SUITE_P(
    understood, nocodb_urls,
    ::testing::Values(good_url{"https://n.example/api/v2/tables/m1/records", nocodb_api::v2,
                               "https://n.example", "", "m1"},
                      good_url{"http://127.0.0.1:8080/api/v2/tables/m1/records/", nocodb_api::v2,
                               "http://127.0.0.1:8080", "", "m1"},
                      good_url{"https://n.example/api/v2/tables/m1/records?viewId=vw1&limit=25",
                               nocodb_api::v2, "https://n.example", "", "m1"},
                      good_url{"https://n.example/crm/noco/api/v2/tables/m1", nocodb_api::v2,
                               "https://n.example/crm/noco", "", "m1"},
                      good_url{"https://n.example/api/v1/db/data/noco/p1/m1", nocodb_api::v1,
                               "https://n.example", "p1", "m1"},
                      good_url{"https://n.example/x/api/v1/db/data/v1/p1/m1/views/vw1?a=b", nocodb_api::v1,
                               "https://n.example/x", "p1", "m1"},
                      good_url{"https://n.example/api/v1/db/data/bulk/noco/p1/m1/", nocodb_api::v1,
                               "https://n.example", "p1", "m1"},
                      good_url{"https://n.example/api/v3/data/p1/m1/records", nocodb_api::v3,
                               "https://n.example", "p1", "m1"},
                      good_url{"https://[::1]:8080/p/api/v3/data/p1/m1/records/?x#y", nocodb_api::v3,
                               "https://[::1]:8080/p", "p1", "m1"}));

struct bad_url {
    const char* url;
    const char* told;
};

class wrong_nocodb_urls : public ::testing::TestWithParam<bad_url> {};

TEST_P(wrong_nocodb_urls, are_refused_with_a_reason) {
    const auto table = parse_nocodb_table_url(GetParam().url);
    ASSERT_FALSE(table) << GetParam().url;
    EXPECT_EQ(table.error().code, errc::invalid_input);
    EXPECT_THAT(table.error().detail, HasSubstr(GetParam().told));
}

INSTANTIATE_TEST_SUITE_P(
    refused, wrong_nocodb_urls,
    ::testing::Values(bad_url{"", "https://"}, bad_url{"n.example/api/v2/tables/m1/records", "https://"},
                      bad_url{"ftp://n.example/api/v2/tables/m1/records", "https://"},
                      bad_url{"https:///api/v2/tables/m1/records", "no host"},
                      bad_url{"https://u:p@n.example/api/v2/tables/m1/records", "NOCODB_API_TOKEN"},
                      bad_url{"https://n.example/dashboard/#/nc/p1/m1", "browser's address"},
                      bad_url{"https://n.example/#/w1/p1/m1", "browser's address"},
                      bad_url{"https://n.example/api/v2/tables/", "ids of a table"},
                      bad_url{"https://n.example/api/v2/tables/m1/records/5", "ids of a table"},
                      bad_url{"https://n.example/api/v2/tables/Meus%20Leads/records", "ids of a table"},
                      bad_url{"https://n.example/api/v3/data/m1/records", "ids of a table"},
                      bad_url{"https://n.example/api/v1/db/data/noco/p1", "ids of a table"},
                      bad_url{"https://n.example/api/v2/tables/m1/ records", "space"},
                      bad_url{"https://n.example/api/v4/tables/m1/records", "has neither"},
                      bad_url{"https://n.example", "has neither"}));

} // namespace
} // namespace atende
