#include "load/conversations.hpp"

#include "load/figures.hpp"
#include "load/http_message.hpp"
#include "load/upstreams.hpp"
#include "load/webhook_source.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <optional>
#include <random>
#include <vector>

namespace bench {
namespace {

using moment = std::optional<steady::time_point>;

struct customer {
    int sent = 0;
    steady::time_point last_sent;
    moment model_asked;
    moment model_answered;
    moment first_text;
    int model_calls = 0;
    int texts = 0;
};

class rush {
public:
    rush(const conversation_load& plan, asio::io_context& loop)
        : plan_(plan),
          loop_(loop),
          source_(plan.app_secret),
          customers_(plan.customers) {
        watch_.model_asked = [this](std::size_t who) { asked(customers_.at(who)); };
        watch_.model_answered = [this](std::size_t who) {
            customers_.at(who).model_answered = steady::now();
        };
        watch_.text_sent = [this](std::size_t who) { texted(customers_.at(who)); };
    }

    [[nodiscard]] const upstream_watch& watch() const { return watch_; }

    awaitable<void> begin_all() {
        const auto begin = steady::now();
        for (std::size_t who = 0; who < customers_.size(); ++who) {
            const std::chrono::duration<double> after(static_cast<double>(who) / plan_.per_second);
            co_await atende::sleep_for(begin + std::chrono::duration_cast<steady::duration>(after) -
                                       steady::now());
            asio::co_spawn(loop_, write_burst(who), [](const std::exception_ptr& failure) {
                if (failure) std::rethrow_exception(failure);
            });
        }
    }

    [[nodiscard]] std::string json() const;

private:
    awaitable<void> write_burst(std::size_t who) {
        std::uniform_real_distribution<double> vary(0.75, 1.25);
        for (int i = 0; i < plan_.messages; ++i) {
            if (i > 0) {
                const auto gap = std::chrono::duration<double>(plan_.gap) * vary(random_);
                co_await atende::sleep_for(std::chrono::duration_cast<steady::duration>(gap));
            }
            co_await send_webhook(who);
        }
    }

    awaitable<void> send_webhook(std::size_t who) {
        std::unique_ptr<http_stream> stream;
        if (idle_.empty()) {
            auto fresh = co_await connect_to(plan_.port);
            stream = std::make_unique<http_stream>(std::move(fresh));
        } else {
            stream = std::move(idle_.back());
            idle_.pop_back();
        }
        const std::string request = source_.next(who);
        customer& writes = customers_[who];
        if (++writes.sent == 1 && ++open_ == plan_.tell_open) {
            fmt::print("{{\"open\":{}}}\n", open_);
            std::fflush(stdout);
        }
        writes.last_sent = steady::now();
        const auto begin = writes.last_sent;
        co_await stream->write(request);
        const auto answer = co_await stream->read();
        acknowledged_.add(steady::now() - begin);
        if (!answer || answer->status() != 200) ++not_200_;
        if (answer) idle_.push_back(std::move(stream));
    }

    void asked(customer& of) {
        if (of.model_calls++ > 0) return;
        of.model_asked = steady::now();
        --open_;
    }

    void texted(customer& of) {
        if (of.texts++ > 0) return;
        of.first_text = steady::now();
        if (++answered_ == customers_.size()) loop_.stop();
    }

    const conversation_load& plan_;
    asio::io_context& loop_;
    webhook_source source_;
    upstream_watch watch_;
    std::vector<customer> customers_;
    std::vector<std::unique_ptr<http_stream>> idle_;
    std::minstd_rand random_;
    times acknowledged_;
    std::size_t not_200_ = 0;
    std::size_t open_ = 0;
    std::size_t answered_ = 0;
};

std::string rush::json() const {
    times late;
    times overhead;
    std::size_t early = 0;
    std::size_t unanswered = 0;
    std::size_t repeated = 0;
    const auto overdue = steady::now() - plan_.window - plan_.model_time - std::chrono::seconds(3);
    for (const auto& each : customers_) {
        if (each.texts > 1 || each.model_calls > 1) ++repeated;
        if (each.sent == plan_.messages && !each.first_text && each.last_sent < overdue) ++unanswered;
        if (!each.model_asked) continue;
        const auto lateness = *each.model_asked - each.last_sent - plan_.window;
        late.add(lateness);
        if (lateness < steady::duration::zero()) ++early;
        if (!each.first_text || !each.model_answered) continue;
        overhead.add(*each.first_text - each.last_sent - plan_.window -
                     (*each.model_answered - *each.model_asked));
    }
    return fmt::format(
        R"({{"customers":{},"answered":{},"unanswered":{},"repeated":{},"early":{},"not_200":{},{},{},{}}})",
        customers_.size(), answered_, unanswered, repeated, early, not_200_, acknowledged_.json("ack"),
        late.json("late"), overhead.json("overhead"));
}

} // namespace

std::string run(const conversation_load& plan) {
    asio::io_context loop(1);
    rush all(plan, loop);
    if (plan.upstream_port != 0) serve_upstreams(loop, plan.upstream_port, plan.model_time, all.watch());
    asio::co_spawn(loop, all.begin_all(), [](const std::exception_ptr& failure) {
        if (failure) std::rethrow_exception(failure);
    });
    loop.run_for(plan.at_most);
    return all.json();
}

} // namespace bench
