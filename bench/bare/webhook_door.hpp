// A webhook server with nothing around it: Beast reads, the signature is checked, the answer is 200.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <atende/platform/async.hpp>
#include <atende/platform/crypto.hpp>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

namespace bench {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using atende::awaitable;
using atende::use_awaitable;

inline std::string setting(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string{} : std::string{value};
}

inline bool is_signed(atende::hmac_sha256& key, std::string_view header, std::string_view body) {
    const auto digest = key.sign(body);
    const std::string_view bytes(reinterpret_cast<const char*>(digest.data()), digest.size());
    return header.starts_with("sha256=") &&
           atende::equal_in_constant_time(header.substr(7), atende::to_hex(bytes));
}

// The step after the signature: nothing.
struct nothing_more {};

template <class Accept>
awaitable<void> serve(tcp::socket socket, atende::hmac_sha256& key, Accept& accept) {
    boost::beast::flat_buffer buffer;
    while (true) {
        http::request<http::string_body> request;
        const auto [unread, size] =
            co_await http::async_read(socket, buffer, request, asio::as_tuple(use_awaitable));
        if (unread) co_return;
        http::response<http::string_body> reply(http::status::ok, 11);
        if (request.method() == http::verb::post) {
            const auto header = request["X-Hub-Signature-256"];
            if (!is_signed(key, {header.data(), header.size()}, request.body())) {
                reply.result(http::status::forbidden);
            } else if constexpr (!std::is_same_v<Accept, nothing_more>) {
                const bool accepted = co_await accept(request.body());
                if (!accepted) reply.result(http::status::service_unavailable);
            }
        }
        reply.body() = "EVENT_RECEIVED";
        reply.prepare_payload();
        const auto [unwritten, count] =
            co_await http::async_write(socket, reply, asio::as_tuple(use_awaitable));
        if (unwritten) co_return;
    }
}

template <class Accept>
awaitable<void> listen(tcp::acceptor acceptor, atende::hmac_sha256& key, Accept& accept) {
    while (true) {
        auto [failed, socket] = co_await acceptor.async_accept(asio::as_tuple(use_awaitable));
        if (failed) co_return;
        socket.set_option(tcp::no_delay(true));
        asio::co_spawn(acceptor.get_executor(), serve(std::move(socket), key, accept), asio::detached);
    }
}

// Serves on 127.0.0.1:PORT until the process is killed.
template <class Accept>
void run_door(asio::io_context& loop, Accept& accept) {
    atende::hmac_sha256 key(setting("INSTAGRAM_APP_SECRET"));
    const auto port = static_cast<asio::ip::port_type>(std::atoi(setting("PORT").c_str()));
    tcp::acceptor acceptor(loop, {asio::ip::address_v4::loopback(), port});
    asio::co_spawn(loop, listen(std::move(acceptor), key, accept), asio::detached);
    loop.run();
}

} // namespace bench
