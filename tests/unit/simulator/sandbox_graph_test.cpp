#include "simulator/sandbox_graph.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace atende {
namespace {

using nlohmann::json;

http_request send_request(std::string body) {
    http_request request;
    request.method = "POST";
    request.path = "/sandbox/graph/v25.0/me/messages";
    request.headers = {{"authorization", "Bearer sandbox-token"}, {"content-type", "application/json"}};
    request.body = std::move(body);
    return request;
}

std::string text_of(std::size_t bytes) {
    return json{{"recipient", {{"id", "sim_ana001"}}}, {"message", {{"text", std::string(bytes, 'a')}}}}
        .dump();
}

struct refusal {
    std::string body;
    std::optional<int> subcode;
};

void PrintTo(const refusal& r, std::ostream* out) {
    *out << r.body;
}

class sandbox_refuses : public ::testing::TestWithParam<refusal> {};

TEST_P(sandbox_refuses, with_metas_invalid_parameter) {
    const auto send = read_sandbox_send(send_request(GetParam().body), "sandbox-token");
    ASSERT_FALSE(send);
    EXPECT_EQ(send.error().status, 400);
    const auto error = json::parse(send.error().body)["error"];
    EXPECT_EQ(error["code"], 100);
    EXPECT_TRUE(error["message"].is_string() && error["type"].is_string() && error["fbtrace_id"].is_string());
    EXPECT_EQ(error.contains("error_subcode"), GetParam().subcode.has_value());
    if (GetParam().subcode) EXPECT_EQ(error["error_subcode"], *GetParam().subcode);
}

constexpr auto no_such_person = 2534014;

INSTANTIATE_TEST_SUITE_P(
    bodies, sandbox_refuses,
    ::testing::Values(
        refusal{"", {}}, refusal{"not json", {}}, refusal{"[]", {}}, refusal{"{}", {}},
        refusal{R"({"message":{"text":"oi"}})", {}}, //
        refusal{R"({"recipient":"sim_ana001","message":{"text":"oi"}})", {}},
        refusal{R"({"recipient":{"id":"sim_ana001","x":1},"message":{"text":"oi"}})", {}},
        refusal{R"({"recipient":{"comment_id":"1"},"message":{"text":"oi"}})", {}},
        refusal{R"({"recipient":{},"message":{"text":"oi"}})", no_such_person},
        refusal{R"({"recipient":{"id":1000000000000001},"message":{"text":"oi"}})", no_such_person},
        refusal{R"({"recipient":{"id":"1000000000000001"},"message":{"text":"oi"}})", no_such_person},
        refusal{R"({"recipient":{"id":"sim_a/b001"},"message":{"text":"oi"}})", no_such_person},
        refusal{R"({"recipient":{"id":"sim_"},"message":{"text":"oi"}})", no_such_person},
        refusal{R"({"recipient":{"id":"sim_ana001"}})", {}},
        refusal{R"({"recipient":{"id":"sim_ana001"},"message":"oi"})", {}},
        refusal{R"({"recipient":{"id":"sim_ana001"},"message":{}})", {}},
        refusal{R"({"recipient":{"id":"sim_ana001"},"message":{"text":""}})", {}},
        refusal{R"({"recipient":{"id":"sim_ana001"},"message":{"text":7}})", {}},
        refusal{R"({"recipient":{"id":"sim_ana001"},"message":{"text":"oi","mood":"good"}})", {}},
        refusal{R"({"recipient":{"id":"sim_ana001"},"message":{"text":"oi"},"note":"x"})", {}},
        refusal{R"({"recipient":{"id":"sim_ana001"},"message":{"text":"oi"},"sender_action":"typing_on"})",
                {}},
        refusal{R"({"recipient":{"id":"sim_ana001"},"sender_action":"dance"})", {}},
        refusal{R"({"recipient":{"id":"sim_ana001"},"sender_action":true})", {}},
        refusal{"{\"recipient\":{\"id\":\"sim_ana001\"},\"message\":{\"text\":\"\xC3\"}}", {}},
        refusal{R"({"recipient":{"id":"sim_ana001"},"message":{"attachment":"audio"}})", {}},
        refusal{R"({"recipient":{"id":"sim_ana001"},"message":{"attachment":{"type":"audio"}}})", {}},
        refusal{
            R"({"recipient":{"id":"sim_ana001"},"message":{"attachment":{"type":"video","payload":{"url":"u"}}}})",
            {}},
        refusal{
            R"({"recipient":{"id":"sim_ana001"},"message":{"attachment":{"type":"audio","payload":{"url":""}}}})",
            {}},
        refusal{
            R"({"recipient":{"id":"sim_ana001"},"message":{"text":"oi","attachment":{"type":"audio","payload":{"url":"u"}}}})",
            {}},
        refusal{text_of(1001), {}}));

TEST(sandbox_graph, takes_an_audio_by_its_url) {
    const auto send = read_sandbox_send(
        send_request(
            R"({"recipient":{"id":"sim_ana001"},"message":{"attachment":{"type":"audio","payload":{"url":"http://h/a.m4a"}}}})"),
        "sandbox-token");
    ASSERT_TRUE(send);
    EXPECT_EQ(send->audio_url, "http://h/a.m4a");
    EXPECT_EQ(send->text, "");
}

TEST(sandbox_graph, takes_a_text_of_exactly_1000_bytes) {
    const auto send = read_sandbox_send(send_request(text_of(1000)), "sandbox-token");
    ASSERT_TRUE(send);
    EXPECT_EQ(send->recipient, "sim_ana001");
    EXPECT_EQ(send->text.size(), 1000U);
    EXPECT_EQ(send->action, sender_action::none);
}

TEST(sandbox_graph, counts_bytes_not_characters) {
    std::string accents;
    for (int i = 0; i < 501; ++i) accents += "é";
    const json body{{"recipient", {{"id", "sim_ana001"}}}, {"message", {{"text", accents}}}};
    EXPECT_FALSE(read_sandbox_send(send_request(body.dump()), "sandbox-token"));
}

TEST(sandbox_graph, takes_an_action_alone) {
    const auto send = read_sandbox_send(
        send_request(R"({"recipient":{"id":"sim_ana001"},"sender_action":"mark_seen"})"), "sandbox-token");
    ASSERT_TRUE(send);
    EXPECT_EQ(send->action, sender_action::mark_seen);
}

TEST(sandbox_graph, answers_a_wrong_token_with_190) {
    for (const auto* authorization :
         {"", "Bearer wrong", "sandbox-token", "Basic sandbox-token", "Bearer "}) {
        auto request = send_request(text_of(2));
        request.headers[0].second = authorization;
        const auto send = read_sandbox_send(request, "sandbox-token");
        ASSERT_FALSE(send) << authorization;
        EXPECT_EQ(send.error().status, 401);
        EXPECT_EQ(json::parse(send.error().body)["error"]["code"], 190);
    }
}

TEST(sandbox_graph, is_closed_while_no_token_is_set) {
    auto request = send_request(text_of(2));
    request.headers[0].second = "Bearer ";
    EXPECT_FALSE(read_sandbox_send(request, ""));
}

TEST(sandbox_graph, wants_json) {
    auto request = send_request(text_of(2));
    request.headers[1].second = "text/plain";
    EXPECT_FALSE(read_sandbox_send(request, "sandbox-token"));
    request.headers[1].second = "application/json; charset=utf-8";
    EXPECT_TRUE(read_sandbox_send(request, "sandbox-token"));
}

} // namespace
} // namespace atende
