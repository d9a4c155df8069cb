// The bare whole path: signature, simdjson, one script in Redis, a timer per customer, the model, Graph.
#include "bare/answerer.hpp"
#include "bare/redis_pipe.hpp"
#include "bare/webhook_door.hpp"

#include <boost/asio/steady_timer.hpp>
#include <simdjson.h>

#include <unordered_map>
#include <vector>

namespace bench {
namespace {

constexpr std::string_view gather = R"(
if not redis.call('SET', KEYS[1], '1', 'NX', 'PX', '86400000') then return 0 end
redis.call('RPUSH', KEYS[2], ARGV[1])
redis.call('ZADD', KEYS[3], ARGV[2], KEYS[2])
return 1)";

unsigned short port_of(const std::string& url) {
    return static_cast<unsigned short>(std::atoi(url.substr(url.find(':', 7) + 1).c_str()));
}

std::string milliseconds_now() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

class bare_path {
public:
    explicit bare_path(asio::io_context& loop)
        : loop_(loop),
          redis_(loop, port_of(setting("REDIS_URL")), gather),
          answerer_(loop.get_executor(), port_of(setting("OPENAI_BASE_URL")),
                    port_of(setting("GRAPH_BASE_URL"))),
          window_(static_cast<std::int64_t>(std::atof(setting("DEBOUNCE_SECONDS").c_str()) * 1'000)) {}

    awaitable<bool> operator()(const std::string& body) {
        const simdjson::padded_string padded(body);
        auto document = parser_.iterate(padded);
        auto item = document["entry"].at(0)["messaging"].at(0);
        const std::string contact{std::string_view(item["sender"]["id"])};
        const std::string id{std::string_view(item["message"]["mid"])};
        const std::string text{std::string_view(item["message"]["text"])};

        const std::string seen = "seen:" + id;
        const std::string inbox = "inbox:" + contact;
        const std::string now = milliseconds_now();
        const std::array<std::string_view, 6> arguments{"3", seen, inbox, "due", body, now};
        const bool stored = co_await redis_.eval(arguments);
        if (stored) gathered(contact, text);
        co_return stored;
    }

private:
    struct customer {
        asio::steady_timer timer;
        std::vector<std::string> messages;
    };

    void gathered(const std::string& contact, const std::string& text) {
        auto found = customers_.find(contact);
        if (found == customers_.end()) {
            found = customers_.emplace(contact, customer{asio::steady_timer(loop_), {}}).first;
        }
        found->second.messages.push_back(text);
        found->second.timer.expires_after(window_);
        found->second.timer.async_wait([this, contact](boost::system::error_code put_off) {
            if (!put_off) due(contact);
        });
    }

    void due(const std::string& contact) {
        auto all = std::move(customers_.at(contact).messages);
        customers_.erase(contact);
        asio::co_spawn(loop_, answerer_.answer(contact, std::move(all)), asio::detached);
    }

    asio::io_context& loop_;
    redis_pipe redis_;
    answerer answerer_;
    std::chrono::milliseconds window_;
    simdjson::ondemand::parser parser_;
    std::unordered_map<std::string, customer> customers_;
};

} // namespace
} // namespace bench

int main() {
    boost::asio::io_context loop(1);
    bench::bare_path path(loop);
    bench::run_door(loop, path);
}
