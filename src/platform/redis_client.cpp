#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <hiredis/hiredis.h>

#include <array>
#include <atende/platform/log.hpp>
#include <atende/platform/redis_client.hpp>
#include <charconv>
#include <deque>
#include <optional>
#include <random>

namespace atende {
namespace {

using steady = std::chrono::steady_clock;
using replies = std::vector<redis_reply>;
using batch_handler = asio::any_completion_handler<void(result<replies>)>;

struct reader_deleter {
    void operator()(redisReader* reader) const { redisReaderFree(reader); }
};

redis_reply copied(const redisReply& from) {
    redis_reply to;
    switch (from.type) {
    case REDIS_REPLY_NIL: break;
    case REDIS_REPLY_INTEGER:
        to.what = redis_reply::kind::integer;
        to.integer = from.integer;
        break;
    case REDIS_REPLY_ARRAY:
        to.what = redis_reply::kind::array;
        to.items.reserve(from.elements);
        for (std::size_t i = 0; i < from.elements; ++i) to.items.push_back(copied(*from.element[i]));
        break;
    default:
        to.what = from.type == REDIS_REPLY_ERROR ? redis_reply::kind::error : redis_reply::kind::text;
        to.text.assign(from.str, from.len);
    }
    return to;
}

void append_wire_format(std::string& out, const redis_command& command) {
    const auto append_count = [&out](char mark, std::size_t count) {
        std::array<char, 24> digits{};
        const char* const end = std::to_chars(digits.data(), digits.data() + digits.size(), count).ptr;
        out += mark;
        out.append(digits.data(), static_cast<std::size_t>(end - digits.data()));
        out += "\r\n";
    };
    append_count('*', command.size());
    for (const std::string& argument : command) {
        append_count('$', argument.size());
        out += argument;
        out += "\r\n";
    }
}

// One connection. Replies are matched to batches by order alone, so anything unexpected ends the connection.
class connection : public std::enable_shared_from_this<connection> {
public:
    connection(asio::any_io_executor executor, steady::duration timeout)
        : socket_(executor),
          watchdog_(executor),
          ended_(executor),
          reader_(redisReaderCreate()),
          timeout_(timeout) {
        ended_.expires_at(steady::time_point::max());
    }

    asio::generic::stream_protocol::socket& socket() { return socket_; }
    [[nodiscard]] bool is_over() const { return over_; }

    void start() {
        read();
        watch();
    }

    // Completes when the connection is over.
    awaitable<void> wait_for_end() {
        if (!over_) co_await ended_.async_wait(asio::as_tuple(use_awaitable));
    }

    void send(const std::vector<redis_command>& commands, batch_handler handler) {
        batch& added = waiting_.emplace_back();
        added.expected = commands.size();
        added.first_byte = written_bytes_ + in_write_.size() + outgoing_.size();
        added.deadline = steady::now() + timeout_;
        added.handler.emplace(std::move(handler));
        for (const auto& command : commands) append_wire_format(outgoing_, command);
        if (!flush_posted_) {
            flush_posted_ = true;
            asio::post(socket_.get_executor(), [self = shared_from_this()] { self->flush(); });
        }
    }

    void end(errc code, const std::string& reason) {
        if (over_) return;
        over_ = true;
        boost::system::error_code ignored;
        socket_.close(ignored);
        watchdog_.cancel();
        ended_.cancel();
        auto lost = std::move(waiting_);
        waiting_.clear();
        for (auto& b : lost) {
            const bool left = b.first_byte < written_bytes_ + in_write_.size();
            complete(b, fail(left ? code : errc::unavailable, reason));
        }
    }

private:
    struct batch {
        std::size_t expected = 0;
        std::size_t first_byte = 0;
        steady::time_point deadline;
        replies received;
        std::optional<batch_handler> handler;
    };

    static void complete(batch& b, result<replies> outcome) {
        auto handler = *std::move(b.handler);
        std::move(handler)(std::move(outcome));
    }

    void flush() {
        flush_posted_ = false;
        if (over_ || outgoing_.empty() || !in_write_.empty()) return;
        in_write_.swap(outgoing_);
        asio::async_write(socket_, asio::buffer(in_write_),
                          [self = shared_from_this()](boost::system::error_code failed, std::size_t count) {
                              if (failed) return self->end(errc::interrupted, failed.message());
                              self->written_bytes_ += count;
                              self->in_write_.clear();
                              self->flush();
                          });
    }

    void read() {
        socket_.async_read_some(
            asio::buffer(incoming_),
            [self = shared_from_this()](boost::system::error_code failed, std::size_t count) {
                if (failed) return self->end(errc::interrupted, failed.message());
                self->take(count);
                if (!self->over_) self->read();
            });
    }

    void take(std::size_t count) {
        redisReaderFeed(reader_.get(), incoming_.data(), count);
        while (!over_) {
            void* raw = nullptr;
            if (redisReaderGetReply(reader_.get(), &raw) != REDIS_OK)
                return end(errc::protocol, "not a Redis answer");
            if (raw == nullptr) return;
            const std::unique_ptr<void, decltype(&freeReplyObject)> reply(raw, &freeReplyObject);
            if (waiting_.empty()) return end(errc::protocol, "an answer nobody asked for");
            batch& first = waiting_.front();
            first.received.push_back(copied(*static_cast<redisReply*>(raw)));
            if (first.received.size() < first.expected) continue;
            batch whole = std::move(first);
            waiting_.pop_front();
            complete(whole, std::move(whole.received));
        }
    }

    // Every batch has the same time limit, so the first one waiting is always the first to run out.
    void watch() {
        watchdog_.expires_after(std::chrono::milliseconds(100));
        watchdog_.async_wait([self = shared_from_this()](boost::system::error_code stopped) {
            if (stopped || self->over_) return;
            if (!self->waiting_.empty() && self->waiting_.front().deadline < steady::now()) {
                return self->end(errc::timed_out, "Redis did not answer in time");
            }
            self->watch();
        });
    }

    asio::generic::stream_protocol::socket socket_;
    asio::steady_timer watchdog_;
    asio::steady_timer ended_;
    std::unique_ptr<redisReader, reader_deleter> reader_;
    steady::duration timeout_;
    std::deque<batch> waiting_;
    std::string outgoing_;
    std::string in_write_;
    std::size_t written_bytes_ = 0;
    std::array<char, 16 << 10> incoming_{};
    bool flush_posted_ = false;
    bool over_ = false;
};

// The part that outlives single connections; shared with the background task that keeps one open.
struct supervisor {
    asio::any_io_executor executor;
    redis_address address;
    std::chrono::milliseconds command_timeout;
    std::shared_ptr<connection> current; // null while disconnected
    bool closing = false;
    asio::steady_timer pause;
};

auto async_pipeline(connection& to, const std::vector<redis_command>& commands) {
    auto initiate = [&to](auto handler, const std::vector<redis_command>* list) {
        to.send(*list, std::move(handler));
    };
    return asio::async_initiate<const asio::use_awaitable_t<>, void(result<replies>)>(
        std::move(initiate), use_awaitable, &commands);
}

// The time that each address of a name has, and Redis behind it for its answer to the greeting.
constexpr auto patience = std::chrono::seconds(3);

awaitable<boost::system::error_code> connect_to(std::shared_ptr<connection> fresh,
                                                asio::generic::stream_protocol::endpoint endpoint) {
    asio::steady_timer limit(fresh->socket().get_executor(), patience);
    limit.async_wait([fresh](boost::system::error_code stopped) {
        if (!stopped) fresh->socket().cancel(stopped);
    });
    const auto [failed] = co_await fresh->socket().async_connect(endpoint, asio::as_tuple(use_awaitable));
    co_return failed == asio::error::operation_aborted ? asio::error::timed_out : failed;
}

awaitable<boost::system::error_code> connect_socket(supervisor& s, std::shared_ptr<connection> fresh) {
    if (!s.address.unix_socket.empty())
        co_return co_await connect_to(fresh, asio::local::stream_protocol::endpoint(s.address.unix_socket));
    asio::ip::tcp::resolver resolver(s.executor);
    auto [unresolved, found] = co_await resolver.async_resolve(s.address.host, std::to_string(s.address.port),
                                                               asio::as_tuple(use_awaitable));
    boost::system::error_code last = unresolved;
    for (const auto& entry : found) {
        if (s.closing) co_return asio::error::operation_aborted;
        boost::system::error_code ignored;
        fresh->socket().close(ignored);
        last = co_await connect_to(fresh, entry.endpoint());
        if (!last) {
            fresh->socket().set_option(asio::ip::tcp::no_delay(true), ignored);
            break;
        }
    }
    co_return last;
}

std::vector<redis_command> greeting(const redis_address& address) {
    std::vector<redis_command> commands;
    if (!address.password.empty()) {
        redis_command auth{"AUTH"};
        if (!address.username.empty()) auth.push_back(address.username);
        auth.push_back(address.password);
        commands.push_back(std::move(auth));
    }
    if (address.database != 0) commands.push_back({"SELECT", std::to_string(address.database)});
    commands.push_back({"CLIENT", "SETNAME", "atende"});
    return commands;
}

// Empty when the connection is ready for use, otherwise why it is not.
awaitable<std::string> open(supervisor& s, const std::shared_ptr<connection>& fresh) {
    const auto failed = co_await connect_socket(s, fresh);
    if (failed) co_return failed.message();
    asio::steady_timer limit(s.executor, patience);
    limit.async_wait([fresh](boost::system::error_code stopped) {
        if (!stopped) fresh->end(errc::timed_out, "Redis did not greet in time");
    });
    fresh->start();
    const auto commands = greeting(s.address);
    const auto greeted = co_await async_pipeline(*fresh, commands);
    limit.cancel();
    if (!greeted) co_return greeted.error().detail;
    for (const auto& reply : *greeted) {
        if (reply.what == redis_reply::kind::error) co_return reply.text;
    }
    co_return std::string{};
}

awaitable<void> keep_connected(std::shared_ptr<supervisor> s) {
    std::minstd_rand random(std::random_device{}());
    constexpr auto shortest = std::chrono::milliseconds(20);
    constexpr auto worth_telling =
        std::chrono::milliseconds(200); // a server that is just starting is no news
    auto backoff = shortest;
    bool told = false;
    while (!s->closing) {
        auto fresh = std::make_shared<connection>(s->executor, s->command_timeout);
        const std::string problem = co_await open(*s, fresh);
        if (problem.empty() && !s->closing) {
            if (told) spdlog::info("redis: connected again");
            told = false;
            backoff = shortest;
            s->current = fresh;
            co_await fresh->wait_for_end();
            s->current.reset();
        }
        fresh->end(errc::interrupted, "connection closed");
        if (s->closing) break;
        if (!told && (problem.empty() || backoff >= worth_telling)) {
            told = true;
            spdlog::warn("redis: not connected ({}); trying again",
                         printable(problem.empty() ? "lost" : problem));
        }
        s->pause.expires_after(backoff * std::uniform_int_distribution<int>(50, 100)(random) / 100);
        co_await s->pause.async_wait(asio::as_tuple(use_awaitable));
        backoff = std::min(backoff * 2, std::chrono::milliseconds(1'000));
    }
}

class asio_redis_client final : public redis_client {
public:
    asio_redis_client(asio::any_io_executor executor, redis_address address,
                      std::chrono::milliseconds timeout)
        : state_(std::make_shared<supervisor>(supervisor{.executor = executor,
                                                         .address = std::move(address),
                                                         .command_timeout = timeout,
                                                         .current = nullptr,
                                                         .closing = false,
                                                         .pause = asio::steady_timer(executor)})) {
        auto log_crash = [](const std::exception_ptr& failure) {
            if (failure) spdlog::critical("redis: the connection task ended");
        };
        asio::co_spawn(executor, keep_connected(state_), std::move(log_crash));
    }

    asio_redis_client(const asio_redis_client&) = delete;
    asio_redis_client& operator=(const asio_redis_client&) = delete;

    ~asio_redis_client() override {
        state_->closing = true;
        state_->pause.cancel();
        if (const auto current = state_->current) current->end(errc::interrupted, "closing");
    }

    awaitable<result<replies>> pipeline(const std::vector<redis_command>& commands) override {
        if (commands.empty()) co_return replies{};
        const auto current = state_->current;
        // Over but still current: whoever heard of the end first tries again at once.
        if (!current || current->is_over()) co_return fail(errc::unavailable, "not connected to Redis");
        co_return co_await async_pipeline(*current, commands);
    }

    [[nodiscard]] bool connected() const override { return state_->current && !state_->current->is_over(); }

private:
    std::shared_ptr<supervisor> state_;
};

} // namespace

std::unique_ptr<redis_client> make_redis_client(asio::any_io_executor executor, redis_address address,
                                                std::chrono::milliseconds command_timeout) {
    return std::make_unique<asio_redis_client>(std::move(executor), std::move(address), command_timeout);
}

} // namespace atende
