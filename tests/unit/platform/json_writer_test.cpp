#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <atende/platform/json_writer.hpp>
#include <vector>

namespace atende {
namespace {

TEST(JsonWriter, WritesWhatAParserReadsBack) {
    std::string out = "before ";
    json_writer w(out);
    w.text("said", "aspas \" barra \\ linha\n\x01 acentuação");
    w.text("empty", "");
    w.optional_text("absent", "");
    w.number("count", -7);
    w.number("warmth", 0.5);
    w.optional_flag("yes", true);
    w.optional_flag("no", false);
    w.raw("nothing", "null");
    w.list("list", std::vector<int>{1, 2}, [](std::string& to, int value) { to += std::to_string(value); });
    w.list("none", std::vector<int>{}, [](std::string&, int) {});
    w.end();
    const nlohmann::json expected{{"said", "aspas \" barra \\ linha\n\x01 acentuação"},
                                  {"empty", ""},
                                  {"count", -7},
                                  {"warmth", 0.5},
                                  {"yes", true},
                                  {"nothing", nullptr},
                                  {"list", {1, 2}},
                                  {"none", nlohmann::json::array()}};
    EXPECT_EQ(nlohmann::json::parse(out.substr(7)), expected);
}

TEST(JsonWriter, AnObjectMayBeEmpty) {
    std::string out;
    json_writer(out).end();
    EXPECT_EQ(out, "{}");
}

} // namespace
} // namespace atende
