#include "channels/graph_error.hpp"
#include "unit/channels/test_data.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <map>

namespace atende {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

http_answer answer_with(int status, std::string body,
                        std::vector<std::pair<std::string, std::string>> headers = {}) {
    return {.status = status, .headers = std::move(headers), .body = std::move(body)};
}

std::string error_body(int code, int subcode, bool transient = false) {
    json error{
        {"message", "quotes EAABtoken"}, {"type", "OAuthException"}, {"code", code}, {"fbtrace_id", "A1b2"}};
    if (subcode != 0) error["error_subcode"] = subcode;
    if (transient) error["is_transient"] = true;
    return json{{"error", error}}.dump();
}

send_outcome classify(int status, int code, int subcode = 0, bool transient = false) {
    return classify_graph_answer(answer_with(status, error_body(code, subcode, transient)));
}

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

TEST(graph_answer, names_the_message_it_delivered) {
    const std::string body = test::read_file(test::instagram_data / "send_response_ok.json");
    const send_outcome outcome = classify_graph_answer(answer_with(200, body));
    EXPECT_EQ(outcome.status, send_status::delivered);
    EXPECT_EQ(outcome.id.value, json::parse(body).at("message_id").get<std::string>());
}

TEST(graph_answer, is_ambiguous_when_it_names_no_message) {
    const std::string only_recipient = test::read_file(test::instagram_data / "send_response_reaction.json");
    for (const std::string& body :
         {only_recipient, std::string{}, std::string("{}"), std::string("[]"),
          std::string(R"({"message_id":7})"), std::string(R"({"message_id":""})"), std::string("<html>")}) {
        const send_outcome outcome = classify_graph_answer(answer_with(200, body));
        EXPECT_EQ(outcome.status, send_status::ambiguous) << body;
        EXPECT_TRUE(has(outcome.reason, "not named")) << outcome.reason;
    }
}

TEST(graph_answer, is_classified_as_documented) {
    const std::map<std::string, send_status> expected{
        {"outside_window", send_status::rejected},
        {"no_matching_user", send_status::rejected},
        {"token_expired", send_status::retry},
        {"rate_limited", send_status::retry},
        {"owner_disabled_dm_access", send_status::retry},
        {"comment_already_used", send_status::rejected},
        {"transient", send_status::ambiguous},
        {"sent_but_error", send_status::ambiguous},
        {"another_app_controls_thread", send_status::rejected},
        {"user_unavailable", send_status::rejected},
        {"attachment_not_fetched", send_status::rejected},
    };
    const json errors = json::parse(test::read_file(test::instagram_data / "send_errors.json"));
    ASSERT_EQ(errors.size(), expected.size());
    for (const auto& [name, answer] : errors.items()) {
        const send_outcome outcome =
            classify_graph_answer(answer_with(answer.at("http"), answer.at("body").dump()));
        EXPECT_EQ(outcome.status, expected.at(name)) << name << ": " << outcome.reason;
        EXPECT_EQ(outcome.account_blocked, name == "token_expired" || name == "owner_disabled_dm_access")
            << name;
    }
}

TEST(graph_answer, rejects_what_no_repetition_changes) {
    constexpr std::pair<int, int> refusals[]{
        {10, 2534022},  {10, 2018278},  {10, 2018108},  {10, 2018300},  {10, 0},        {100, 2534014},
        {100, 2534025}, {100, 2534013}, {100, 2534001}, {100, 2534068}, {100, 2018047}, {100, 2018008},
        {100, 2018109}, {100, 2018294}, {100, 2018074}, {100, 0},       {551, 0},       {551, 1545041},
        {9010, 0},      {230, 0},       {200, 0},       {99999, 0}};
    for (const auto& [code, subcode] : refusals) {
        for (const int status : {400, 403}) {
            const send_outcome outcome = classify(status, code, subcode);
            EXPECT_EQ(outcome.status, send_status::rejected) << code << "/" << subcode;
            EXPECT_FALSE(outcome.account_blocked) << code << "/" << subcode;
            EXPECT_TRUE(has(outcome.reason, fmt::format("code {}/{}", code, subcode))) << outcome.reason;
        }
    }
}

TEST(graph_answer, stops_the_account_until_a_person_acts) {
    struct block {
        int code;
        int subcode;
        std::string_view advice;
    };
    constexpr block blocks[]{
        {190, 0, "token"},         {190, 460, "password"},       {190, 463, "expired"},
        {190, 467, "invalidated"}, {190, 12345, "token"},        {368, 0, "policy"},
        {100, 2534029, "blocked"}, {100, 2534122, "restricted"}, {200, 2534041, "connected tools"}};
    for (const auto& [code, subcode, advice] : blocks) {
        const send_outcome outcome = classify(400, code, subcode);
        EXPECT_EQ(outcome.status, send_status::retry) << code << "/" << subcode << " keeps the queue";
        EXPECT_TRUE(outcome.account_blocked) << code << "/" << subcode;
        EXPECT_GE(outcome.retry_in, 1min) << code << "/" << subcode;
        EXPECT_TRUE(has(outcome.reason, advice)) << outcome.reason;
    }
}

TEST(graph_answer, pauses_long_for_a_temporary_restriction) {
    const send_outcome outcome = classify(400, 10, 1893063);
    EXPECT_EQ(outcome.status, send_status::retry);
    EXPECT_EQ(outcome.retry_in, 30min);
    EXPECT_FALSE(outcome.account_blocked);
}

TEST(graph_answer, may_hide_a_message_that_was_sent) {
    EXPECT_EQ(classify(500, 1, 1357046).status, send_status::ambiguous);
    EXPECT_EQ(classify(400, 1, 1357046).status, send_status::ambiguous);
    EXPECT_EQ(classify(400, 1).status, send_status::ambiguous);
    EXPECT_EQ(classify(400, 2).status, send_status::ambiguous);
    EXPECT_EQ(classify(400, 2, 1545133).status, send_status::ambiguous);
    EXPECT_EQ(classify(400, 2, 2018344).status, send_status::ambiguous);
    EXPECT_EQ(classify(400, 12345, 0, true).status, send_status::ambiguous);
    EXPECT_EQ(classify(500, 12345).status, send_status::ambiguous);
    for (const int status : {500, 502, 503, 504, 408}) {
        const auto outcome =
            classify_graph_answer(answer_with(status, "<html><b>Sorry, something went wrong."));
        EXPECT_EQ(outcome.status, send_status::ambiguous) << status;
        EXPECT_TRUE(has(outcome.reason, std::to_string(status)));
        EXPECT_FALSE(has(outcome.reason, "html"));
    }
}

TEST(graph_answer, waits_for_a_rate_limit_to_pass) {
    for (const int code : {4, 17, 32, 613, 80002, 80006, 80007}) {
        for (const int status : {400, 403, 429, 500}) {
            EXPECT_EQ(classify(status, code, 0, true).status, send_status::retry) << code << " " << status;
        }
    }
    EXPECT_EQ(classify(400, 613, 2534040).status, send_status::retry);
    EXPECT_EQ(classify_graph_answer(answer_with(429, "<html>")).status, send_status::retry);
    EXPECT_EQ(classify(429, 4).retry_in, 0ms);
}

TEST(graph_answer, tells_how_long_a_rate_limit_lasts) {
    const auto wait = [](std::vector<std::pair<std::string, std::string>> headers) {
        return classify_graph_answer(answer_with(429, error_body(613, 0), std::move(headers))).retry_in;
    };
    EXPECT_EQ(wait({{"retry-after", "7"}}), 7s);
    EXPECT_EQ(wait({{"retry-after", "Wed, 21 Oct 2026 07:28:00 GMT"}}), 0ms);
    EXPECT_EQ(wait({{"retry-after", "-5"}}), 0ms);
    EXPECT_EQ(wait({{"retry-after", "9223372036854775807"}}), 24h);
    const std::string usage =
        R"({"17841":[{"type":"messenger","call_count":100,"estimated_time_to_regain_access":3},)"
        R"({"type":"pages","estimated_time_to_regain_access":2}],"9":[{"call_count":1}]})";
    EXPECT_EQ(wait({{"x-business-use-case-usage", usage}}), 3min);
    EXPECT_EQ(wait({{"retry-after", "240"}, {"x-business-use-case-usage", usage}}), 240s);
    for (const char* broken : {"", "{", "[1]", R"({"a":1})", R"({"a":[1]})",
                               R"({"a":[{"estimated_time_to_regain_access":"x"}]})"}) {
        EXPECT_EQ(wait({{"x-business-use-case-usage", broken}}), 0ms) << broken;
    }
}

TEST(graph_answer, of_somebody_else_keeps_the_message) {
    for (const int status : {301, 400, 401, 403, 404, 413}) {
        for (const std::string body :
             {"", "<html>Not Found", R"({"error":"nope"})", R"({"error":{"code":"x"}})"}) {
            const send_outcome outcome = classify_graph_answer(answer_with(status, body));
            EXPECT_EQ(outcome.status, send_status::retry) << status << " " << body;
            EXPECT_TRUE(has(outcome.reason, "GRAPH_BASE_URL")) << outcome.reason;
        }
    }
}

TEST(graph_answer, never_repeats_graphs_own_words) {
    for (const int code : {190, 100, 2, 613, 77}) {
        EXPECT_FALSE(has(classify(400, code).reason, "EAABtoken"));
        EXPECT_TRUE(has(classify(400, code).reason, "trace A1b2"));
    }
    const std::string hostile =
        json{{"error", {{"code", 100}, {"fbtrace_id", "a\nb" + std::string(500, 'x')}}}}.dump();
    const std::string reason = classify_graph_answer(answer_with(400, hostile)).reason;
    EXPECT_FALSE(has(reason, "\n"));
    EXPECT_LT(reason.size(), 200U);
}

TEST(graph_failure, is_repeated_only_when_nothing_left) {
    EXPECT_EQ(classify_graph_failure({errc::unavailable, "dns"}).status, send_status::retry);
    EXPECT_EQ(classify_graph_failure({errc::invalid_input, "url"}).status, send_status::rejected);
    for (const errc code :
         {errc::timed_out, errc::interrupted, errc::protocol, errc::too_large, errc::cancelled}) {
        const send_outcome outcome = classify_graph_failure({code, "why"});
        EXPECT_EQ(outcome.status, send_status::ambiguous);
        EXPECT_TRUE(has(outcome.reason, "why"));
    }
}

} // namespace
} // namespace atende
