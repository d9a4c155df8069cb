// Results of tools, kept in Redis for all replicas that serve a profile. Lives on the event loop's thread;
// must outlive the tools it made.
//
// What it promises:
//   - one replica asks at a time for the same thing; the others wait for what it gets, and no longer than
//     it may take: one that died only costs the wait for its lock to run out
//   - after an invalidation nothing is given that was asked for before it, not even by a call then under way
//   - what an erased contact's tools were being asked for is not kept
//   - only "SUCESSO: …" is kept
//   - without Redis the tool is asked every time
// What it keeps are customers' data: values live for ttl + stale.
#pragma once

#include <atende/agent/tool.hpp>
#include <atende/platform/async.hpp>
#include <atende/platform/redis_client.hpp>
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace atende {

struct cache_terms {
    std::chrono::milliseconds ttl{0};
    // So long after the ttl, the old result still answers when the service cannot.
    std::chrono::milliseconds stale{0};
    bool personal =
        false; // a result is for the one who asked; otherwise for everybody who asks the same account
    std::string version; // of the tool: results of another version are not given
};

class tool_cache {
public:
    // `space` keeps the profiles apart that share a Redis: their names.
    tool_cache(asio::any_io_executor executor, redis_client& redis, std::string space);
    ~tool_cache();

    // The same tool, without effect, asked only for what is not known.
    std::shared_ptr<tool> cached(std::shared_ptr<tool> source, cache_terms terms);
    // The same tool, which after each call, whatever came of it and also if it is cancelled, makes the cache
    // forget the results of the tools that `patterns` name (* for any characters): an answer that got lost
    // may have had its effect, too.
    std::shared_ptr<tool> invalidating(std::shared_ptr<tool> source, std::vector<std::string> patterns);

    // Deletes what is kept about one contact: the results of personal tools. What any replica is asking for
    // at that moment is not kept. False if Redis could not be told. Repeating it is safe.
    awaitable<bool> erase(conversation_id conversation);

    // Ends what is being asked; before destruction. Callers that still wait get an "ERRO: …".
    awaitable<void> stop();

private:
    class cached_tool;
    class invalidating_tool;
    struct flight;

    struct keys {
        std::string entry, lock, generations;
        std::string contact; // what is kept about one; empty: about nobody
    };
    [[nodiscard]] keys keys_of(const std::string& tool, const cache_terms& terms,
                               const nlohmann::json& arguments, const conversation_id& asker) const;
    [[nodiscard]] std::string contact_key(const conversation_id& contact) const;
    std::shared_ptr<flight> join(const keys& at, const std::shared_ptr<tool>& source,
                                 const cache_terms& terms, nlohmann::json arguments, tool_context context);
    awaitable<void> fly(std::shared_ptr<flight> one);
    awaitable<bool> forget(std::vector<std::string> patterns);

    asio::any_io_executor executor_;
    redis_client& redis_;
    std::string space_;
    redis_script look_, keep_, forget_, erase_;
    std::map<std::string, std::shared_ptr<flight>> flights_; // by entry
    task_group tasks_;
};

} // namespace atende
