#include "turns/live_event_data.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <atende/platform/server_sent_events.hpp>
#include <atende/turns/live_stream.hpp>

namespace atende {
namespace {

using nlohmann::json;
using steady = std::chrono::steady_clock;

// Proxies close what is silent for a minute, and a reader that has left is only noticed by writing.
constexpr std::chrono::milliseconds heartbeat{15'000};
constexpr std::string_view nothing_happened = ":\n\n";
constexpr std::string_view reconnect_after = "retry: 2000\n";

std::string on_the_wire(const live_event& event) {
    return wire_format({.id = event.id, .name = event.type, .data = event.data});
}

bool ends_wait_for(const message_id& message, const live_event& event) {
    if (message.empty()) return false;
    if (event.type == "error") return true;
    if (event.type != "complete") return false;
    // Without answers: a worker that died had planned it, and it is not known any more for whom.
    const auto body = json::parse(event.data, nullptr, false);
    const auto answers = body.value("answers", json::array());
    return answers.empty() || std::ranges::find(answers, json(message.value)) != answers.end();
}

awaitable<void> tell(std::shared_ptr<live_follower> follower, live_stream_options options,
                     http_body& reader) {
    draft_view draft(!follower->resumed());
    // With the place where it begins: a reader that is cut off before the first event comes back to it.
    std::string out = fmt::format("{}id: {}\n\n", reconnect_after, follower->position());
    if (options.first) {
        options.first->id = follower->position();
        out += on_the_wire(*options.first);
    }
    const auto end =
        options.longest.count() > 0 ? steady::now() + options.longest : steady::time_point::max();
    bool over = false;
    while (co_await reader.write(std::exchange(out, {})) && !over && steady::now() < end) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - steady::now());
        auto events = co_await follower->next(std::min(heartbeat, left));
        if (!events) co_return;
        for (auto& event : *events) {
            over = over || ends_wait_for(options.until, event);
            draft.adapt(event);
            if (options.is_public) make_public(event);
            out += on_the_wire(event);
            if (over) break;
        }
        if (events->empty()) out = nothing_happened;
    }
}

} // namespace

std::string last_event_id_of(const http_request& request) {
    const std::string_view header = request.header("last-event-id");
    return header.empty() ? request.query_value("last_event_id") : std::string(header);
}

http_reply stream_reply(std::shared_ptr<live_follower> follower, live_stream_options options) {
    http_reply reply{.status = 200, .content_type = "text/event-stream", .body = {}, .headers = {}};
    reply.headers = {{"Cache-Control", "no-store"},
                     {"X-Content-Type-Options", "nosniff"},
                     {"X-Accel-Buffering", "no"}}; // nginx would hold events back
    reply.stream = [follower = std::move(follower), options = std::move(options)](http_body& reader) {
        return tell(follower, options, reader);
    };
    return reply;
}

http_reply no_stream_reply(const error& why) {
    if (why.code == errc::invalid_input) return error_reply(400, why.detail);
    auto reply =
        error_reply(503, why.code == errc::rejected ? why.detail : "storage is unavailable, try again");
    reply.headers.emplace_back("Retry-After", "5");
    return reply;
}

} // namespace atende
