// The other end of a TCP connection, byte for byte: what a well-behaved HTTP library would never send.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

#include <atende/platform/async.hpp>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace atende::test {

class raw_peer : public std::enable_shared_from_this<raw_peer> {
public:
    using tcp = asio::ip::tcp;
    using listener = std::function<void(raw_peer&)>;

    explicit raw_peer(tcp::socket socket) : socket_(std::move(socket)) {}

    static std::shared_ptr<raw_peer> connect(const asio::any_io_executor& executor, std::uint16_t port) {
        tcp::socket socket(executor);
        socket.connect({asio::ip::address_v4::loopback(), port});
        auto peer = std::make_shared<raw_peer>(std::move(socket));
        peer->listen({});
        return peer;
    }

    std::string received;
    bool ended = false; // the other side closed or reset

    // `on_data` is called after each arrival.
    void listen(listener on_data) {
        on_data_ = std::move(on_data);
        read();
    }
    void send(std::string bytes) {
        auto kept = std::make_shared<std::string>(std::move(bytes));
        asio::async_write(socket_, asio::buffer(*kept),
                          [self = shared_from_this(), kept](boost::system::error_code, std::size_t) {});
    }
    void close() {
        boost::system::error_code ignored;
        socket_.close(ignored);
    }
    // Sends nothing more, once what was given to send() has left.
    void shut() {
        asio::post(socket_.get_executor(), [self = shared_from_this()] {
            boost::system::error_code ignored;
            self->socket_.shutdown(tcp::socket::shutdown_send, ignored);
        });
    }
    // Drops the connection with a RST.
    void reset() {
        boost::system::error_code ignored;
        socket_.set_option(asio::socket_base::linger(true, 0), ignored);
        socket_.close(ignored);
    }

private:
    void read() {
        socket_.async_read_some(
            asio::buffer(chunk_),
            [self = shared_from_this()](boost::system::error_code failed, std::size_t count) {
                self->received.append(self->chunk_.data(), count);
                if (failed) {
                    self->ended = true;
                    return;
                }
                if (self->on_data_) self->on_data_(*self);
                if (self->socket_.is_open()) self->read();
            });
    }

    tcp::socket socket_;
    listener on_data_;
    std::array<char, 16 << 10> chunk_{};
};

// Accepts connections and answers as the test says.
class raw_server {
public:
    raw_server(const asio::any_io_executor& executor, raw_peer::listener on_data)
        : acceptor_(executor, {asio::ip::address_v4::loopback(), 0}),
          on_data_(std::move(on_data)) {
        accept();
    }
    [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
    [[nodiscard]] std::string url(const std::string& path = "/") const {
        return "http://127.0.0.1:" + std::to_string(port()) + path;
    }
    std::vector<std::shared_ptr<raw_peer>> peers; // in the order they came

    void stop_accepting() { acceptor_.close(); }

private:
    void accept() {
        acceptor_.async_accept([this](boost::system::error_code failed, raw_peer::tcp::socket socket) {
            if (failed) return;
            peers.push_back(std::make_shared<raw_peer>(std::move(socket)));
            peers.back()->listen(on_data_);
            accept();
        });
    }

    raw_peer::tcp::acceptor acceptor_;
    raw_peer::listener on_data_;
};

// How often `needle` occurs.
inline int count_of(const std::string& text, const std::string& needle) {
    int count = 0;
    for (auto at = text.find(needle); at != std::string::npos; at = text.find(needle, at + needle.size()))
        ++count;
    return count;
}

} // namespace atende::test
