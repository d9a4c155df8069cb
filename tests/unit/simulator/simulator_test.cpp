#include "simulator/meta_webhook.hpp"
#include "unit/simulator/simulator_fixture.hpp"

#include <gmock/gmock.h>

namespace atende::testing {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

TEST_F(simulator_routes, a_message_becomes_a_signed_webhook) {
    const auto reply = post("messages", {{"contact", "sim_ana001"}, {"text", "tem a XY 150?"}});
    EXPECT_EQ(reply.status, 202);
    ASSERT_EQ(http_.calls.size(), 1U);
    const auto& call = http_.calls.front();
    EXPECT_EQ(call.method, "POST");
    EXPECT_EQ(call.url, "http://127.0.0.1:8000/webhook");
    hmac_sha256 key("app-secret");
    EXPECT_THAT(call.headers, ElementsAre(Pair("Content-Type", "application/json"),
                                          Pair("X-Hub-Signature-256", webhook_signature(key, call.body))));
    const auto event = webhook_event(0);
    EXPECT_EQ(event["sender"]["id"], "sim_ana001");
    EXPECT_EQ(event["message"]["text"], "tem a XY 150?");
    EXPECT_EQ(event["message"]["mid"], json::parse(reply.body)["message_id"]);
    EXPECT_EQ(events()[0]["message_id"], event["message"]["mid"]);
}

TEST_F(simulator_routes, says_why_the_webhook_did_not_take_a_message) {
    http_.answer = http_answer{.status = 403, .headers = {}, .body = "bad signature\n"};
    const auto refused = post("messages", {{"contact", "sim_ana001"}, {"text", "oi"}});
    EXPECT_EQ(refused.status, 502);
    EXPECT_THAT(refused.body, HasSubstr("403: bad signature"));
    EXPECT_THAT(kinds(), ElementsAre("message", "failed"));

    http_.answer = http_answer{
        .status = 503, .headers = {}, .body = R"({"error":{"message":"storage is unavailable, try again"}})"};
    EXPECT_EQ(
        json::parse(post("messages", {{"contact", "sim_ana001"}, {"text", "oi"}}).body)["error"]["message"],
        "the webhook answered 503: storage is unavailable, try again");

    http_.answer = fail(errc::timed_out, "no answer in 15 s");
    EXPECT_THAT(post("messages", {{"contact", "sim_ana001"}, {"text", "oi"}}).body,
                HasSubstr("no answer in 15 s"));
}

TEST_F(simulator_routes, refuses_what_is_no_message_and_posts_nothing) {
    const std::vector<json> wrong{
        json::array(),
        {{"text", "oi"}},
        {{"contact", "1000000000000001"}, {"text", "oi"}},
        {{"contact", "sim_ana001"}},
        {{"contact", "sim_ana001"}, {"text", " \n"}},
        {{"contact", "sim_ana001"}, {"text", 7}},
        {{"contact", "sim_ana001"}, {"text", std::string(1001, 'a')}},
    };
    for (const auto& body : wrong) EXPECT_EQ(post("messages", body).status, 400) << body;
    EXPECT_TRUE(http_.calls.empty());
    EXPECT_TRUE(events().empty());
}

TEST_F(simulator_routes, edits_count_up_and_end_with_the_unsend) {
    const auto id = say("tem a XZ?");
    EXPECT_EQ(post("edit", {{"contact", "sim_ana001"}, {"message_id", id}, {"text", "tem a XY?"}}).status,
              202);
    EXPECT_EQ(post("edit", {{"contact", "sim_ana001"}, {"message_id", id}, {"text", "tem a XY 150?"}}).status,
              202);
    EXPECT_EQ(webhook_event(1)["message_edit"]["num_edit"], 1);
    EXPECT_EQ(webhook_event(2)["message_edit"]["num_edit"], 2);
    EXPECT_EQ(webhook_event(2)["message_edit"]["mid"], id);

    EXPECT_EQ(post("unsend", {{"contact", "sim_ana001"}, {"message_id", id}}).status, 202);
    EXPECT_EQ(webhook_event(3)["message"]["is_deleted"], true);
    EXPECT_EQ(post("unsend", {{"contact", "sim_ana001"}, {"message_id", id}}).status, 404);
    EXPECT_EQ(post("edit", {{"contact", "sim_ana001"}, {"message_id", id}, {"text", "x"}}).status, 404);
    EXPECT_EQ(http_.calls.size(), 4U);
    EXPECT_THAT(kinds(), ElementsAre("message", "edited", "edited", "unsent"));
}

TEST_F(simulator_routes, changes_only_the_contacts_own_messages) {
    const auto id = say("oi");
    EXPECT_EQ(post("unsend", {{"contact", "sim_bia001"}, {"message_id", id}}).status, 404);
    EXPECT_EQ(post("unsend", {{"contact", "sim_ana001"}, {"message_id", "aWdfX"}}).status, 404);
    EXPECT_EQ(http_.calls.size(), 1U);
}

TEST_F(simulator_routes, the_owner_in_the_app_is_an_echo) {
    EXPECT_EQ(post("human", {{"contact", "sim_ana001"}, {"text", "Aqui é o Zé"}}).status, 202);
    EXPECT_EQ(webhook_event(0)["sender"]["id"], "sim_shop");
    EXPECT_EQ(webhook_event(0)["recipient"]["id"], "sim_ana001");
    EXPECT_EQ(webhook_event(0)["message"]["is_echo"], true);
    EXPECT_THAT(kinds(), ElementsAre("human"));
}

TEST_F(simulator_routes, shows_an_answer_once_graph_got_it_and_echoes_it) {
    const auto reply = graph({{"recipient", {{"id", "sim_ana001"}}}, {"message", {{"text", "Temos sim!"}}}});
    EXPECT_EQ(reply.status, 200);
    const auto accepted = json::parse(reply.body);
    EXPECT_EQ(accepted["recipient_id"], "sim_ana001");
    const auto shown = events();
    ASSERT_EQ(shown.size(), 1U);
    EXPECT_EQ(shown[0]["kind"], "answer");
    EXPECT_EQ(shown[0]["text"], "Temos sim!");
    EXPECT_EQ(shown[0]["message_id"], accepted["message_id"]);

    ASSERT_EQ(http_.calls.size(), 1U);
    EXPECT_EQ(webhook_event(0)["message"]["is_echo"], true);
    EXPECT_EQ(webhook_event(0)["message"]["mid"], accepted["message_id"]);
    hmac_sha256 key("app-secret");
    EXPECT_EQ(http_.calls[0].headers[1].second, webhook_signature(key, http_.calls[0].body));
}

TEST_F(simulator_routes, shows_presence_without_an_echo) {
    for (const auto* action : {"mark_seen", "typing_on", "typing_off"}) {
        const auto reply = graph({{"recipient", {{"id", "sim_ana001"}}}, {"sender_action", action}});
        EXPECT_EQ(json::parse(reply.body), json({{"recipient_id", "sim_ana001"}}));
    }
    EXPECT_THAT(kinds(), ElementsAre("seen", "typing", "typing"));
    EXPECT_EQ(events()[1]["on"], true);
    EXPECT_EQ(events()[2]["on"], false);
    EXPECT_TRUE(http_.calls.empty());
}

TEST_F(simulator_routes, shows_nothing_of_a_refused_send) {
    EXPECT_EQ(graph({{"recipient", {{"id", "sim_ana001"}}}, {"message", {{"text", ""}}}}).status, 400);
    EXPECT_TRUE(events().empty());
    EXPECT_TRUE(http_.calls.empty());
}

TEST_F(simulator_routes, shows_the_progress_of_simulated_conversations_only) {
    const conversation_id simulated{platform_kind::instagram, account_id("sim_shop"),
                                    contact_id("sim_ana001")};
    simulator_->watch({simulated, stage::waiting, 1000, "2500"});
    simulator_->watch(
        {simulated, stage::tool_call, 1001, R"({"name":"add_lead_to_nocodb","arguments":{"name":"Ana"}})"});
    simulator_->watch({simulated, stage::sent, 1002, ""});
    simulator_->watch({simulated, stage::not_sent, 1003, std::string(20'000, 'x')});
    simulator_->watch({{platform_kind::instagram, account_id("17841400000000001"), contact_id("sim_ana001")},
                       stage::sent,
                       1003,
                       ""});
    simulator_->watch({{platform_kind::instagram, account_id("sim_shop"), contact_id("1000000000000001")},
                       stage::sent,
                       1003,
                       ""});

    const auto shown = events();
    ASSERT_EQ(shown.size(), 4U);
    EXPECT_EQ(shown[0]["stage"], "waiting");
    EXPECT_EQ(shown[0]["detail"], "2500");
    EXPECT_EQ(shown[0]["at_ms"], 1000);
    EXPECT_EQ(shown[1]["detail"]["arguments"]["name"], "Ana");
    EXPECT_FALSE(shown[2].contains("detail"));
    EXPECT_LE(shown[3]["detail"].get<std::string>().size(), 8192U);
}

TEST_F(simulator_routes, shows_a_tools_arguments_as_fields_where_the_model_wrote_json) {
    const conversation_id simulated{platform_kind::instagram, account_id("sim_shop"),
                                    contact_id("sim_ana001")};
    const auto tell = [&](const json& arguments) {
        simulator_->watch(
            {simulated, stage::tool_call, 1000, json{{"name", "t"}, {"arguments", arguments}}.dump()});
    };
    tell(R"({"name":"Ana"})");
    tell(json{{"name", "Ana"}});
    tell(R"({"name":)");

    const auto shown = events();
    ASSERT_EQ(shown.size(), 3U);
    EXPECT_EQ(shown[0]["detail"]["arguments"], json({{"name", "Ana"}}));
    EXPECT_EQ(shown[1]["detail"]["arguments"], json({{"name", "Ana"}}));
    EXPECT_EQ(shown[2]["detail"]["arguments"], R"({"name":)");
}

TEST_F(simulator_routes, a_long_poll_ends_with_news_or_with_stop) {
    std::optional<http_reply> reply;
    start(request("GET", "/simulator/api/events", "contact=sim_ana001"), reply);
    loop_.restart();
    loop_.poll();
    ASSERT_FALSE(reply);
    graph({{"recipient", {{"id", "sim_ana001"}}}, {"sender_action", "typing_on"}});
    ASSERT_TRUE(reply);
    const auto news = json::parse(reply->body);
    EXPECT_EQ(news["events"].size(), 1U);

    std::optional<http_reply> last;
    start(request("GET", "/simulator/api/events",
                  "contact=sim_ana001&after=" + std::to_string(news["next"].get<std::int64_t>())),
          last);
    loop_.restart();
    loop_.poll();
    ASSERT_FALSE(last);
    simulator_->stop();
    run();
    ASSERT_TRUE(last);
    EXPECT_TRUE(json::parse(last->body)["events"].empty());
    EXPECT_EQ(call(request("GET", "/simulator/api/events", "contact=sim_ana001")).status, 503);
}

TEST_F(simulator_routes, says_what_is_wrong_with_a_poll) {
    for (const auto* query : {"", "contact=1784", "contact=sim_ana001&after=x", "contact=sim_ana001&after=-1",
                              "contact=sim_ana001&wait=26", "contact=sim_ana001&wait=1.5"})
        EXPECT_EQ(call(request("GET", "/simulator/api/events", query)).status, 400) << query;
}

TEST_F(simulator_routes, every_route_but_graphs_wants_the_admin_token) {
    restart(sample_settings(), "segredo");
    for (const auto& route : simulator_->routes()) {
        if (route.path.starts_with(sandbox_graph_path)) continue;
        if (route.path.starts_with(sandbox_media_path)) continue; // its ids cannot be guessed
        EXPECT_EQ(call(request(route.method, route.path)).status, 401) << route.path;
        auto allowed = request(route.method, route.path);
        allowed.headers.emplace_back("authorization", "Bearer segredo");
        EXPECT_NE(call(std::move(allowed)).status, 401) << route.path;
    }
    EXPECT_EQ(graph({{"recipient", {{"id", "sim_ana001"}}}, {"sender_action", "typing_on"}}).status, 200);
}

TEST_F(simulator_routes, serves_the_page_under_a_strict_policy) {
    EXPECT_EQ(call(request("GET", "/simulator/")).status, 302);
    const auto root = call(request("GET", "/", "lang=en"));
    EXPECT_EQ(root.status, 302);
    EXPECT_THAT(root.headers, ::testing::Contains(Pair("Location", "/simulator?lang=en")));

    const auto page = call(request("GET", "/simulator"));
    EXPECT_EQ(page.status, 200);
    EXPECT_THAT(page.body, HasSubstr("/simulator/app.js"));
    EXPECT_THAT(page.headers, ::testing::Contains(Pair("Content-Security-Policy",
                                                       HasSubstr("default-src 'none'; script-src 'self'"))));
    EXPECT_THAT(page.headers, ::testing::Contains(Pair("X-Content-Type-Options", "nosniff")));
    EXPECT_THAT(page.headers, ::testing::Contains(Pair("Cache-Control", "no-store")));
    EXPECT_THAT(call(request("GET", "/simulator/app.js")).content_type, HasSubstr("text/javascript"));
    EXPECT_THAT(call(request("GET", "/simulator/style.css")).content_type, HasSubstr("text/css"));
}

TEST_F(simulator_routes, every_module_the_page_imports_is_served) {
    for (const auto* path : {"app.js", "chat.js", "recorder.js", "timeline.js", "dom.js", "text.js"})
        EXPECT_FALSE(call(request("GET", std::string("/simulator/") + path)).body.empty()) << path;
}

TEST_F(simulator_routes, tells_the_page_who_answers) {
    const auto state = json::parse(call(request("GET", "/simulator/api/state")).body);
    EXPECT_EQ(state, json({{"profile", "motorcycle-dealer"},
                           {"profile_version", "0123456789ab"},
                           {"profile_problems", {"profile.yaml:3: limits.rounds: espera um número"}},
                           {"agent_name", "Moto Sul"},
                           {"suggestions", {"oi", "tem a XY 150?"}},
                           {"demo", {"oi", "quero a Jet"}},
                           {"model", "offline"},
                           {"account", "sim_shop"},
                           {"version", ATENDE_VERSION}}));
}

} // namespace
} // namespace atende::testing
