#include "unit/channels/test_data.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <atende/channels/instagram_channel.hpp>
#include <exception>

namespace atende {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

class recording_http_client final : public http_client {
public:
    awaitable<result<http_answer>> perform(http_call call) override {
        calls.push_back(std::move(call));
        co_return answer;
    }

    std::vector<http_call> calls;
    result<http_answer> answer =
        http_answer{.status = 200, .headers = {}, .body = R"({"message_id":"mid.1"})"};
};

template <class T>
T run(awaitable<T> operation) {
    asio::io_context loop;
    T out{};
    asio::co_spawn(loop, std::move(operation), [&](std::exception_ptr failure, T value) {
        if (failure) std::rethrow_exception(failure);
        out = std::move(value);
    });
    loop.run();
    return out;
}

void run(awaitable<void> operation) {
    asio::io_context loop;
    asio::co_spawn(loop, std::move(operation), [](std::exception_ptr failure) {
        if (failure) std::rethrow_exception(failure);
    });
    loop.run();
}

conversation_id conversation(std::string account, std::string contact) {
    return {platform_kind::instagram, account_id(std::move(account)), contact_id(std::move(contact))};
}

std::string header(const http_call& call, std::string_view name) {
    const auto found =
        std::ranges::find(call.headers, name, [](const auto& line) { return std::string_view(line.first); });
    return found == call.headers.end() ? "" : found->second;
}

class instagram_channel : public testing::Test {
protected:
    send_outcome send(std::string text, const conversation_id& to) {
        const auto graph = make_instagram_channel(http, settings);
        const send_intent intent{.id = 1, .text = std::move(text)};
        return run(graph->send(to, intent));
    }

    recording_http_client http;
    instagram_settings settings{.base_url = "https://graph.instagram.com",
                                .api_version = "v25.0",
                                .access_token = "secret-token",
                                .account = "",
                                .simulated = false};
    conversation_id customer = conversation("1784", "55");
    conversation_id simulated = conversation("sim_shop", "sim_ana");
};

TEST_F(instagram_channel, posts_the_text_to_the_customer_once) {
    const send_outcome outcome = send("Olá, \"Zé\"! 😀\n", customer);
    EXPECT_EQ(outcome.status, send_status::delivered);
    EXPECT_EQ(outcome.id.value, "mid.1");
    ASSERT_EQ(http.calls.size(), 1U);
    const http_call& call = http.calls.front();
    EXPECT_EQ(call.method, "POST");
    EXPECT_EQ(call.url, "https://graph.instagram.com/v25.0/me/messages");
    EXPECT_EQ(header(call, "Content-Type"), "application/json");
    EXPECT_EQ(json::parse(call.body),
              json::parse(R"({"recipient":{"id":"55"},"message":{"text":"Olá, \"Zé\"! 😀\n"}})"));
    EXPECT_FALSE(call.repeatable);
    EXPECT_EQ(call.connect_timeout, 3s);
    EXPECT_EQ(call.timeout, 15s);
}

TEST_F(instagram_channel, posts_an_audio_by_its_address) {
    settings.audio_base_url = "https://loja.example/media/audio";
    const auto graph = make_instagram_channel(http, settings);
    EXPECT_TRUE(graph->takes_audio());
    const send_intent intent{.id = 1, .text = std::string(2'000, 'a'), .audio = "AbC.m4a"};
    EXPECT_EQ(run(graph->send(customer, intent)).status, send_status::delivered);
    ASSERT_EQ(http.calls.size(), 1U);
    EXPECT_EQ(
        json::parse(http.calls.front().body),
        json::parse(
            R"({"recipient":{"id":"55"},"message":{"attachment":{"type":"audio","payload":{"url":"https://loja.example/media/audio/AbC.m4a"}}}})"));
    EXPECT_FALSE(http.calls.front().repeatable);
}

TEST_F(instagram_channel, posts_no_audio_that_nobody_could_fetch) {
    const auto graph = make_instagram_channel(http, settings);
    EXPECT_FALSE(graph->takes_audio());
    const send_intent intent{.id = 1, .text = "oi", .audio = "AbC.m4a"};
    EXPECT_EQ(run(graph->send(customer, intent)).status, send_status::rejected);
    EXPECT_TRUE(http.calls.empty());
}

TEST_F(instagram_channel, sends_the_token_in_a_header_only) {
    send("oi", customer);
    ASSERT_EQ(http.calls.size(), 1U);
    EXPECT_EQ(header(http.calls.front(), "Authorization"), "Bearer secret-token");
    EXPECT_EQ(http.calls.front().url.find("secret"), std::string::npos);
    EXPECT_EQ(http.calls.front().body.find("secret"), std::string::npos);
}

TEST_F(instagram_channel, posts_for_the_configured_account) {
    settings.base_url = "http://127.0.0.1:8000/sandbox/";
    settings.account = "1784";
    send("oi", customer);
    ASSERT_EQ(http.calls.size(), 1U);
    EXPECT_EQ(http.calls.front().url, "http://127.0.0.1:8000/sandbox/v25.0/1784/messages");
}

TEST_F(instagram_channel, tells_what_became_of_the_message) {
    http.answer =
        http_answer{.status = 403, .headers = {}, .body = R"({"error":{"code":10,"error_subcode":2534022}})"};
    EXPECT_EQ(send("segredo", customer).status, send_status::rejected);
    http.answer = fail(errc::timed_out, "no answer within 15 s");
    const send_outcome lost = send("segredo", customer);
    EXPECT_EQ(lost.status, send_status::ambiguous);
    EXPECT_EQ(lost.reason.find("segredo"), std::string::npos);
    http.answer = fail(errc::unavailable, "connection refused");
    EXPECT_EQ(send("segredo", customer).status, send_status::retry);
}

TEST_F(instagram_channel, never_writes_to_simulated_contacts_on_the_real_platform) {
    for (const auto& to : {simulated, conversation("1784", "sim_ana"), conversation("sim_shop", "55")}) {
        const send_outcome outcome = send("oi", to);
        EXPECT_EQ(outcome.status, send_status::rejected);
        EXPECT_NE(outcome.reason.find("simulated"), std::string::npos);
        const auto graph = make_instagram_channel(http, settings);
        run(graph->show_typing(to));
        run(graph->mark_seen(to));
        EXPECT_FALSE(run(fetch_instagram_message(http, settings, to, message_id("m"))));
    }
    EXPECT_TRUE(http.calls.empty());
}

TEST_F(instagram_channel, never_writes_to_real_contacts_in_the_simulator) {
    settings.simulated = true;
    for (const auto& to : {customer, conversation("1784", "sim_ana"), conversation("sim_shop", "55")}) {
        EXPECT_EQ(send("oi", to).status, send_status::rejected);
    }
    EXPECT_TRUE(http.calls.empty());
    EXPECT_EQ(send("oi", simulated).status, send_status::delivered);
}

TEST_F(instagram_channel, refuses_texts_the_platform_would_cut) {
    EXPECT_EQ(send(std::string(1'000, 'a'), customer).status, send_status::delivered);
    EXPECT_EQ(send(std::string(1'001, 'a'), customer).status, send_status::rejected);
    EXPECT_EQ(send("", customer).status, send_status::rejected);
    EXPECT_EQ(http.calls.size(), 1U);
}

TEST_F(instagram_channel, survives_text_that_is_not_utf8) {
    EXPECT_EQ(send("a\xff z", customer).status, send_status::delivered);
    EXPECT_EQ(json::parse(http.calls.front().body)["message"]["text"], "a\uFFFD z");
}

TEST_F(instagram_channel, shows_presence_without_insisting) {
    const auto graph = make_instagram_channel(http, settings);
    http.answer = http_answer{.status = 500, .headers = {}, .body = "<html>"};
    run(graph->mark_seen(customer));
    http.answer = fail(errc::unavailable, "connection refused");
    run(graph->show_typing(customer));
    ASSERT_EQ(http.calls.size(), 2U);
    EXPECT_EQ(json::parse(http.calls[0].body),
              json::parse(R"({"recipient":{"id":"55"},"sender_action":"mark_seen"})"));
    EXPECT_EQ(json::parse(http.calls[1].body),
              json::parse(R"({"recipient":{"id":"55"},"sender_action":"typing_on"})"));
    EXPECT_EQ(http.calls[1].timeout, 5s);
    EXPECT_EQ(header(http.calls[1], "Authorization"), "Bearer secret-token");
}

TEST_F(instagram_channel, fetches_a_message_that_came_without_content) {
    http.answer = http_answer{
        .status = 200,
        .headers = {},
        .body =
            R"({"id":"a/b==","message":"oi","from":{"id":"55"},"attachments":{"data":[)"
            R"({"mime_type":"image/jpeg","image_data":{"url":"https://i"}},)"
            R"({"mime_type":"video/mp4","video_data":{"url":"https://v"}},)"
            R"({"mime_type":"audio/mp4","file_url":"https://a"},{"name":"x.pdf","mime_type":"application/pdf"},7]}})"};
    const auto message = run(fetch_instagram_message(http, settings, customer, message_id("a/b==")));
    ASSERT_EQ(http.calls.size(), 1U);
    EXPECT_EQ(http.calls.front().method, "GET");
    EXPECT_EQ(http.calls.front().url, "https://graph.instagram.com/v25.0/a%2Fb%3D%3D"
                                      "?fields=message,from,to,created_time,attachments");
    EXPECT_EQ(header(http.calls.front(), "Authorization"), "Bearer secret-token");
    ASSERT_TRUE(message);
    EXPECT_EQ(message->id.value, "a/b==");
    EXPECT_EQ(message->text, "oi");
    ASSERT_EQ(message->attachments.size(), 5U);
    EXPECT_EQ(message->attachments[0].kind, attachment_kind::image);
    EXPECT_EQ(message->attachments[1].url, "https://v");
    EXPECT_EQ(message->attachments[2].kind, attachment_kind::audio);
    EXPECT_EQ(message->attachments[3].title, "x.pdf");
    EXPECT_FALSE(message->content_withheld);
}

TEST_F(instagram_channel, says_why_a_message_cannot_be_fetched) {
    http.answer = http_answer{.status = 400, .headers = {}, .body = R"({"error":{"code":100}})"};
    const auto refused = run(fetch_instagram_message(http, settings, customer, message_id("m")));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::rejected);
    http.answer = http_answer{.status = 503, .headers = {}, .body = ""};
    const auto later = run(fetch_instagram_message(http, settings, customer, message_id("m")));
    ASSERT_FALSE(later);
    EXPECT_EQ(later.error().code, errc::unavailable);
    http.answer = http_answer{.status = 200, .headers = {}, .body = "<html>"};
    EXPECT_EQ(run(fetch_instagram_message(http, settings, customer, message_id("m"))).error().code,
              errc::protocol);
    http.answer = fail(errc::timed_out, "slow");
    const auto slow = run(fetch_instagram_message(http, settings, customer, message_id("m")));
    ASSERT_FALSE(slow);
    EXPECT_EQ(slow.error().code, errc::timed_out);
}

} // namespace
} // namespace atende
