#include "bare/redis_pipe.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include <charconv>
#include <stdexcept>

namespace bench {
namespace {

void append_count(std::string& out, char mark, std::size_t count) {
    std::array<char, 24> digits{};
    const char* const end = std::to_chars(digits.data(), digits.data() + digits.size(), count).ptr;
    out += mark;
    out.append(digits.data(), static_cast<std::size_t>(end - digits.data()));
    out += "\r\n";
}

void append_argument(std::string& out, std::string_view argument) {
    append_count(out, '$', argument.size());
    out.append(argument).append("\r\n");
}

} // namespace

redis_pipe::redis_pipe(asio::io_context& loop, unsigned short port, std::string_view script)
    : socket_(loop),
      reader_(redisReaderCreate()) {
    socket_.connect({asio::ip::address_v4::loopback(), port});
    socket_.set_option(asio::ip::tcp::no_delay(true));
    std::string load = "*3\r\n$6\r\nSCRIPT\r\n$4\r\nLOAD\r\n";
    append_argument(load, script);
    asio::write(socket_, asio::buffer(load));
    std::string answer; // "$40\r\n<sha1>\r\n"
    asio::read_until(socket_, asio::dynamic_buffer(answer), "\r\n");
    if (!answer.starts_with("$40\r\n")) throw std::runtime_error("Redis refused the script: " + answer);
    if (answer.size() < 47)
        asio::read(socket_, asio::dynamic_buffer(answer), asio::transfer_exactly(47 - answer.size()));
    sha1_ = answer.substr(5, 40);
    read();
}

atende::awaitable<bool> redis_pipe::eval(std::span<const std::string_view> arguments) {
    append(arguments);
    auto initiate = [this](auto completion) { waiting_.emplace_back(std::in_place, std::move(completion)); };
    return asio::async_initiate<const asio::use_awaitable_t<>, void(bool)>(std::move(initiate),
                                                                           atende::use_awaitable);
}

void redis_pipe::append(std::span<const std::string_view> arguments) {
    append_count(outgoing_, '*', arguments.size() + 2);
    append_argument(outgoing_, "EVALSHA");
    append_argument(outgoing_, sha1_);
    for (const auto argument : arguments) append_argument(outgoing_, argument);
    if (flush_posted_) return;
    flush_posted_ = true;
    asio::post(socket_.get_executor(), [this] { flush(); });
}

void redis_pipe::flush() {
    flush_posted_ = false;
    if (outgoing_.empty() || !in_write_.empty()) return;
    in_write_.swap(outgoing_);
    asio::async_write(socket_, asio::buffer(in_write_),
                      [this](boost::system::error_code failed, std::size_t) {
                          if (failed) throw std::runtime_error("Redis is gone");
                          in_write_.clear();
                          flush();
                      });
}

void redis_pipe::read() {
    socket_.async_read_some(asio::buffer(incoming_),
                            [this](boost::system::error_code failed, std::size_t count) {
                                if (failed) throw std::runtime_error("Redis is gone");
                                take(count);
                                read();
                            });
}

void redis_pipe::take(std::size_t count) {
    redisReaderFeed(reader_.get(), incoming_.data(), count);
    void* raw = nullptr;
    while (redisReaderGetReply(reader_.get(), &raw) == REDIS_OK && raw != nullptr) {
        const std::unique_ptr<void, decltype(&freeReplyObject)> reply(raw, &freeReplyObject);
        auto completion = *std::move(waiting_.front());
        waiting_.pop_front();
        std::move(completion)(static_cast<redisReply*>(raw)->type == REDIS_REPLY_INTEGER);
    }
}

} // namespace bench
