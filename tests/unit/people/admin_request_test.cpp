#include "people/admin_request.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace atende {
namespace {

TEST(AdminRequest, ReadsUtcTimes) {
    EXPECT_EQ(parse_utc("1970-01-01T00:00:00Z"), 0);
    EXPECT_EQ(parse_utc("2026-11-21T10:00:00Z"), 1'795'255'200'000);
    EXPECT_EQ(parse_utc("2026-11-21T10:00:00.5Z"), 1'795'255'200'500);
    EXPECT_EQ(parse_utc("2028-02-29T23:59:59.123456Z"), 1'835'481'599'123);
    for (const auto* wrong : {"", "2026-11-21", "2026-11-21T10:00:00", "2026-11-21 10:00:00Z",
                              "2026-02-29T10:00:00Z", "2026-13-01T10:00:00Z", "2026-11-21T24:00:00Z",
                              "2026-11-21T10:00:00+00:00", "2026-11-21T10:00:00.Z", "2026-11-21T10:00:00Z "})
        EXPECT_FALSE(parse_utc(wrong)) << wrong;
}

TEST(AdminRequest, ABodyIsAnObjectWithFieldsOfTheirKind) {
    EXPECT_EQ(body_of({.body = "[1]"}).error().status, 400);
    EXPECT_EQ(body_of({.body = "{"}).error().status, 400);
    const auto body = body_of(
        {.body = R"({"contact":"1","minutes":"5","id":7.5,"all":"yes","n":3,"none":null,"yes":true})"});
    ASSERT_TRUE(body);
    EXPECT_EQ(text_in(*body, "contact").value(), "1");
    EXPECT_EQ(text_in(*body, "absent").value(), std::nullopt);
    EXPECT_EQ(text_in(*body, "none").value(), std::nullopt);
    EXPECT_EQ(text_in(*body, "n").error().status, 400);
    EXPECT_NE(text_in(*body, "n").error().body.find("n must be a text"), std::string::npos);
    EXPECT_FALSE(number_in(*body, "minutes", 1, 10));
    EXPECT_FALSE(number_in(*body, "id", 1, 10));
    EXPECT_FALSE(number_in(*body, "n", 4, 10));
    EXPECT_EQ(number_in(*body, "n", 1, 10).value(), 3);
    EXPECT_EQ(number_in(*body, "absent", 1, 10).value(), std::nullopt);
    EXPECT_NE(flag_in(*body, "all").error().body.find("all must be true or false"), std::string::npos);
    EXPECT_FALSE(flag_in(*body, "absent").value());
    EXPECT_TRUE(flag_in(*body, "yes").value());
}

TEST(AdminRequest, CountsOfTheQueryAreBounded) {
    EXPECT_EQ(count_in({.query = ""}, "limit", 100, 1'000), 100U);
    EXPECT_EQ(count_in({.query = "limit=7"}, "limit", 100, 1'000), 7U);
    for (const auto* wrong : {"limit=0", "limit=1001", "limit=-1", "limit=7x", "limit=x"})
        EXPECT_FALSE(count_in({.query = wrong}, "limit", 100, 1'000)) << wrong;
}

} // namespace
} // namespace atende
