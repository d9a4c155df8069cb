#include "app/server.hpp"

#include "app/application.hpp"
#include "app/part_settings.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/this_coro.hpp>
#include <sys/resource.h>

#include <atende/platform/log.hpp>
#include <atende/platform/private_redis.hpp>
#include <csignal>

namespace atende {
namespace {

struct redis_choice {
    std::unique_ptr<private_redis> own;
    redis_address at;
};

result<redis_choice> choose_redis(const settings& s, const asio::any_io_executor& executor) {
    if (!s.redis_url.empty()) {
        auto at = parse_redis_url(s.redis_url);
        if (!at) return std::unexpected(std::move(at.error()));
        return redis_choice{.own = nullptr, .at = *std::move(at)};
    }
    auto own = start_private_redis(executor, s.data_folder / "redis");
    if (!own) return std::unexpected(std::move(own.error()));
    redis_address at = (*own)->address();
    return redis_choice{.own = *std::move(own), .at = std::move(at)};
}

awaitable<void> run_until_signal(application& app) {
    asio::signal_set signals(co_await asio::this_coro::executor, SIGTERM, SIGINT);
    const auto [failed, number] = co_await signals.async_wait(asio::as_tuple(use_awaitable));
    spdlog::info("stopping on signal {}", number);
    co_await app.stop();
    spdlog::info("stopped");
}

// The usual soft limit of 1,024 descriptors is less than the connections this server may hold.
void raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

int complain(std::string_view problem) {
    spdlog::critical("{}", problem);
    return 1;
}

int run(const settings& configured, const profile_reading& shop, asio::io_context& loop,
        redis_address redis_at) {
    application app(configured, shop, loop.get_executor(), std::move(redis_at));
    if (const auto listening = app.listen(); !listening) return complain(listening.error().detail);
    int exit_code = 1;
    auto ended = [&loop, &exit_code](const std::exception_ptr& failure) {
        exit_code = failure ? 1 : 0;
        loop.stop();
    };
    asio::co_spawn(loop, run_until_signal(app), std::move(ended));
    loop.run();
    return exit_code;
}

} // namespace

int serve(const settings& configured) {
    start_log(configured.log_level, configured.log_as);
    raise_descriptor_limit();
    auto shop = read_profile(configured.profile_folder, profile_settings(configured).use);
    for (const auto& problem : shop.problems)
        spdlog::critical("[PROFILE] {}", printable(text_of(problem, language::english), 500));
    if (!shop.read) return 1;
    shop.knowledge.reset(); // knowledge_base holds its own
    if (const auto playable = can_serve(configured, *shop.read); !playable)
        return complain(playable.error().detail);
    asio::io_context loop(1);
    std::error_code failed;
    std::filesystem::create_directories(configured.data_folder, failed);
    if (failed)
        return complain("DATA_DIR " + configured.data_folder.string() +
                        " cannot be created: " + failed.message());
    auto redis = choose_redis(configured, loop.get_executor());
    if (!redis) return complain(redis.error().detail);

    flush_log_with([&loop](std::function<void()> flush) { asio::post(loop, std::move(flush)); });
    const int exit_code = run(configured, shop, loop, std::move(redis->at));
    if (redis->own) { // last: everything else has let go of it
        asio::co_spawn(loop, redis->own->stop(), [&loop](const std::exception_ptr&) { loop.stop(); });
        loop.restart();
        loop.run();
    }
    flush_log_with({});
    return exit_code;
}

} // namespace atende
