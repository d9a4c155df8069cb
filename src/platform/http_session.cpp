#include "platform/http_session.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/rfc7230.hpp>

#include <algorithm>
#include <array>
#include <atende/platform/log.hpp>
#include <atende/platform/text.hpp>
#include <ctime>
#include <optional>

namespace atende {
namespace {

namespace http = boost::beast::http;
using steady = std::chrono::steady_clock;

constexpr std::size_t read_size = 8 << 10;
constexpr std::size_t kept_buffer = 32 << 10;

std::string_view view(boost::beast::string_view text) {
    return {text.data(), text.size()};
}

struct route_match {
    const http_route* route = nullptr;
    std::string allowed; // methods of this path, when the path exists and the method does not
};

route_match find_route(const std::vector<http_route>& routes, std::string_view method,
                       std::string_view path) {
    route_match match;
    const std::string_view wanted = method == "HEAD" ? "GET" : method;
    for (const auto& route : routes) {
        const bool below = route.path.ends_with("/*") &&
                           path.starts_with(std::string_view(route.path).substr(0, route.path.size() - 1));
        if (!below && route.path != path) continue;
        if (route.method == wanted) {
            match.route = &route;
            return match;
        }
        if (!match.allowed.empty()) match.allowed += ", ";
        match.allowed += route.method;
    }
    return match;
}

bool has_media_type(std::string_view content_type, std::string_view wanted) {
    const std::string_view media = content_type.substr(0, content_type.find(';'));
    const std::string_view name = media.substr(0, media.find_last_not_of(' ') + 1);
    return lower_case(name) == wanted;
}

// Empty when the header is fine for `route`; otherwise the reply that refuses it.
std::optional<http_reply> problem_with(const http::request_header<>& header, const http_route& route) {
    if (header.version() >= 11 && header[http::field::host].empty())
        return error_reply(400, "Host header is missing");
    if (header.count(http::field::content_length) > 1)
        return error_reply(400, "more than one Content-Length");
    const std::string coding = lower_case(view(header[http::field::transfer_encoding]));
    if (!coding.empty() && coding != "chunked") return error_reply(400, "Transfer-Encoding must be chunked");
    const std::string_view encoding = view(header[http::field::content_encoding]);
    if (!encoding.empty() && encoding != "identity")
        return error_reply(415, "Content-Encoding is not accepted");
    if (!route.required_content_type.empty() &&
        !has_media_type(view(header[http::field::content_type]), route.required_content_type)) {
        return error_reply(415, "Content-Type must be " + route.required_content_type);
    }
    return std::nullopt;
}

http_request plain_request(http::request<http::string_body>&& message, const std::string& peer) {
    http_request request;
    request.method = view(message.method_string());
    const std::string_view target = view(message.target());
    const std::size_t question = target.find('?');
    request.path = target.substr(0, question);
    if (question != std::string_view::npos) request.query = target.substr(question + 1);
    request.headers.reserve(12);
    for (const auto& field : message) {
        request.headers.emplace_back(lower_case(view(field.name_string())), view(field.value()));
    }
    request.body = std::move(message.body());
    request.peer = peer;
    return request;
}

// The time for the Date header; formatted once a second.
const std::string& http_date() {
    static std::time_t formatted = 0;
    static std::string text;
    const std::time_t now = std::time(nullptr);
    if (now != formatted) {
        formatted = now;
        std::tm utc{};
        gmtime_r(&now, &utc);
        std::array<char, 40> buffer{};
        const std::size_t length =
            std::strftime(buffer.data(), buffer.size(), "%a, %d %b %Y %H:%M:%S GMT", &utc);
        text.assign(buffer.data(), length);
    }
    return text;
}

std::string wire_format(const http_reply& reply, bool keep_alive, bool head_only, unsigned version) {
    std::string out;
    out.reserve(256 + reply.body.size());
    out += "HTTP/1.1 ";
    out += std::to_string(reply.status);
    out += ' ';
    out += view(http::obsolete_reason(static_cast<http::status>(reply.status)));
    out += "\r\nDate: ";
    out += http_date();
    if (!reply.content_type.empty()) out.append("\r\nContent-Type: ").append(reply.content_type);
    for (const auto& [name, value] : reply.headers)
        out.append("\r\n").append(name).append(": ").append(value);
    out.append("\r\nContent-Length: ").append(std::to_string(reply.body.size()));
    if (!keep_alive) out += "\r\nConnection: close";
    if (keep_alive && version < 11) out += "\r\nConnection: keep-alive";
    out += "\r\n\r\n";
    if (!head_only) out += reply.body;
    return out;
}

awaitable<http_reply> handled(const http_route& route, http_request request) {
    std::string failure;
    try {
        co_return co_await route.handle(std::move(request));
    } catch (const std::exception& e) {
        failure = e.what();
    }
    spdlog::error("http: {} {} failed: {}", route.method, route.path, printable(failure));
    co_return error_reply(500, "internal error");
}

http_reply busy_reply(std::string_view with) {
    http_reply busy = error_reply(503, with);
    busy.headers.emplace_back("Retry-After", "1");
    return busy;
}

http_reply reply_for_bad_request(const boost::beast::error_code& failure) {
    if (failure == http::error::header_limit) return error_reply(431, "request header too large");
    if (failure == http::error::body_limit) return error_reply(413, "body too large");
    if (failure == asio::error::no_buffer_space) return busy_reply("too many bodies at once");
    return error_reply(400, "malformed request");
}

} // namespace

http_session::http_session(asio::ip::tcp::socket socket, std::shared_ptr<http_service> service,
                           std::string peer)
    : socket_(std::move(socket)),
      service_(std::move(service)),
      peer_(std::move(peer)) {
    expire_in(service_->limits.idle_deadline);
}

void http_session::expire_in(std::chrono::milliseconds time) {
    deadline_ = steady::now() + time;
}

void http_session::close() {
    boost::system::error_code ignored;
    socket_.close(ignored);
}

awaitable<void> http_session::run() {
    while (co_await serve_one() == next::keep_alive) {
        if (buffer_.capacity() > kept_buffer) buffer_.shrink_to_fit();
    }
    close();
}

awaitable<void> http_session::refuse() {
    co_await reject(busy_reply("too many connections"));
    close();
}

awaitable<bool> http_session::read_more() {
    const auto [failed, count] =
        co_await socket_.async_read_some(buffer_.prepare(read_size), asio::as_tuple(use_awaitable));
    if (failed) co_return false;
    buffer_.commit(count);
    co_return true;
}

awaitable<bool> http_session::read_header(parser& p) {
    p.header_limit(static_cast<std::uint32_t>(service_->limits.header_bytes));
    p.body_limit(
        boost::none); // the route's own limit is set once the route is known, before any of the body is read
    idle_ = buffer_.size() == 0;
    expire_in(idle_ ? service_->limits.idle_deadline : service_->limits.header_deadline);
    std::size_t taken = 0;
    while (true) {
        if (buffer_.size() > 0) {
            if (idle_) expire_in(service_->limits.header_deadline);
            idle_ = false;
            const std::size_t used = p.put(buffer_.data(), parse_failure_);
            buffer_.consume(used);
            taken += used;
            // Beast's own limit begins anew with every line it has taken.
            if (taken > service_->limits.header_bytes) parse_failure_ = http::error::header_limit;
            if (p.is_header_done()) co_return true;
            if (parse_failure_ && parse_failure_ != http::error::need_more) co_return true;
        }
        if (service_->stopping && idle_) co_return false;
        if (!co_await read_more()) co_return false;
    }
}

awaitable<bool> http_session::read_body(parser& p, body_share& share) {
    p.eager(true);
    expire_in(service_->limits.body_deadline);
    while (!p.is_done()) {
        if (buffer_.size() > 0) {
            parse_failure_ = {};
            const std::size_t used = p.put(buffer_.data(), parse_failure_);
            buffer_.consume(used);
            if (parse_failure_ && parse_failure_ != http::error::need_more) co_return true;
            if (!share.grow(used)) {
                parse_failure_ = asio::error::no_buffer_space;
                co_return true;
            }
            if (used > 0) continue;
            if (buffer_.size() > service_->limits.header_bytes) { // a chunk's size line that never ends
                parse_failure_ = http::error::bad_chunk_extension;
                co_return true;
            }
        }
        if (!co_await read_more()) co_return false;
    }
    parse_failure_ = {};
    co_return true;
}

awaitable<bool> http_session::invite_body(const parser& p) {
    if (p.is_done() || lower_case(view(p.get()[http::field::expect])) != "100-continue") co_return true;
    static constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
    const auto [failed, count] =
        co_await asio::async_write(socket_, asio::buffer(go_on), asio::as_tuple(use_awaitable));
    co_return !failed && count == go_on.size();
}

awaitable<http_session::next> http_session::serve_one() {
    parser p;
    parse_failure_ = {};
    if (!co_await read_header(p)) co_return next::close;
    if (parse_failure_) co_return co_await reject(reply_for_bad_request(parse_failure_));

    const std::string_view target = view(p.get().target());
    const auto match =
        find_route(service_->routes, view(p.get().method_string()), target.substr(0, target.find('?')));
    if (match.route == nullptr) {
        http_reply refusal =
            match.allowed.empty() ? error_reply(404, "no such path") : error_reply(405, "method not allowed");
        if (!match.allowed.empty()) refusal.headers.emplace_back("Allow", match.allowed);
        const bool has_body = p.chunked() || p.content_length().value_or(0) > 0;
        if (has_body) co_return co_await reject(std::move(refusal));
        co_return co_await answer(refusal, p.keep_alive(), p.get().method() == http::verb::head,
                                  p.get().version());
    }
    const http_route& route = *match.route;
    if (auto problem = problem_with(p.get(), route)) co_return co_await reject(*std::move(problem));
    if (p.content_length().value_or(0) > route.max_body_bytes)
        co_return co_await reject(error_reply(413, "body too large"));
    p.body_limit(route.max_body_bytes);
    if (!co_await invite_body(p)) co_return next::close;
    body_share share(*service_);
    if (!co_await read_body(p, share)) co_return next::close;
    if (parse_failure_) co_return co_await reject(reply_for_bad_request(parse_failure_));
    share.release();

    const bool keep_alive = p.keep_alive();
    const bool head_only = p.get().method() == http::verb::head;
    const unsigned version = p.get().version();
    deadline_ = steady::time_point::max(); // the handler's own deadlines count now
    const http_reply reply = co_await handled(route, plain_request(p.release(), peer_));
    co_return co_await answer(reply, keep_alive && !service_->stopping, head_only, version);
}

awaitable<http_session::next> http_session::answer(const http_reply& reply, bool keep_alive, bool head_only,
                                                   unsigned version) {
    const std::string bytes = wire_format(reply, keep_alive, head_only, version);
    expire_in(service_->limits.write_deadline);
    const auto [failed, count] =
        co_await asio::async_write(socket_, asio::buffer(bytes), asio::as_tuple(use_awaitable));
    co_return !failed && count == bytes.size() && keep_alive ? next::keep_alive : next::close;
}

awaitable<http_session::next> http_session::reject(http_reply reply) {
    co_await answer(reply, false, false, 11);
    co_await linger();
    co_return next::close;
}

// Closing while the peer still sends would reset the connection and destroy the answer before it is read.
awaitable<void> http_session::linger() {
    boost::system::error_code ignored;
    socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
    expire_in(std::chrono::milliseconds(1'000));
    std::array<char, 4 << 10> discarded{};
    std::size_t total = 0;
    while (total < (1U << 20U)) {
        const auto [failed, count] =
            co_await socket_.async_read_some(asio::buffer(discarded), asio::as_tuple(use_awaitable));
        if (failed) co_return;
        total += count;
    }
}

} // namespace atende
