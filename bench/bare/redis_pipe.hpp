// One Lua script over one pipelined Redis connection, without reconnecting, limits or errors worth the name.
#pragma once

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <hiredis/hiredis.h>

#include <array>
#include <atende/platform/async.hpp>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace bench {

namespace asio = boost::asio;

class redis_pipe {
public:
    // Connects and loads the script, blocking; throws if Redis is not there.
    redis_pipe(asio::io_context& loop, unsigned short port, std::string_view script);

    // `arguments`: number of keys, keys, values. False if Redis refused.
    atende::awaitable<bool> eval(std::span<const std::string_view> arguments);

private:
    using handler = asio::any_completion_handler<void(bool)>;
    struct reader_deleter {
        void operator()(redisReader* reader) const { redisReaderFree(reader); }
    };

    void append(std::span<const std::string_view> arguments);
    void flush();
    void read();
    void take(std::size_t count);

    asio::ip::tcp::socket socket_;
    std::unique_ptr<redisReader, reader_deleter> reader_;
    std::string sha1_;
    std::deque<std::optional<handler>> waiting_;
    std::string outgoing_;
    std::string in_write_;
    std::array<char, 16 << 10> incoming_{};
    bool flush_posted_ = false;
};

} // namespace bench
