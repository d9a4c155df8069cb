#include "app/health.hpp"

#include "app/part_settings.hpp"
#include "app/speaking.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <atende/platform/http_client.hpp>
#include <atende/platform/json.hpp>
#include <map>

namespace atende {
namespace {

std::string missing_for_instagram(const settings& s) {
    std::string missing;
    const auto need = [&missing](bool present, std::string_view name) {
        if (present) return;
        if (!missing.empty()) missing += ", ";
        missing += name;
    };
    need(!s.app_secrets.empty(), "INSTAGRAM_APP_SECRET");
    need(!s.verify_token.empty(), "INSTAGRAM_VERIFY_TOKEN");
    need(!s.access_token.empty(), "INSTAGRAM_ACCESS_TOKEN");
    return missing;
}

nlohmann::json check(bool ok, std::string_view detail) {
    return {{"ok", ok}, {"detail", detail}};
}

// Those that are broken now, without saying whose: anybody inside may ask.
nlohmann::json invariants(const auditor& audits) {
    std::map<int, int> open;
    for (const auto& one : audits.open()) ++open[one.invariant];
    std::string broken;
    for (const auto& [invariant, conversations] : open) {
        broken +=
            (broken.empty() ? "I" : ", I") + std::to_string(invariant) + ": " + std::to_string(conversations);
    }
    return check(broken.empty(), broken.empty() ? "hold" : "violated, see atende status: " + broken);
}

nlohmann::json shown(const knowledge_state& state) {
    if (!state.fault.empty()) return check(false, "changed files refused: " + state.fault);
    if (state.files == 0) return check(true, "none");
    return check(true,
                 std::to_string(state.files) + " files, " + std::to_string(state.characters) + " characters");
}

// Where the first problem is; what it says may quote a file.
nlohmann::json shown(const live_profile& profile, const knowledge_base& knowledge) {
    const auto& refused = profile.refused();
    const auto label = profile.serving().label(knowledge.version());
    if (refused.empty()) return check(true, label);
    const auto& first = refused.front();
    return check(false,
                 fmt::format("{} serves, the changed files are refused: {} problem(s), the first in {}{}; "
                             "see the log or `atende check`",
                             label, refused.size(), first.file,
                             first.line > 0 ? ":" + std::to_string(first.line) : ""));
}

nlohmann::json spoken_answers(const settings& configured) {
    if (const auto problem = speaking_problem(configured))
        return check(false, problem->in(language::english));
    return check(true, configured.audio_replies ? configured.audio_reply_model : "off");
}

// Times are Unix ms.
nlohmann::json shown(const intake_state& state) {
    nlohmann::json since;
    if (state.redis_away_since_ms) since = *state.redis_away_since_ms;
    return {{"redis_away_since_ms", since},           {"spooled_webhooks", state.spool.webhooks},
            {"spooled_bytes", state.spool.bytes},     {"draining", state.spool.draining},
            {"journal_errors", state.journal.errors}, {"journal_lost", state.journal.lost}};
}

} // namespace

health::health(const settings& configured, redis_client& redis, turn_engine& engine, const intake& taker,
               const auditor& audits, const knowledge_base& knowledge, const live_profile& profile)
    : settings_(configured),
      redis_(redis),
      engine_(engine),
      taker_(taker),
      audits_(audits),
      knowledge_(knowledge),
      profile_(profile) {}

void health::add_routes(http_server& server) {
    auto is_alive = [this](http_request request) { return alive(std::move(request)); };
    auto is_ready = [this](http_request request) { return ready(std::move(request)); };
    server.add({.method = "GET", .path = "/health", .handle = std::move(is_alive)});
    server.add({.method = "GET", .path = "/health/ready", .handle = std::move(is_ready)});
}

awaitable<http_reply> health::alive(http_request) {
    co_return json_reply(200, R"({"status":"ok"})");
}

awaitable<http_reply> health::ready(http_request) {
    // A write: a Redis that is full, or became a replica, still answers PING.
    const auto written = co_await redis_.command({"SET", "atende:ready", "1", "PX", "1000"});
    const std::string missing = missing_for_instagram(settings_);
    // Without an account the simulator is a complete channel of its own.
    const bool channel_ok =
        missing.empty() || (settings_.simulator && settings_.environment == app_environment::dev);
    const std::string channel = missing.empty()       ? "configured"
                                : settings_.simulator ? "simulator only; not set: " + missing
                                                      : "not set: " + missing;
    const bool ok = written.has_value() && channel_ok;
    const nlohmann::json body{
        {"status", ok ? "ok" : "unavailable"},
        {"running_turns", engine_.running()},
        {"intake", shown(taker_.state())},
        {"checks",
         {{"redis", check(written.has_value(), written ? "takes writes" : written.error().detail)},
          {"model",
           check(true, settings_.offline() ? "offline script" : model_name(settings_, profile_.serving()))},
          {"instagram", check(channel_ok, channel)},
          {"knowledge", shown(knowledge_.state())},
          {"profile", shown(profile_, knowledge_)},
          {"spoken_answers", spoken_answers(settings_)},
          {"invariants", invariants(audits_)}}}};
    co_return json_reply(ok ? 200 : 503, json_text(body));
}

bool is_healthy(const std::string& url) {
    asio::io_context loop(1);
    bool healthy = false;
    {
        const auto http = make_curl_client(loop.get_executor(), "atende-health/" ATENDE_VERSION);
        auto ended = [&](const std::exception_ptr& failure, const result<http_answer>& answer) {
            healthy = !failure && answer && answer->status == 200;
            loop.stop();
        };
        asio::co_spawn(loop, http->perform({.url = url + "/health", .timeout = std::chrono::seconds(5)}),
                       std::move(ended));
        loop.run();
    }
    return healthy;
}

} // namespace atende
