#include <atende/agent/faq_counts.hpp>
#include <atende/platform/crypto.hpp>
#include <atende/platform/text.hpp>
#include <charconv>
#include <utility>

namespace atende {
namespace {

// KEYS: the counts, the last turn of the conversation that was counted. ARGV: the field, the turn, how long
// it is remembered (s): no turn outlives a day.
const redis_script& count_once() {
    static const redis_script script(R"(
if redis.call('GET', KEYS[2]) ~= ARGV[2] then
    redis.call('SET', KEYS[2], ARGV[2], 'EX', ARGV[3])
    redis.call('HINCRBY', KEYS[1], ARGV[1], 1)
end
return 1
)");
    return script;
}

constexpr std::string_view remembered_seconds = "86400";

std::string field_of(const std::string& question) {
    return sha256_hex(folded(question), 16);
}

} // namespace

faq_counts::faq_counts(redis_client& redis, std::string profile)
    : redis_(redis),
      key_("atende:{faq:" + std::move(profile) + "}") {}

std::string faq_counts::turn_key(const conversation_id& conversation) const {
    return key_ + ":" + conversation.text();
}

awaitable<result<void>> faq_counts::erase(conversation_id conversation) {
    redis_command erase{"DEL", turn_key(conversation)};
    const auto erased = co_await redis_.command(std::move(erase));
    if (!erased) co_return std::unexpected(erased.error());
    co_return result<void>();
}

awaitable<result<void>> faq_counts::count(std::string question, conversation_id conversation,
                                          std::int64_t turn) {
    script_call call{
        .script = &count_once(),
        .keys = {key_, turn_key(conversation)},
        .arguments = {field_of(question), std::to_string(turn), std::string(remembered_seconds)}};
    const auto counted = co_await redis_.eval(std::move(call));
    if (!counted) co_return std::unexpected(counted.error());
    co_return result<void>();
}

awaitable<result<std::vector<faq_hits>>> faq_counts::hits_of(std::vector<faq_entry> entries) {
    std::vector<faq_hits> hits;
    if (entries.empty()) co_return hits;
    redis_command get{"HMGET", key_};
    for (const auto& entry : entries) get.push_back(field_of(entry.questions.front()));
    const auto reply = co_await redis_.command(std::move(get));
    if (!reply) co_return std::unexpected(reply.error());
    if (reply->items.size() != entries.size())
        co_return fail(errc::protocol, "HMGET answered another number");
    for (std::size_t i = 0; i < entries.size(); ++i) {
        faq_hits one{.question = entries[i].questions.front(), .where = entries[i].where};
        const std::string& count = reply->items[i].text;
        std::from_chars(count.data(), count.data() + count.size(), one.hits);
        hits.push_back(std::move(one));
    }
    co_return hits;
}

} // namespace atende
