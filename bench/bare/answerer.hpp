// The answering half of the bare path: one model call, one Graph call, over connections that are kept.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>

#include <atende/platform/async.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

// POSTs JSON to one plain HTTP server on this machine.
class json_poster {
public:
    json_poster(atende::asio::any_io_executor executor, unsigned short port);
    // The answer's body; throws if there is none.
    atende::awaitable<std::string> post(std::string path, std::string body);

private:
    struct link {
        boost::asio::ip::tcp::socket socket;
        boost::beast::flat_buffer buffer;
    };
    atende::awaitable<std::unique_ptr<link>> take_link();

    atende::asio::any_io_executor executor_;
    unsigned short port_;
    std::vector<std::unique_ptr<link>> idle_;
};

class answerer {
public:
    answerer(atende::asio::any_io_executor executor, unsigned short model_port, unsigned short graph_port);
    atende::awaitable<void> answer(std::string contact, std::vector<std::string> messages);

private:
    json_poster model_;
    json_poster graph_;
};

} // namespace bench
