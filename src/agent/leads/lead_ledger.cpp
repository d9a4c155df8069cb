#include <atende/agent/leads/nocodb_lead_store.hpp>
#include <atende/platform/redis_client.hpp>
#include <chrono>

namespace atende {
namespace {

constexpr std::chrono::seconds remembered = std::chrono::days(180);

std::string key_of(const conversation_id& conversation) {
    return "atende:lead:" + conversation.text();
}

class redis_lead_ledger final : public lead_ledger {
public:
    explicit redis_lead_ledger(redis_client& redis) : redis_(redis) {}

    awaitable<result<std::optional<std::string>>> row_of(const conversation_id& conversation) override {
        redis_command get{"GET", key_of(conversation)};
        const result<redis_reply> reply = co_await redis_.command(std::move(get));
        if (!reply) co_return std::unexpected(reply.error());
        if (reply->what != redis_reply::kind::text) co_return std::nullopt;
        co_return reply->text;
    }

    awaitable<result<void>> remember(const conversation_id& conversation, std::string row) override {
        redis_command set{"SET", key_of(conversation), std::move(row), "EX",
                          std::to_string(remembered.count())};
        const result<redis_reply> reply = co_await redis_.command(std::move(set));
        if (!reply) co_return std::unexpected(reply.error());
        co_return result<void>();
    }

private:
    redis_client& redis_;
};

} // namespace

std::unique_ptr<lead_ledger> make_redis_lead_ledger(redis_client& redis) {
    return std::make_unique<redis_lead_ledger>(redis);
}

} // namespace atende
