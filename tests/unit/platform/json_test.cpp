// What strangers write is parsed without trusting its depth, and written again whatever it holds.
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <atende/platform/json.hpp>
#include <string>

namespace atende {
namespace {

using nlohmann::json;

std::string lists(std::size_t levels) {
    return std::string(levels, '[') + "1" + std::string(levels, ']');
}

std::string objects(std::size_t levels) {
    std::string text;
    for (std::size_t i = 0; i < levels; ++i) text += R"({"a":)";
    return text + "1" + std::string(levels, '}');
}

TEST(ParsedJson, ReadsWhatIsNotTooDeep) {
    EXPECT_EQ(parsed_json(R"({"a":[1,"x",{"b":null}],"c":true})"),
              (json{{"a", {1, "x", {{"b", nullptr}}}}, {"c", true}}));
    EXPECT_EQ(parsed_json("7"), json(7));
    EXPECT_EQ(parsed_json(lists(64)).dump(), lists(64));
    EXPECT_EQ(parsed_json(objects(64)).dump(), objects(64));
}

TEST(ParsedJson, DiscardsWhatIsDeeperAndWhatIsNone) {
    for (const auto& text : {lists(65), objects(65), lists(100'000), objects(100'000),
                             "{\"a\":1,\"b\":" + lists(70) + ",\"c\":[]}", std::string(100'000, '[')})
        EXPECT_TRUE(parsed_json(text).is_discarded()) << text.substr(0, 80);
    for (const char* text : {"", " ", "{", "[1,]", "{} {}", "olá", "\"\xFF\""})
        EXPECT_TRUE(parsed_json(text).is_discarded()) << text;
}

TEST(JsonText, ReplacesWhatIsNoText) {
    EXPECT_EQ(json_text({{"said", "ol\xC3\xA1 \xFF"}}), "{\"said\":\"ol\xC3\xA1 \xEF\xBF\xBD\"}");
}

TEST(JsonMember, IsNullWhereThereIsNone) {
    const json value{{"a", {{"b", "text"}}}, {"n", 7}};
    EXPECT_EQ(text_member(json_member(value, "a"), "b"), "text");
    EXPECT_EQ(text_member(value, "n"), "");
    for (const auto& other : {value, json(), json(7), json::array({1}), json(json::value_t::discarded)})
        EXPECT_TRUE(json_member(json_member(other, "x"), "b").is_null());
}

TEST(JsonMember, OfAnotherKindIsNothing) {
    const auto value = json::parse(R"({"n":7,"lua":1.5e3,"text":"7","yes":true,"no":false})");
    EXPECT_EQ(number_member(value, "n"), 7);
    EXPECT_EQ(number_member(value, "lua"), 1'500);
    EXPECT_EQ(number_member(value, "text"), 0);
    EXPECT_EQ(number_member(value, "none"), 0);
    EXPECT_TRUE(flag_member(value, "yes"));
    for (const char* name : {"no", "n", "text", "none"}) EXPECT_FALSE(flag_member(value, name)) << name;
    EXPECT_EQ(number_member(json::array({7}), "n"), 0);
}

} // namespace
} // namespace atende
