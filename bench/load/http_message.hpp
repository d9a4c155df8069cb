// Just enough HTTP/1.1 for both ends of a measurement: heads of the shape that the measured programs write,
// bodies with a Content-Length.
#pragma once

#include <boost/asio/ip/tcp.hpp>

#include <atende/platform/async.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace bench {

namespace asio = boost::asio;
using asio::ip::tcp;
using atende::awaitable;
using atende::use_awaitable;

struct http_message {
    std::string head; // first line and fields
    std::string body;

    [[nodiscard]] int status() const; // of a response
};

class http_stream {
public:
    explicit http_stream(tcp::socket socket);

    // False when the peer has closed.
    awaitable<bool> write(std::string_view bytes);
    // Nothing when the peer has closed.
    awaitable<std::optional<http_message>> read();

private:
    awaitable<bool> read_more();

    tcp::socket socket_;
    std::string received_;
};

awaitable<http_stream> connect_to(unsigned short port);

} // namespace bench
