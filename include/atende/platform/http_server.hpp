// Incoming HTTP/1.1 on one event loop. Handlers see plain structs; Beast stays inside.
#pragma once

#include <atende/platform/async.hpp>
#include <atende/platform/result.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace atende {

struct http_request {
    std::string method;
    std::string path;  // percent-decoding is the route's business: this is the raw path, without the query
    std::string query; // raw, without '?'
    std::vector<std::pair<std::string, std::string>> headers; // names in lower case, in the order received
    std::string body;
    std::string peer; // address of the connecting host, no port

    // First value of that header; empty if absent.
    [[nodiscard]] std::string_view header(std::string_view lower_case_name) const;
    // Percent-decoded value of a query parameter; empty if absent.
    [[nodiscard]] std::string query_value(std::string_view name) const;
};

struct http_reply {
    int status = 200;
    std::string content_type = "application/json";
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers;
};

http_reply json_reply(int status, std::string body);
http_reply text_reply(int status, std::string body);
// {"error":{"message":…}} with the status; `message` is shown to whoever called.
http_reply error_reply(int status, std::string_view message);

using http_handler = std::function<awaitable<http_reply>(http_request)>;

struct http_route {
    std::string method;
    std::string path; // exact; one ending in "/*" matches everything below it
    http_handler handle;
    std::size_t max_body_bytes = 64 << 10;
    std::string required_content_type; // media type; another one is answered 415. Empty: anything
};

struct http_server_limits {
    std::size_t header_bytes = 16 << 10;
    std::size_t body_bytes = 64 << 20; // of all bodies that are being read at one time
    std::size_t connections = 4'096;
    std::size_t connections_per_peer = 1'024;          // a reverse proxy is one peer
    std::chrono::milliseconds header_deadline{10'000}; // from the first byte of a request
    std::chrono::milliseconds body_deadline{15'000};
    std::chrono::milliseconds idle_deadline{60'000};
    std::chrono::milliseconds write_deadline{15'000};
};

// Routes are fixed before `listen`. Wrong requests never reach a handler: 400 malformed, 404 no such path,
// 405 with Allow, 413 body over the route's limit (judged by Content-Length before a byte of it is read, and
// while counting chunks), 415 content type or any Content-Encoding, 431 header too large, 503 when
// `connections` is reached, or `body_bytes` by what has arrived: then the body whose bytes came last is
// refused. A handler that throws is answered 500 and logged.
class http_server {
public:
    http_server(asio::any_io_executor executor, http_server_limits limits);
    ~http_server();
    http_server(const http_server&) = delete;
    http_server& operator=(const http_server&) = delete;

    void add(http_route route);
    // Starts accepting; port 0 picks a free one. Returns the port.
    result<std::uint16_t> listen(const std::string& address, std::uint16_t port);
    // New connections are refused from now on; those that exist are still served.
    void stop_accepting();
    // Stops accepting, lets requests under way finish for at most `grace`, closes every connection.
    awaitable<void> stop(std::chrono::steady_clock::duration grace);

private:
    struct state;
    std::shared_ptr<state> state_;
};

} // namespace atende
