// Bodies nobody should send. They pass the signature only if the app secret leaked, or Meta surprises us.
#include "unit/channels/render_event.hpp"
#include "unit/channels/test_data.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <atende/channels/instagram_webhook.hpp>
#include <atende/platform/text.hpp>

namespace atende {
namespace {

using nlohmann::json;

constexpr std::string_view neighbour_before =
    R"({"sender":{"id":"71"},"recipient":{"id":"70"},"timestamp":1780396616000,"message":{"mid":"before","text":"a"}})";
constexpr std::string_view neighbour_after =
    R"({"sender":{"id":"72"},"recipient":{"id":"70"},"timestamp":1780396616000,"message":{"mid":"after","text":"b"}})";

std::string with_text(std::string_view quoted) {
    return fmt::format(
        R"({{"object":"instagram","entry":[{{"id":"70","time":1,"messaging":[)"
        R"({{"sender":{{"id":"71"}},"recipient":{{"id":"70"}},"message":{{"mid":"m","text":{}}}}}]}}]}})",
        quoted);
}

std::string problem_with(const std::string& body) {
    instagram_parser parser;
    const auto events = parser.parse(body);
    if (events) return "";
    EXPECT_EQ(events.error().code, errc::invalid_input);
    return events.error().detail;
}

std::string repeated(std::string_view text, std::size_t times) {
    std::string out;
    out.reserve(text.size() * times);
    for (std::size_t i = 0; i < times; ++i) out += text;
    return out;
}

TEST(hostile_webhook, cut_anywhere_is_refused) {
    const std::string body = test::golden_body("batch_mixed_message_read_echo");
    const std::size_t end = body.rfind('}') + 1;
    instagram_parser parser;
    for (std::size_t length = 0; length < end; ++length) {
        // A copy of exactly this length, so that a sanitizer sees any read beyond it.
        const std::vector<char> cut(body.begin(), body.begin() + static_cast<std::ptrdiff_t>(length));
        EXPECT_FALSE(parser.parse({cut.data(), cut.size()})) << length;
    }
}

TEST(hostile_webhook, any_byte_changed_never_breaks_the_parser) {
    const std::string body = test::golden_body("message_with_ad_referral_ctd");
    instagram_parser parser;
    for (std::size_t at = 0; at < body.size(); ++at) {
        for (const char c : {'\0', '"', '\\', '{', ']', '9', '-', '\x80', '\xff', '\n'}) {
            std::string changed = body;
            changed[at] = c;
            const auto events = parser.parse(changed);
            if (!events) continue;
            for (const event& what : *events) EXPECT_TRUE(is_valid_utf8(test::render(what))) << changed;
        }
    }
}

TEST(hostile_webhook, deep_nesting_is_refused) {
    const std::size_t bomb = 100'000;
    EXPECT_NE(problem_with(std::string(bomb, '[')), "");
    EXPECT_NE(problem_with(repeated(R"({"a":)", bomb)), "");
    EXPECT_NE(problem_with(std::string(bomb, '[') + std::string(bomb, ']')).find("deeper"),
              std::string::npos);
    EXPECT_NE(problem_with(repeated(R"({"a":)", bomb) + "1" + std::string(bomb, '}')).find("deeper"),
              std::string::npos);
    const auto nested = [](std::size_t levels) {
        return with_text(fmt::format("{}1{}", repeated("[", levels), repeated("]", levels)));
    };
    EXPECT_EQ(problem_with(nested(20)), "");
    EXPECT_NE(problem_with(nested(40)).find("deeper"), std::string::npos);
}

TEST(hostile_webhook, a_million_keys_are_refused) {
    std::string wide = "{";
    for (int i = 0; i < 1'000'000; ++i) wide += fmt::format("\"{}\":0,", i);
    wide.back() = '}';
    EXPECT_NE(problem_with(wide).find("keys, expected at most 1000"), std::string::npos);
    std::string busy = "{";
    for (int i = 0; i < 1'000; ++i) busy += fmt::format("\"{}\":0,", i);
    busy.back() = '}';
    EXPECT_EQ(problem_with(with_text(busy)), "");
}

TEST(hostile_webhook, a_long_string_costs_the_other_events_nothing) {
    const std::string long_text = '"' + std::string((256 << 10) + 1, 'a') + '"';
    const auto message = [](std::string_view id, std::string_view text) {
        return fmt::format(
            R"({{"sender":{{"id":"1"}},"recipient":{{"id":"2"}},"message":{{"mid":"{}","text":{}}}}})", id,
            text);
    };
    instagram_parser parser;
    const auto events =
        parser.parse(fmt::format(R"({{"object":"instagram","entry":[{{"id":"2","messaging":[{},{}]}}]}})",
                                 message("m1", long_text), message("m2", R"("oi")")));
    ASSERT_TRUE(events);
    ASSERT_EQ(events->size(), 2U);
    EXPECT_TRUE(std::holds_alternative<unknown_event>((*events)[0].body));
    EXPECT_EQ(std::get<customer_message>((*events)[1].body).text, "oi");
    EXPECT_NE(problem_with(R"({"object":"instagram","entry":[{"id":)" + long_text + "}]}").find("bytes"),
              std::string::npos);
}

TEST(hostile_webhook, long_arrays_are_refused) {
    EXPECT_NE(problem_with("[" + repeated("0,", 10'000) + "0]").find("elements"), std::string::npos);
    EXPECT_EQ(problem_with(with_text('"' + std::string(256 << 10, 'a') + '"')), "");
}

TEST(hostile_webhook, a_key_twice_in_one_object_is_refused) {
    const std::string twice = R"({"mid":"m","text":"a","text":"b"})";
    EXPECT_NE(problem_with(with_text(twice)).find("\"text\" twice"), std::string::npos);
    EXPECT_NE(problem_with(with_text(R"({"text":1,"\u0074ext":2})")).find("\"text\" twice"),
              std::string::npos);
    EXPECT_NE(problem_with(R"({"object":"instagram","object":"page","entry":[]})").find("object"),
              std::string::npos);
    std::string many = "{";
    for (int i = 0; i < 100; ++i) many += fmt::format("\"{}\":0,", i);
    EXPECT_NE(problem_with(with_text(many + R"("42":0})")).find("\"42\" twice"), std::string::npos);
}

TEST(hostile_webhook, text_that_is_not_unicode_is_refused) {
    for (const std::string_view text :
         {R"("\ud800")", R"("\udc00")", R"("\ud800\u0041")", "\"\x80\"", "\"\xc3\"", "\"\xed\xa0\x80\"",
          "\"\xf4\x90\x80\x80\"", "\"\xc0\xaf\"", "\"\x01\""}) {
        EXPECT_NE(problem_with(with_text(text)), "") << text;
    }
}

TEST(hostile_webhook, a_nul_is_part_of_the_text) {
    instagram_parser parser;
    const auto events = parser.parse(with_text(R"("a\u0000b")"));
    ASSERT_TRUE(events);
    EXPECT_EQ(std::get<customer_message>(events->front().body).text, std::string("a\0b", 3));
    EXPECT_NE(problem_with(with_text(std::string("\"a\0b\"", 5))), "") << "a raw NUL is no JSON";
}

TEST(hostile_webhook, long_and_short_bodies_alternate) {
    instagram_parser parser;
    const std::string long_body = with_text('"' + std::string(200'000, 'a') + '"');
    for (int i = 0; i < 3; ++i) {
        EXPECT_TRUE(parser.parse(long_body));
        EXPECT_TRUE(parser.parse(with_text(R"("x")")));
        EXPECT_FALSE(parser.parse("[" + long_body));
    }
}

// Everything that stands where it should not.
const std::vector<json>& odd_values() {
    static const std::vector<json> values{
        nullptr,
        true,
        false,
        0,
        -1,
        1.5,
        18446744073709551615ULL,
        "",
        "x",
        "0",
        "\n\x1b[31m",
        std::string(5'000, '9'),
        json::array(),
        json::object(),
        json::array({json::object(), 1, "x"}),
        json{{"id", json::object()}, {"mid", 7}, {"data", json::array({json::array()})}}};
    return values;
}

void expect_sound(const event& what, const std::string& body) {
    EXPECT_FALSE(what.idempotency_key.empty()) << body;
    EXPECT_GE(what.occurred_at_ms, 0) << body;
    if (const auto* message = std::get_if<customer_message>(&what.body)) {
        EXPECT_FALSE(message->id.empty()) << body;
        EXPECT_FALSE(what.conversation.account.empty()) << body;
        EXPECT_FALSE(what.conversation.contact.empty()) << body;
        EXPECT_EQ(what.conversation.account.value.find(':'), std::string::npos) << body;
    }
}

void expect_neighbours_survive(instagram_parser& parser, const json& body) {
    const std::string text = body.dump();
    const auto events = parser.parse(text);
    ASSERT_TRUE(events) << events.error().detail << "\n" << text;
    const auto count = [&](std::string_view key) {
        return std::ranges::count(*events, key, [](const event& what) { return what.idempotency_key; });
    };
    EXPECT_EQ(count("in:70:before"), 1) << text;
    EXPECT_EQ(count("in:70:after"), 1) << text;
    for (const event& what : *events) expect_sound(what, text);
}

void add_paths(const json& value, const json::json_pointer& at, std::vector<json::json_pointer>& out) {
    out.push_back(at);
    if (!value.is_structured()) return;
    for (const auto& [key, member] : value.items()) {
        const auto below = value.is_array() ? at / static_cast<std::size_t>(std::stoul(key)) : at / key;
        add_paths(member, below, out);
    }
}

// `frame` is a batch in which the neighbours already are; `odd` says where in it everything may be replaced.
void mutate_everything_below(instagram_parser& parser, const json& frame, const json::json_pointer& odd) {
    std::vector<json::json_pointer> paths;
    add_paths(frame.at(odd), odd, paths);
    for (const auto& path : paths) {
        for (const json& value : odd_values()) {
            json mutated = frame;
            mutated[path] = value;
            expect_neighbours_survive(parser, mutated);
        }
        if (path == odd) continue;
        json without = frame;
        if (json& parent = without[path.parent_pointer()]; parent.is_object()) parent.erase(path.back());
        expect_neighbours_survive(parser, without);
    }
}

class odd_event : public testing::TestWithParam<std::string> {};

TEST_P(odd_event, never_costs_the_events_of_other_entries) {
    instagram_parser parser;
    const json before = json::parse(neighbour_before);
    const json after = json::parse(neighbour_after);
    for (const json& entry : json::parse(test::golden_body(GetParam()))["entry"]) {
        const json frame{
            {"object", "instagram"},
            {"entry", json::array({{{"id", "70"}, {"time", 1}, {"messaging", json::array({before})}},
                                   entry,
                                   {{"id", "70"}, {"time", 1}, {"messaging", json::array({after})}}})}};
        mutate_everything_below(parser, frame, json::json_pointer("/entry/1"));
    }
}

TEST_P(odd_event, never_costs_the_events_beside_it) {
    instagram_parser parser;
    for (const json& entry : json::parse(test::golden_body(GetParam()))["entry"]) {
        for (const char* list : {"messaging", "standby"}) {
            if (!entry.contains(list)) continue;
            for (const json& what : entry.at(list)) {
                json frame{{"object", "instagram"}, {"entry", json::array({{{"id", "70"}, {"time", 1}}})}};
                frame["entry"][0][list] =
                    json::array({json::parse(neighbour_before), what, json::parse(neighbour_after)});
                mutate_everything_below(parser, frame,
                                        json::json_pointer(fmt::format("/entry/0/{}/1", list)));
            }
        }
    }
}

INSTANTIATE_TEST_SUITE_P(instagram, odd_event, testing::ValuesIn(test::golden_names()),
                         [](const auto& info) { return info.param; });

} // namespace
} // namespace atende
