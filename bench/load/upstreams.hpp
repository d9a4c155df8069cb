// The model and Graph, played over plain HTTP on one port: answers after a fixed time, and says when what
// came.
#pragma once

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstddef>
#include <functional>

namespace bench {

struct upstream_watch {
    std::function<void(std::size_t customer)> model_asked;
    std::function<void(std::size_t customer)> model_answered;
    std::function<void(std::size_t customer)> text_sent; // a message; not typing, not "seen"
};

// Serves until the loop stops. `watch` outlives the loop.
void serve_upstreams(boost::asio::io_context& loop, unsigned short port, std::chrono::milliseconds model_time,
                     const upstream_watch& watch);

} // namespace bench
