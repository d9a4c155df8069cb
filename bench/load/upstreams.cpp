#include "load/upstreams.hpp"

#include "load/http_message.hpp"
#include "load/webhook_source.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <fmt/format.h>

namespace bench {
namespace {

constexpr std::string_view completion =
    R"({"id":"chatcmpl-bench","object":"chat.completion","created":1780396617,"model":"gpt-4o-mini","choices":[{"index":0,"message":{"role":"assistant","content":"Temos sim! A XY 150 está à pronta entrega. Quer que eu reserve uma visita?","refusal":null},"finish_reason":"stop"}],"usage":{"prompt_tokens":700,"completion_tokens":24,"total_tokens":724}})";

struct upstreams {
    std::chrono::milliseconds model_time;
    const upstream_watch& watch;
    std::size_t messages = 0;
};

std::string ok(std::string_view body) {
    return fmt::format("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
                       body.size(), body);
}

awaitable<void> play_model(const upstreams& u, http_stream& stream, const http_message& request) {
    const auto customer = customer_in_words(request.body);
    if (customer) u.watch.model_asked(*customer);
    co_await atende::sleep_for(u.model_time);
    if (customer) u.watch.model_answered(*customer);
    co_await stream.write(ok(completion));
}

awaitable<void> play_graph(upstreams& u, http_stream& stream, const http_message& request) {
    const auto customer = customer_in_recipient(request.body);
    const bool is_text = request.body.find("\"sender_action\"") == std::string::npos;
    if (customer && is_text) u.watch.text_sent(*customer);
    co_await stream.write(ok(fmt::format(R"({{"recipient_id":"1","message_id":"bench.{}"}})", u.messages++)));
}

awaitable<void> converse(std::shared_ptr<upstreams> u, http_stream stream) {
    while (true) {
        const auto request = co_await stream.read();
        if (!request) co_return;
        if (request->head.find("/chat/completions") != std::string::npos) {
            co_await play_model(*u, stream, *request);
        } else {
            co_await play_graph(*u, stream, *request);
        }
    }
}

awaitable<void> listen(tcp::acceptor acceptor, std::shared_ptr<upstreams> u) {
    while (true) {
        auto [failed, socket] = co_await acceptor.async_accept(asio::as_tuple(use_awaitable));
        if (failed) co_return;
        asio::co_spawn(acceptor.get_executor(), converse(u, http_stream(std::move(socket))), asio::detached);
    }
}

} // namespace

void serve_upstreams(asio::io_context& loop, unsigned short port, std::chrono::milliseconds model_time,
                     const upstream_watch& watch) {
    tcp::acceptor acceptor(loop, {asio::ip::address_v4::loopback(), port});
    auto u = std::make_shared<upstreams>(upstreams{.model_time = model_time, .watch = watch});
    asio::co_spawn(loop, listen(std::move(acceptor), std::move(u)), asio::detached);
}

} // namespace bench
