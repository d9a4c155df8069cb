#include "load/http_message.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <cstdlib>

namespace bench {
namespace {

std::size_t content_length(std::string_view head) {
    for (const std::string_view name : {"\r\nContent-Length:", "\r\ncontent-length:"}) {
        if (const auto at = head.find(name); at != std::string_view::npos)
            return std::strtoull(head.data() + at + name.size(), nullptr, 10);
    }
    return 0;
}

} // namespace

int http_message::status() const {
    return head.size() > 12 ? std::atoi(head.c_str() + 9) : 0;
}

http_stream::http_stream(tcp::socket socket) : socket_(std::move(socket)) {
    socket_.set_option(tcp::no_delay(true));
}

awaitable<bool> http_stream::write(std::string_view bytes) {
    const auto [failed, count] = co_await asio::async_write(socket_, asio::buffer(bytes.data(), bytes.size()),
                                                            asio::as_tuple(use_awaitable));
    co_return !failed;
}

awaitable<bool> http_stream::read_more() {
    std::array<char, 4 << 10>
        chunk; // NOLINT(cppcoreguidelines-pro-type-member-init): only what was read is used
    const auto [failed, count] =
        co_await socket_.async_read_some(asio::buffer(chunk), asio::as_tuple(use_awaitable));
    if (failed) co_return false;
    received_.append(chunk.data(), count);
    co_return true;
}

awaitable<std::optional<http_message>> http_stream::read() {
    std::size_t end = 0;
    while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
        const bool more = co_await read_more();
        if (!more) co_return std::nullopt;
    }
    http_message message;
    message.head = received_.substr(0, end + 4);
    const std::size_t whole = message.head.size() + content_length(message.head);
    while (received_.size() < whole) {
        const bool more = co_await read_more();
        if (!more) co_return std::nullopt;
    }
    message.body = received_.substr(message.head.size(), whole - message.head.size());
    received_.erase(0, whole);
    co_return message;
}

awaitable<http_stream> connect_to(unsigned short port) {
    tcp::socket socket(co_await asio::this_coro::executor);
    const tcp::endpoint server(asio::ip::address_v4::loopback(), port);
    co_await socket.async_connect(server, use_awaitable);
    co_return http_stream(std::move(socket));
}

} // namespace bench
