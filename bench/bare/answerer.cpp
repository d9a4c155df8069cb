#include "bare/answerer.hpp"

#include <boost/beast/http.hpp>
#include <simdjson.h>

#include <atende/platform/text.hpp>

namespace bench {
namespace {

namespace http = boost::beast::http;
using atende::awaitable;
using atende::use_awaitable;

// About as long as a short profile's.
const std::string system_prompt(1'500, 'p');

std::string model_request(const std::vector<std::string>& messages) {
    std::string body = R"({"model":"gpt-4o-mini","messages":[{"role":"system","content":")" + system_prompt +
                       R"("},{"role":"user","content":")";
    for (const auto& message : messages) {
        atende::append_json_escaped(body, message);
        body += "\\n";
    }
    return body + "\"}]}";
}

std::string graph_request(std::string_view contact, std::string_view text) {
    std::string body = R"({"recipient":{"id":")";
    body.append(contact).append(R"("},"message":{"text":")");
    atende::append_json_escaped(body, text);
    return body + "\"}}";
}

std::string answer_text(const std::string& body) {
    static simdjson::ondemand::parser parser;
    const simdjson::padded_string padded(body);
    auto document = parser.iterate(padded);
    const std::string_view text = document["choices"].at(0)["message"]["content"];
    return std::string(text);
}

} // namespace

json_poster::json_poster(atende::asio::any_io_executor executor, unsigned short port)
    : executor_(std::move(executor)),
      port_(port) {}

awaitable<std::unique_ptr<json_poster::link>> json_poster::take_link() {
    if (!idle_.empty()) {
        auto kept = std::move(idle_.back());
        idle_.pop_back();
        co_return kept;
    }
    using boost::asio::ip::tcp;
    auto fresh = std::make_unique<link>(link{tcp::socket(executor_), {}});
    const tcp::endpoint server(boost::asio::ip::address_v4::loopback(), port_);
    co_await fresh->socket.async_connect(server, use_awaitable);
    fresh->socket.set_option(tcp::no_delay(true));
    co_return fresh;
}

awaitable<std::string> json_poster::post(std::string path, std::string body) {
    auto mine = co_await take_link();
    http::request<http::string_body> request(http::verb::post, path, 11, std::move(body));
    request.set(http::field::host, "127.0.0.1");
    request.set(http::field::authorization, "Bearer bench");
    request.set(http::field::content_type, "application/json");
    request.prepare_payload();
    co_await http::async_write(mine->socket, request, use_awaitable);
    http::response<http::string_body> answer;
    co_await http::async_read(mine->socket, mine->buffer, answer, use_awaitable);
    idle_.push_back(std::move(mine));
    co_return std::move(answer.body());
}

answerer::answerer(atende::asio::any_io_executor executor, unsigned short model_port,
                   unsigned short graph_port)
    : model_(executor, model_port),
      graph_(executor, graph_port) {}

awaitable<void> answerer::answer(std::string contact, std::vector<std::string> messages) {
    const std::string thought = co_await model_.post("/v1/chat/completions", model_request(messages));
    co_await graph_.post("/v25.0/me/messages", graph_request(contact, answer_text(thought)));
}

} // namespace bench
