#include "agent/mcp/pipe_transport.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <atende/platform/log.hpp>
#include <csignal>
#include <deque>
#include <map>
#include <utility>

namespace atende {
namespace {

using std::chrono::milliseconds;
using descriptor = asio::posix::stream_descriptor;

constexpr auto child_grace = milliseconds(600); // twice at most: mcp_servers::stop() promises 2 s
constexpr std::size_t max_unsent_bytes = 4 << 20;
constexpr int max_unreadable_lines = 1'000;
constexpr std::size_t max_log_line = 2'000;

// A write to a server that has ended must be an error, not our own end.
void ignore_broken_pipes() {
    static const auto before = std::signal(SIGPIPE, SIG_IGN);
    (void)before;
}

class pipe_transport final : public mcp_transport, public std::enable_shared_from_this<pipe_transport> {
public:
    pipe_transport(std::string server, const asio::any_io_executor& executor, file_descriptor to_server,
                   file_descriptor from_server, std::unique_ptr<child_process> process,
                   notification_sink notified)
        : server_(std::move(server)),
          executor_(executor),
          to_(executor, to_server.release()),
          from_(executor, from_server.release()),
          process_(std::move(process)),
          notified_(std::move(notified)),
          more_to_write_(executor, std::chrono::steady_clock::time_point::max()) {}

    void start(task_group& tasks) {
        tasks.start("mcp " + server_ + " reader", read(shared_from_this()));
        tasks.start("mcp " + server_ + " writer", write(shared_from_this()));
    }

    awaitable<result<rpc_answer>> request(rpc_call call) override {
        const auto self = shared_from_this();
        if (!open_) co_return fail(errc::unavailable, why_ended_);
        const auto id = ++last_id_;
        if (!put(rpc_request_text(id, call.method, call.params)))
            co_return fail(errc::unavailable, "it does not read what it is sent");
        const auto asked = std::make_shared<question>(executor_, call.timeout);
        questions_.emplace(id, asked);
        co_await asked->answered.async_wait(asio::as_tuple(use_awaitable));
        if (asked->answer) co_return std::move(*asked->answer);
        questions_.erase(id);
        // A handshake is never called off, says the protocol.
        if (call.method != "initialize")
            put(rpc_notification_text("notifications/cancelled", {{"requestId", id}}));
        const auto state = co_await asio::this_coro::cancellation_state;
        const bool cancelled = state.cancelled() != asio::cancellation_type::none;
        co_return fail(cancelled ? errc::cancelled : errc::timed_out,
                       cancelled ? "cancelled" : "no answer to " + call.method);
    }

    awaitable<void> notify(std::string method, nlohmann::json params) override {
        put(rpc_notification_text(method, params));
        co_return;
    }

    void listen(const nlohmann::json& params) override {
        put(rpc_request_text(++last_id_, "subscriptions/listen", params));
    }

    void speak(const mcp_protocol& protocol) override { modern_ = protocol.modern; }
    [[nodiscard]] bool is_open() const override { return open_; }
    void hang_up() override { end("closed"); }

    awaitable<void> close() override {
        const auto self = shared_from_this();
        hang_up();
        if (process_) co_await process_->end(child_grace);
        boost::system::error_code ignored;
        from_.close(ignored);
    }

private:
    struct question {
        question(const asio::any_io_executor& executor, milliseconds timeout) : answered(executor, timeout) {}
        asio::steady_timer answered;
        std::optional<result<rpc_answer>> answer;

        void settle(result<rpc_answer> with) {
            answer = std::move(with);
            answered.cancel();
        }
    };

    static awaitable<void> read(std::shared_ptr<pipe_transport> self) {
        line_splitter lines(max_rpc_bytes);
        std::array<char, 16 << 10> chunk{};
        while (true) {
            const auto [failed, count] =
                co_await self->from_.async_read_some(asio::buffer(chunk), asio::as_tuple(use_awaitable));
            if (failed) break;
            lines.feed(
                {chunk.data(), count}, [&self](std::string_view line) { self->hear(line); },
                [&self] { self->hear_oversize(); });
        }
        self->end("it ended");
    }

    static awaitable<void> write(std::shared_ptr<pipe_transport> self) {
        while (self->open_) {
            if (self->unsent_.empty()) {
                co_await self->more_to_write_.async_wait(asio::as_tuple(use_awaitable));
                continue;
            }
            const std::string line = std::move(self->unsent_.front());
            self->unsent_.pop_front();
            self->unsent_bytes_ -= line.size();
            const auto [failed, count] =
                co_await asio::async_write(self->to_, asio::buffer(line), asio::as_tuple(use_awaitable));
            if (failed) self->end("it closed its input");
        }
    }

    bool put(std::string line) {
        if (!open_ || unsent_bytes_ + line.size() > max_unsent_bytes) return false;
        line += '\n';
        unsent_bytes_ += line.size();
        unsent_.push_back(std::move(line));
        more_to_write_.cancel();
        return true;
    }

    void hear(std::string_view line) {
        auto message = parse_rpc(line);
        if (!message) {
            if (++unreadable_lines_ == 1)
                spdlog::warn("mcp {}: it writes lines to its output that are no messages", server_);
            spdlog::debug("mcp {}: not a message: {}", server_, printable(line));
            if (unreadable_lines_ >= max_unreadable_lines) end("too many lines that are no messages");
        } else if (auto* const response = std::get_if<rpc_response>(&*message)) {
            hear_response(std::move(*response));
        } else if (const auto* const request = std::get_if<rpc_request>(&*message)) {
            // In the modern era nobody may ask us anything, nor may we answer.
            if (!modern_) put(rpc_reply_text(*request));
        } else {
            notified_(std::get<rpc_notification>(*message).method);
        }
    }

    void hear_response(rpc_response response) {
        const auto asked = response.id ? questions_.find(*response.id) : questions_.end();
        if (asked == questions_.end()) {
            spdlog::debug("mcp {}: an answer that nobody waits for", server_);
            return;
        }
        const auto waiting = asked->second;
        questions_.erase(asked);
        waiting->settle(std::move(response.answer));
    }

    // Whose answer it was is not known without reading it.
    void hear_oversize() {
        spdlog::warn("mcp {}: an answer over {} bytes was dropped", server_, max_rpc_bytes);
        settle_all({errc::too_large, "an answer was too large"});
    }

    void end(std::string why) {
        if (!open_) return;
        open_ = false;
        why_ended_ = std::move(why);
        boost::system::error_code ignored;
        to_.close(ignored);
        more_to_write_.cancel();
        settle_all({errc::interrupted, why_ended_});
        notified_({});
    }

    void settle_all(const error& with) {
        for (const auto& [id, waiting] : std::exchange(questions_, {}))
            waiting->settle(std::unexpected(with));
    }

    std::string server_;
    asio::any_io_executor executor_;
    descriptor to_, from_;
    std::unique_ptr<child_process> process_;
    notification_sink notified_;
    asio::steady_timer more_to_write_;
    std::deque<std::string> unsent_;
    std::size_t unsent_bytes_ = 0;
    std::map<std::int64_t, std::shared_ptr<question>> questions_;
    std::int64_t last_id_ = 0;
    int unreadable_lines_ = 0;
    bool modern_ = false;
    bool open_ = true;
    std::string why_ended_;
};

} // namespace

void line_splitter::feed(std::string_view bytes, const std::function<void(std::string_view)>& on_line,
                         const std::function<void()>& on_oversize) {
    while (!bytes.empty()) {
        const auto end = bytes.find('\n');
        const auto piece = bytes.substr(0, end);
        if (!dropping_ && begun_.size() + piece.size() > most_) {
            dropping_ = true;
            begun_ = {};
            on_oversize();
        }
        if (!dropping_) begun_ += piece;
        if (end == std::string_view::npos) return;
        bytes.remove_prefix(end + 1);
        auto line = std::exchange(begun_, {});
        if (std::exchange(dropping_, false)) continue;
        if (line.ends_with('\r')) line.pop_back();
        if (!line.empty()) on_line(line);
    }
}

std::shared_ptr<mcp_transport> make_pipe_transport(std::string server, task_group& tasks,
                                                   asio::any_io_executor executor, file_descriptor to_server,
                                                   file_descriptor from_server,
                                                   std::unique_ptr<child_process> process,
                                                   notification_sink notified) {
    ignore_broken_pipes();
    auto made =
        std::make_shared<pipe_transport>(std::move(server), executor, std::move(to_server),
                                         std::move(from_server), std::move(process), std::move(notified));
    made->start(tasks);
    return made;
}

awaitable<void> log_lines(std::string server, file_descriptor errors) {
    descriptor from(co_await asio::this_coro::executor, errors.release());
    line_splitter lines(max_log_line);
    std::array<char, 4 << 10> chunk{};
    while (true) {
        const auto [failed, count] =
            co_await from.async_read_some(asio::buffer(chunk), asio::as_tuple(use_awaitable));
        if (failed) co_return;
        lines.feed(
            {chunk.data(), count},
            [&server](std::string_view line) {
                spdlog::debug("mcp {} says: {}", server, printable(line, max_log_line));
            },
            [] {});
    }
}

} // namespace atende
