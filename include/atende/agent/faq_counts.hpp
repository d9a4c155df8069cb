// How often each fixed answer was given, in Redis: all replicas of a shop count together.
#pragma once

#include <atende/agent/knowledge_options.hpp>
#include <atende/conversation/ids.hpp>
#include <atende/platform/redis_client.hpp>
#include <cstdint>
#include <string>
#include <vector>

namespace atende {

struct faq_hits {
    std::string question; // the first of its spellings
    knowledge_source where;
    std::int64_t hits = 0;
};

// An entry is known by its first question: with another one it begins at 0.
class faq_counts {
public:
    // `redis` outlives this.
    faq_counts(redis_client& redis, std::string profile);

    // A turn counts once, however often it is thought. Errors: those of redis_client.
    awaitable<result<void>> count(std::string question, conversation_id conversation, std::int64_t turn);
    // In the order of `entries`, those never asked included.
    awaitable<result<std::vector<faq_hits>>> hits_of(std::vector<faq_entry> entries);

    // What is kept about one contact; the counts stay.
    awaitable<result<void>> erase(conversation_id conversation);

private:
    [[nodiscard]] std::string turn_key(const conversation_id& conversation) const;

    redis_client& redis_;
    std::string key_;
};

} // namespace atende
