#include "people/admin_access.hpp"

#include <atende/people/event_api.hpp>
#include <atende/platform/log.hpp>
#include <atende/platform/text.hpp>
#include <atende/turns/live_stream.hpp>

namespace atende {
namespace {

constexpr std::string_view before = "/api/conversations/", behind = "/events";

// Of "/api/conversations/ig%3A178%3A1001/events"; empty if the path is another.
std::string name_in(std::string_view path) {
    if (!path.starts_with(before) || !path.ends_with(behind)) return {};
    path.remove_prefix(before.size());
    path.remove_suffix(std::min(path.size(), behind.size()));
    return percent_decoded(path);
}

} // namespace

event_api::event_api(token_gate& gate, operator_store& view, live_events& events)
    : gate_(gate),
      view_(view),
      events_(events) {}

void event_api::add_routes(http_server& server) {
    auto handle = [this](http_request request) { return follow(std::move(request)); };
    server.add({.method = "GET", .path = std::string(before) + "*", .handle = std::move(handle)});
}

awaitable<http_reply> event_api::follow(http_request request) {
    if (auto refusal = admin_refusal(gate_, request, std::chrono::steady_clock::now()))
        co_return *std::move(refusal);
    const std::string name = name_in(request.path);
    if (name.empty()) co_return error_reply(404, "no such path");
    auto found = co_await view_.find(name);
    if (!found && found.error().code == errc::invalid_input) co_return error_reply(400, found.error().detail);
    if (!found) co_return no_stream_reply(found.error());
    if (found->empty()) co_return error_reply(404, "no conversation with this contact");
    if (found->size() > 1)
        co_return error_reply(409, "several conversations are meant; name one of them whole");
    const std::string whose = found->front().text();
    auto follower =
        co_await events_.follow(std::move(found->front()), last_event_id_of(request), live_reader::shop);
    if (!follower) co_return no_stream_reply(follower.error());
    spdlog::info("[ADMIN] {} follows {}", printable(request.peer, 64), printable(whose));
    co_return stream_reply(*std::move(follower), {});
}

} // namespace atende
