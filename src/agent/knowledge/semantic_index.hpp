// Finds chunks by what they mean, with vectors of an embeddings' server. Computed in the background, kept on
// disk by content, and never waited for: until they are there, or while the server is away, words alone rank.
#pragma once

#include "agent/knowledge/knowledge_snapshot.hpp"
#include "agent/knowledge/vectors.hpp"

#include <atende/agent/knowledge.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace atende {

// Lives on the event loop's thread; `http` and `pool` outlive it.
class semantic_index {
public:
    semantic_index(asio::any_io_executor executor, http_client& http, asio::thread_pool& pool,
                   embeddings_settings settings);

    // From now on vectors of this one are wanted; those of the one before are let go.
    void follow(std::shared_ptr<const knowledge_snapshot> what);
    awaitable<void> stop();

    // Empty when it cannot be said in time. Ends within question_deadline.
    awaitable<std::vector<ranked_chunk>> search(std::shared_ptr<const knowledge_snapshot> in,
                                                std::string text, std::size_t most);

    [[nodiscard]] std::size_t ready() const { return vectors_ ? vectors_->size() : 0; }

private:
    using clock = std::chrono::steady_clock;
    struct work;

    awaitable<void> fill(std::shared_ptr<const knowledge_snapshot> what);
    awaitable<bool> fetch(std::shared_ptr<const knowledge_snapshot> what, work& todo);
    awaitable<void> save(std::shared_ptr<const vector_cache> cache);

    http_client& http_;
    asio::thread_pool& pool_;
    embeddings_settings settings_;
    task_group tasks_;
    std::shared_ptr<const knowledge_snapshot> wanted_;
    std::shared_ptr<const vector_index> vectors_; // of `wanted_`; null until all are there
    clock::time_point silent_until_{};
    bool stopping_ = false;
};

} // namespace atende
