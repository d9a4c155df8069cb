#include "agent/mcp/http_transport.hpp"

#include "agent/mcp/header_parameters.hpp"

#include <boost/asio/this_coro.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <atende/platform/log.hpp>
#include <atende/platform/server_sent_events.hpp>
#include <atende/platform/text.hpp>

namespace atende {
namespace {

using std::chrono::milliseconds;
using header_fields = std::vector<std::pair<std::string, std::string>>;

constexpr auto goodbye_timeout = milliseconds(1'000);

bool is_visible_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

class http_transport final : public mcp_transport, public std::enable_shared_from_this<http_transport> {
public:
    http_transport(std::string server, task_group& tasks, http_client& http, std::string url,
                   header_fields headers, notification_sink notified)
        : server_(std::move(server)),
          tasks_(tasks),
          http_(http),
          url_(std::move(url)),
          headers_(std::move(headers)),
          notified_(std::move(notified)) {}

    awaitable<result<rpc_answer>> request(rpc_call call) override {
        const auto self = shared_from_this();
        if (!open_) co_return fail(errc::unavailable, "closed");
        const auto id = ++last_id_;
        auto answer = co_await http_.perform(
            post(rpc_request_text(id, call.method, call.params), fields_of(call), call.timeout));
        if (!answer) {
            // In the modern era the broken connection says it.
            if (!protocol_.modern && call.method != "initialize" && answer.error().code != errc::unavailable)
                call_off(id);
            co_return std::unexpected(std::move(answer.error()));
        }
        if (call.method == "initialize") {
            const auto session = answer->header("mcp-session-id");
            if (is_visible_ascii(session)) session_ = session;
        }
        co_return read(id, *answer);
    }

    awaitable<void> notify(std::string method, nlohmann::json params) override {
        const auto self = shared_from_this();
        co_await http_.perform(post(rpc_notification_text(method, params), {}, milliseconds(10'000)));
    }

    void listen(const nlohmann::json&) override {} // would be a stream without end

    void speak(const mcp_protocol& protocol) override { protocol_ = protocol; }
    [[nodiscard]] bool is_open() const override { return open_; }
    void hang_up() override { open_ = false; }

    awaitable<void> close() override {
        const auto self = shared_from_this();
        open_ = false;
        if (session_.empty()) co_return;
        http_call goodbye = post({}, {}, goodbye_timeout);
        goodbye.method = "DELETE";
        session_.clear();
        co_await http_.perform(std::move(goodbye));
    }

private:
    [[nodiscard]] http_call post(std::string body, header_fields more, milliseconds timeout) const {
        http_call call{.method = "POST", .url = url_, .headers = headers_};
        call.headers.emplace_back("Content-Type", "application/json");
        call.headers.emplace_back("Accept", "application/json, text/event-stream");
        if (!protocol_.version.empty()) call.headers.emplace_back("MCP-Protocol-Version", protocol_.version);
        if (!session_.empty()) call.headers.emplace_back("Mcp-Session-Id", session_);
        std::ranges::move(more, std::back_inserter(call.headers));
        call.body = std::move(body);
        call.timeout = timeout;
        call.max_answer_bytes = max_rpc_bytes;
        call.repeatable = false;
        return call;
    }

    [[nodiscard]] header_fields fields_of(const rpc_call& call) const {
        if (!protocol_.modern) return {};
        header_fields fields{{"Mcp-Method", call.method}};
        if (const auto name = call.params.find("name"); name != call.params.end() && name->is_string())
            fields.emplace_back("Mcp-Name", header_value(name->get<std::string>()));
        fields.insert(fields.end(), call.headers.begin(), call.headers.end());
        return fields;
    }

    void call_off(std::int64_t id) {
        tasks_.start("mcp " + server_ + " cancellation", tell_cancelled(shared_from_this(), id));
    }
    static awaitable<void> tell_cancelled(std::shared_ptr<http_transport> self, std::int64_t id) {
        co_await self->http_.perform(self->post(
            rpc_notification_text("notifications/cancelled", {{"requestId", id}}), {}, goodbye_timeout));
    }

    result<rpc_answer> read(std::int64_t id, const http_answer& answer) {
        if (answer.status == 401 || answer.status == 403)
            return fail(errc::rejected, fmt::format("HTTP {}: look at its `headers`", answer.status));
        // The server has forgotten our session, or ended it: what we asked was not done.
        if (!session_.empty() && (answer.status == 404 || answer.status == 400)) {
            session_.clear();
            open_ = false;
            return fail(errc::unavailable, "the session is over");
        }
        const bool failed = answer.status < 200 || answer.status >= 300;
        if (auto response = response_to(id, answer, failed)) return std::move(response->answer);
        if (!failed) return fail(errc::interrupted, "the answer ended without a response");
        const auto detail = fmt::format("HTTP {}", answer.status);
        if (answer.status == 429 || answer.status == 503) return fail(errc::unavailable, detail);
        return fail(answer.status < 500 ? errc::protocol : errc::interrupted, detail);
    }

    // An error may come without an id, if the request was refused before it was read.
    std::optional<rpc_response> response_to(std::int64_t id, const http_answer& answer, bool failed) {
        std::optional<rpc_response> found;
        const auto take = [&](std::string_view text) {
            auto message = parse_rpc(text);
            if (!message) return;
            if (auto* const response = std::get_if<rpc_response>(&*message)) {
                if (response->id ? *response->id == id : failed) found = std::move(*response);
            } else if (const auto* const note = std::get_if<rpc_notification>(&*message)) {
                notified_(note->method);
            } else {
                spdlog::debug("mcp {}: it asked us something, too late to be answered", server_);
            }
        };
        if (lower_case(answer.header("content-type")).starts_with("text/event-stream")) {
            server_sent_event_reader events(answer.body.size());
            events.feed(answer.body, [&](const server_sent_event& one) { take(one.data); });
        } else {
            take(answer.body);
        }
        return found;
    }

    std::string server_;
    task_group& tasks_;
    http_client& http_;
    std::string url_;
    header_fields headers_;
    notification_sink notified_;
    mcp_protocol protocol_;
    std::string session_;
    std::int64_t last_id_ = 0;
    bool open_ = true;
};

} // namespace

std::shared_ptr<mcp_transport> make_http_transport(std::string server, task_group& tasks, http_client& http,
                                                   std::string url, header_fields headers,
                                                   notification_sink notified) {
    return std::make_shared<http_transport>(std::move(server), tasks, http, std::move(url),
                                            std::move(headers), std::move(notified));
}

} // namespace atende
