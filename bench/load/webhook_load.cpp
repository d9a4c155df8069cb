#include "load/webhook_load.hpp"

#include "load/figures.hpp"
#include "load/http_message.hpp"
#include "load/webhook_source.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <fmt/format.h>

#include <exception>

namespace bench {
namespace {

struct progress {
    explicit progress(const webhook_load& of) : plan(of), source(of.app_secret) {}

    const webhook_load& plan;
    webhook_source source;
    steady::time_point begin = steady::now();
    std::size_t sent = 0;
    std::size_t not_200 = 0;
    times latency;
};

awaitable<void> exchange(progress& p, http_stream& stream, std::size_t number, steady::time_point begin) {
    const std::string request = p.source.next(number % p.plan.customers);
    if (p.plan.per_second == 0) begin = steady::now();
    const bool written = co_await stream.write(request);
    const auto answer = co_await stream.read();
    p.latency.add(steady::now() - begin);
    if (!written || !answer || answer->status() != 200) ++p.not_200;
}

awaitable<void> send_closed(progress& p) {
    auto stream = co_await connect_to(p.plan.port);
    while (p.sent < p.plan.requests) co_await exchange(p, stream, p.sent++, {});
}

// Each connection has every `connections`th moment of the pace to itself.
awaitable<void> send_paced(progress& p, std::size_t first) {
    auto stream = co_await connect_to(p.plan.port);
    for (std::size_t number = first; number < p.plan.requests; number += p.plan.connections) {
        const std::chrono::duration<double> after(static_cast<double>(number) / p.plan.per_second);
        const auto planned = p.begin + std::chrono::duration_cast<steady::duration>(after);
        co_await atende::sleep_for(planned - steady::now());
        co_await exchange(p, stream, number, planned);
        ++p.sent;
    }
}

} // namespace

std::string run(const webhook_load& plan) {
    asio::io_context loop(1);
    progress p(plan);
    p.begin = steady::now() + std::chrono::milliseconds(plan.per_second > 0 ? 100 : 0);
    for (std::size_t i = 0; i < plan.connections; ++i) {
        asio::co_spawn(loop, plan.per_second > 0 ? send_paced(p, i) : send_closed(p),
                       [](const std::exception_ptr& failure) {
                           if (failure) std::rethrow_exception(failure);
                       });
    }
    loop.run();
    const std::chrono::duration<double> took = steady::now() - p.begin;
    return fmt::format(R"({{"requests":{},"per_second":{:.0f},"not_200":{},{}}})", p.sent,
                       static_cast<double>(p.sent) / took.count(), p.not_200, p.latency.json("latency"));
}

} // namespace bench
