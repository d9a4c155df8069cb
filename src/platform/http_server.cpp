#include "platform/http_session.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <algorithm>
#include <atende/platform/http_server.hpp>
#include <atende/platform/log.hpp>
#include <atende/platform/text.hpp>
#include <unordered_map>
#include <unordered_set>

namespace atende {
namespace {

using asio::ip::tcp;
using steady = std::chrono::steady_clock;

// A name or value of a query, as forms and Meta write it.
std::string query_decoded(std::string_view text) {
    std::string with_spaces(text);
    std::ranges::replace(with_spaces, '+', ' ');
    return percent_decoded(with_spaces);
}

} // namespace

struct http_server::state : std::enable_shared_from_this<http_server::state> {
    state(asio::any_io_executor on, http_server_limits limits)
        : executor(on),
          acceptor(on),
          tasks(on),
          sweep_timer(on),
          service(std::make_shared<http_service>()) {
        service->limits = limits;
    }

    asio::any_io_executor executor;
    tcp::acceptor acceptor;
    task_group tasks;
    asio::steady_timer sweep_timer;
    std::shared_ptr<http_service> service;
    std::unordered_set<std::shared_ptr<http_session>> sessions;
    std::unordered_map<std::string, std::size_t> sessions_of_peer;

    awaitable<void> accept_all() {
        const auto self = shared_from_this();
        while (acceptor.is_open()) {
            auto [failed, socket] = co_await acceptor.async_accept(asio::as_tuple(use_awaitable));
            if (failed == asio::error::operation_aborted) co_return;
            if (failed) { // out of descriptors: wait for some to be closed
                co_await sleep_for(std::chrono::milliseconds(50));
                continue;
            }
            boost::system::error_code ignored;
            socket.set_option(tcp::no_delay(true), ignored);
            const auto endpoint = socket.remote_endpoint(ignored);
            auto session =
                std::make_shared<http_session>(std::move(socket), service, endpoint.address().to_string());
            tasks.start("http session", serve(std::move(session)));
        }
    }

    awaitable<void> serve(std::shared_ptr<http_session> session) {
        const auto self = shared_from_this();
        std::size_t& of_peer = sessions_of_peer[session->peer()];
        const bool room =
            sessions.size() < service->limits.connections && of_peer < service->limits.connections_per_peer;
        sessions.insert(session);
        ++of_peer;
        if (room) {
            co_await session->run();
        } else {
            co_await session->refuse();
        }
        sessions.erase(session);
        const auto counted = sessions_of_peer.find(session->peer());
        if (--counted->second == 0) sessions_of_peer.erase(counted);
    }

    awaitable<void> close_overdue() {
        const auto self = shared_from_this();
        while (!service->stopping || !sessions.empty()) {
            sweep_timer.expires_after(std::chrono::milliseconds(250));
            co_await sweep_timer.async_wait(asio::as_tuple(use_awaitable));
            const auto now = steady::now();
            for (const auto& session : sessions) {
                if (session->is_overdue(now)) session->close();
            }
        }
    }
};

http_server::http_server(asio::any_io_executor executor, http_server_limits limits)
    : state_(std::make_shared<state>(std::move(executor), limits)) {}

http_server::~http_server() = default;

void http_server::add(http_route route) {
    state_->service->routes.push_back(std::move(route));
}

result<std::uint16_t> http_server::listen(const std::string& address, std::uint16_t port) {
    boost::system::error_code failed;
    const auto ip = asio::ip::make_address(address, failed);
    if (failed) return fail(errc::invalid_input, "HOST must be an IP address, got " + printable(address));
    auto& acceptor = state_->acceptor;
    const tcp::endpoint endpoint(ip, port);
    acceptor.open(endpoint.protocol(), failed);
    if (!failed) acceptor.set_option(tcp::acceptor::reuse_address(true), failed);
    if (!failed) acceptor.bind(endpoint, failed);
    if (!failed) acceptor.listen(asio::socket_base::max_listen_connections, failed);
    if (failed) {
        return fail(errc::unavailable, "cannot listen on " + address + " port " + std::to_string(port) +
                                           ": " + failed.message());
    }
    state_->tasks.start("http accept", state_->accept_all());
    state_->tasks.start("http deadlines", state_->close_overdue());
    return acceptor.local_endpoint().port();
}

void http_server::stop_accepting() {
    boost::system::error_code ignored;
    state_->acceptor.close(ignored);
}

awaitable<void> http_server::stop(std::chrono::steady_clock::duration grace) {
    const auto s = state_;
    s->service->stopping = true;
    stop_accepting();
    for (const auto& session : s->sessions) {
        if (session->is_idle()) session->close();
    }
    const auto deadline = steady::now() + grace;
    while (!s->sessions.empty() && steady::now() < deadline) co_await sleep_for(std::chrono::milliseconds(5));
    for (const auto& session : s->sessions) session->close();
    s->sweep_timer.cancel();
    co_await s->tasks.finish(std::chrono::seconds(1));
}

std::string_view http_request::header(std::string_view lower_case_name) const {
    for (const auto& [name, value] : headers) {
        if (name == lower_case_name) return value;
    }
    return {};
}

std::string http_request::query_value(std::string_view name) const {
    std::string_view rest = query;
    while (!rest.empty()) {
        const std::string_view pair = rest.substr(0, rest.find('&'));
        rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
        const std::size_t equals = pair.find('=');
        if (query_decoded(pair.substr(0, equals)) != name) continue;
        return equals == std::string_view::npos ? std::string{} : query_decoded(pair.substr(equals + 1));
    }
    return {};
}

http_reply json_reply(int status, std::string body) {
    return {.status = status, .content_type = "application/json", .body = std::move(body), .headers = {}};
}

http_reply text_reply(int status, std::string body) {
    return {.status = status,
            .content_type = "text/plain; charset=utf-8",
            .body = std::move(body),
            .headers = {}};
}

http_reply error_reply(int status, std::string_view message) {
    std::string body = R"({"error":{"message":")";
    append_json_escaped(body, message);
    body += "\"}}";
    return json_reply(status, std::move(body));
}

} // namespace atende
