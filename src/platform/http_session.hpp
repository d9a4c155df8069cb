// One connection of the HTTP server. Private to platform/.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <atende/platform/http_server.hpp>
#include <memory>
#include <span>
#include <string>
#include <utility>

namespace atende {

// What a session needs of its server.
struct http_service {
    std::vector<http_route> routes;
    http_server_limits limits;
    std::size_t body_bytes = 0; // arrived, of bodies that are still being read
    bool stopping = false;
};

// One body's part of them.
class body_share {
public:
    explicit body_share(http_service& of) : service_(of) {}
    ~body_share() { release(); }
    body_share(const body_share&) = delete;
    body_share& operator=(const body_share&) = delete;

    // False: that is more than all bodies together may have.
    [[nodiscard]] bool grow(std::size_t bytes) {
        bytes_ += bytes;
        service_.body_bytes += bytes;
        return service_.body_bytes <= service_.limits.body_bytes;
    }
    void release() { service_.body_bytes -= std::exchange(bytes_, 0); }

private:
    http_service& service_;
    std::size_t bytes_ = 0;
};

class http_session {
public:
    http_session(asio::ip::tcp::socket socket, std::shared_ptr<http_service> service, std::string peer);

    // Serves requests until the connection ends. Never throws.
    awaitable<void> run();
    // Answers 503 and closes: the server has no room.
    awaitable<void> refuse();

    // The server looks at every session's deadline a few times a second: cheaper than re-arming a timer per
    // read.
    [[nodiscard]] bool is_overdue(std::chrono::steady_clock::time_point now) const {
        return now >= deadline_;
    }
    [[nodiscard]] bool is_idle() const { return idle_; }
    void close();

    [[nodiscard]] const std::string& peer() const { return peer_; }

private:
    using parser = boost::beast::http::request_parser<boost::beast::http::string_body>;
    // What to do after a request or a failure to read one.
    enum class next { keep_alive, close };

    awaitable<next> serve_one();
    awaitable<bool> read_header(parser& p);
    awaitable<bool> read_body(parser& p, body_share& share);
    awaitable<bool> read_more();
    awaitable<bool> invite_body(const parser& p);
    awaitable<next> answer(const http_reply& reply, bool keep_alive, bool head_only, unsigned version);
    awaitable<next> reject(http_reply reply);
    awaitable<void> linger();
    void expire_in(std::chrono::milliseconds time);

    asio::ip::tcp::socket socket_;
    std::shared_ptr<http_service> service_;
    std::string peer_;
    boost::beast::flat_buffer buffer_;
    boost::beast::error_code parse_failure_;
    std::chrono::steady_clock::time_point deadline_ = std::chrono::steady_clock::time_point::max();
    bool idle_ = true;
};

} // namespace atende
