// What is said and heard on the simulator's page.
#include "simulator/recordings.hpp"
#include "unit/simulator/simulator_fixture.hpp"

#include <gmock/gmock.h>

namespace atende::testing {
namespace {

using nlohmann::json;
using ::testing::Pair;

json audio_at(const std::string& url) {
    return {{"recipient", {{"id", "sim_ana001"}}},
            {"message", {{"attachment", {{"type", "audio"}, {"payload", {{"url", url}}}}}}}};
}

TEST_F(simulator_routes, fetches_an_audio_before_it_shows_it_and_echoes_it_without_words) {
    http_.answer = http_answer{.status = 200, .headers = {{"content-type", "audio/mp4"}}, .body = "bytes"};
    EXPECT_EQ(graph(audio_at("http://127.0.0.1:8000/media/audio/x.m4a")).status, 200);
    const auto shown = events();
    ASSERT_EQ(shown.size(), 1U);
    EXPECT_EQ(shown[0]["kind"], "answer");
    EXPECT_EQ(shown[0]["audio"], "/media/audio/x.m4a") << "from wherever the page came";
    ASSERT_EQ(http_.calls.size(), 2U);
    EXPECT_EQ(http_.calls[0].url, "http://127.0.0.1:8000/media/audio/x.m4a");
    EXPECT_EQ(webhook_event(1)["message"]["attachments"][0]["type"], "audio");
    EXPECT_FALSE(webhook_event(1)["message"].contains("text"));
}

TEST_F(simulator_routes, refuses_an_audio_as_meta_would) {
    http_.answer = http_answer{.status = 200, .headers = {{"content-type", "audio/mpeg"}}, .body = "bytes"};
    auto refused = graph(audio_at("http://127.0.0.1:8000/media/audio/x.m4a"));
    EXPECT_EQ(refused.status, 400);
    EXPECT_EQ(json::parse(refused.body)["error"]["error_subcode"], 2018008);
    http_.answer = http_answer{.status = 404, .headers = {{"content-type", "audio/mp4"}}, .body = "gone"};
    EXPECT_EQ(graph(audio_at("http://127.0.0.1:8000/media/audio/x.m4a")).status, 400);
    http_.calls.clear();
    EXPECT_EQ(graph(audio_at("http://10.0.0.1/media/audio/x.m4a")).status, 400);
    EXPECT_TRUE(http_.calls.empty()) << "nothing but our own files is fetched";
    EXPECT_TRUE(events().empty());
}

TEST_F(simulator_routes, a_recording_becomes_a_webhook_whose_link_leads_to_it_until_it_is_unsent) {
    auto spoken = request("POST", "/simulator/api/voice", "contact=sim_ana001");
    spoken.headers = {{"host", "localhost:8000"}, {"content-type", "audio/webm;codecs=opus"}};
    spoken.body = "webm bytes";
    const auto reply = call(std::move(spoken));
    ASSERT_EQ(reply.status, 202) << reply.body;
    const auto id = json::parse(reply.body)["message_id"].get<std::string>();
    const auto posted = json::parse(http_.calls.back().body);
    const auto& message = posted["entry"][0]["messaging"][0]["message"];
    EXPECT_EQ(message["mid"], id);
    EXPECT_EQ(message["attachments"][0]["type"], "audio");
    const auto link = message["attachments"][0]["payload"]["url"].get<std::string>();
    ASSERT_TRUE(link.starts_with("http://127.0.0.1:8000/sandbox/media/")) << link;

    const auto fetched = [&] {
        auto get = request("GET", "/sandbox/media/*");
        get.path = link.substr(std::string_view("http://127.0.0.1:8000").size());
        std::optional<http_reply> got;
        asio::co_spawn(loop_, route("GET", "/sandbox/media/*").handle(std::move(get)),
                       [&got](std::exception_ptr, http_reply value) { got = std::move(value); });
        run();
        return *got;
    };
    EXPECT_EQ(fetched().body, "webm bytes");
    EXPECT_EQ(fetched().content_type, "audio/webm;codecs=opus");
    EXPECT_THAT(fetched().headers, ::testing::Contains(Pair("X-Content-Type-Options", "nosniff")));
    EXPECT_EQ(post("unsend", {{"contact", "sim_ana001"}, {"message_id", id}}).status, 202);
    EXPECT_EQ(fetched().status, 404);
}

TEST_F(simulator_routes, takes_no_recording_that_is_none) {
    const auto status_of = [this](const char* query, const char* type, const char* body) {
        auto spoken = request("POST", "/simulator/api/voice", query);
        spoken.headers = {{"host", "localhost:8000"}, {"content-type", type}};
        spoken.body = body;
        return call(std::move(spoken)).status;
    };
    EXPECT_EQ(status_of("contact=1784", "audio/webm", "x"), 400);
    EXPECT_EQ(status_of("contact=sim_ana001", "audio/webm", ""), 400);
    EXPECT_EQ(status_of("contact=sim_ana001", "text/html", "<script>"), 415);
    EXPECT_TRUE(http_.calls.empty());
}

TEST(recordings, keep_to_their_space) {
    recordings all(10);
    const auto first = all.add("m1", "audio/webm", "123456");
    const auto second = all.add("m2", "audio/webm", "7890");
    EXPECT_NE(all.find(first), nullptr);
    const auto third = all.add("m3", "audio/webm", "x");
    EXPECT_EQ(all.find(first), nullptr);
    EXPECT_NE(all.find(second), nullptr);
    all.remove("m2");
    EXPECT_EQ(all.find(second), nullptr);
    EXPECT_EQ(all.find(third)->bytes, "x");
    EXPECT_EQ(all.find(""), nullptr);
}

} // namespace
} // namespace atende::testing
