#include "agent/mcp/session.hpp"

#include "agent/operation_number.hpp"

#include <fmt/format.h>

#include <atende/platform/json.hpp>
#include <atende/platform/log.hpp>

namespace atende {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using steady = std::chrono::steady_clock;

constexpr auto probe_timeout = milliseconds(5'000);
constexpr auto handshake_timeout = milliseconds(60'000); // npx may have to install the server first
constexpr int max_pages = 50;
constexpr std::size_t max_tools = 500;
constexpr std::size_t max_list_bytes = 4 << 20;
constexpr std::size_t max_cursor_bytes = 4 << 10;

std::string refusal(const rpc_error& error) {
    return fmt::format("it answered {} ({})", printable(error.message), error.code);
}

// The modern protocol, or none if the server is to be spoken to as a legacy one.
awaitable<result<std::optional<mcp_protocol>>> probe(mcp_transport& transport) {
    const mcp_protocol modern{.version = std::string(modern_version), .modern = true};
    transport.speak(modern);
    auto answer = co_await transport.request(
        {.method = "server/discover", .params = with_meta(json::object(), modern), .timeout = probe_timeout});
    const bool nobody_there = !answer && transport.is_open() && answer.error().code == errc::unavailable;
    if (!answer && (nobody_there || answer.error().code == errc::rejected))
        co_return std::unexpected(std::move(answer.error()));
    // Silence, an end, a page of HTML: what a server does that has never heard of it.
    if (!answer) co_return std::nullopt;
    const auto era = judge_probe(*answer);
    if (!era) co_return std::unexpected(era.error());
    if (*era == mcp_era::legacy) co_return std::nullopt;
    if (const auto& said = **answer; said.contains("/capabilities/tools/listChanged"_json_pointer) &&
                                     said.at("/capabilities/tools/listChanged"_json_pointer) == true) {
        transport.listen(with_meta({{"notifications", {{"toolsListChanged", true}}}}, modern));
    }
    co_return modern;
}

// The agreed protocol, if any, always has a value.
awaitable<result<std::optional<mcp_protocol>>> initialize(mcp_transport& transport) {
    transport.speak({});
    auto answer = co_await transport.request(
        {.method = "initialize", .params = initialize_params(), .timeout = handshake_timeout});
    if (!answer) co_return std::unexpected(std::move(answer.error()));
    if (!*answer) {
        // Or is it a modern one that was still starting when we asked for its era?
        const std::string why = refusal(answer->error());
        auto second = co_await probe(transport);
        if (second && *second) co_return second;
        co_return fail(errc::protocol, why);
    }
    const auto agreed = judge_initialize(**answer);
    if (!agreed) co_return std::unexpected(agreed.error());
    transport.speak(*agreed);
    co_await transport.notify("notifications/initialized", json());
    co_return *agreed;
}

} // namespace

awaitable<result<std::shared_ptr<mcp_session>>> open_session(transport_factory make_transport) {
    auto transport = make_transport();
    if (!transport) co_return std::unexpected(std::move(transport.error()));
    auto agreed = co_await probe(**transport);
    if (agreed && !*agreed && !(*transport)->is_open()) {
        // Some legacy servers end when they hear what they do not know.
        co_await (*transport)->close();
        transport = make_transport();
        if (!transport) co_return std::unexpected(std::move(transport.error()));
    }
    if (agreed && !*agreed) agreed = co_await initialize(**transport);
    if (agreed) co_return std::make_shared<mcp_session>(*transport, **agreed);
    co_await (*transport)->close();
    co_return std::unexpected(std::move(agreed.error()));
}

awaitable<result<std::vector<json>>> mcp_session::list_tools(milliseconds timeout) {
    const auto deadline = steady::now() + timeout;
    std::vector<json> tools;
    std::size_t bytes = 0;
    json params = json::object();
    for (int page = 0; page < max_pages; ++page) {
        const auto left = std::chrono::ceil<milliseconds>(deadline - steady::now());
        if (left <= milliseconds(0)) co_return fail(errc::timed_out, "its list of tools takes too long");
        auto answer = co_await transport_->request(
            {.method = "tools/list", .params = with_meta(params, protocol_), .timeout = left});
        if (!answer) co_return std::unexpected(std::move(answer.error()));
        if (!*answer) co_return fail(errc::protocol, refusal(answer->error()));
        const json& listing = **answer;
        const auto listed = listing.find("tools");
        if (listed == listing.end() || !listed->is_array())
            co_return fail(errc::protocol, "it answered tools/list without `tools`");
        tools.insert(tools.end(), listed->begin(), listed->end());
        const auto next = listing.find("nextCursor");
        if (next == listing.end() || !next->is_string()) co_return tools;
        bytes += json_text(*listed).size();
        if (tools.size() > max_tools || bytes > max_list_bytes ||
            next->get_ref<const std::string&>().size() > max_cursor_bytes)
            break;
        params["cursor"] = *next;
    }
    co_return fail(errc::protocol, "its list of tools has no end");
}

awaitable<result<rpc_answer>> mcp_session::call(tool_request request,
                                                std::vector<header_parameter> mirrored) {
    json params{{"name", request.name},
                {"arguments", request.arguments},
                {"_meta", {{"atende/operationId", operation_number(request.operation_id)}}}};
    rpc_call call{.method = "tools/call", .timeout = request.timeout};
    if (protocol_.modern) call.headers = filled_headers(mirrored, request.arguments);
    call.params = with_meta(std::move(params), protocol_);
    co_return co_await transport_->request(std::move(call));
}

} // namespace atende
