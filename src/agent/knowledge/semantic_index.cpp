#include "agent/knowledge/semantic_index.hpp"

#include <algorithm>
#include <atende/platform/crypto.hpp>
#include <atende/platform/log.hpp>
#include <set>
#include <string_view>
#include <utility>

namespace atende {
namespace {

constexpr std::size_t batch_size = 32;
constexpr auto batch_deadline = std::chrono::milliseconds(30'000);
constexpr auto first_pause = std::chrono::milliseconds(2'000);
constexpr auto longest_pause = std::chrono::milliseconds(300'000);

std::string embedded_text(const knowledge_chunk& chunk) {
    std::string text = chunk.file + "\n";
    if (!chunk.heading.empty()) text += chunk.heading + "\n";
    return text + chunk.text;
}

std::string key_of(const std::string& model, const std::string& text) {
    const auto digest = sha256(model + '\0' + text);
    return {digest.begin(), digest.end()};
}

} // namespace

// What is computed for one snapshot.
struct semantic_index::work {
    std::vector<std::string> texts; // one for each chunk
    std::vector<std::string> keys;
    std::shared_ptr<vector_cache> known = std::make_shared<vector_cache>();

    [[nodiscard]] std::vector<std::size_t> missing() const {
        std::vector<std::size_t> numbers;
        for (std::size_t i = 0; i < keys.size(); ++i) {
            if (!known->contains(keys[i])) numbers.push_back(i);
        }
        return numbers;
    }
};

semantic_index::semantic_index(asio::any_io_executor executor, http_client& http, asio::thread_pool& pool,
                               embeddings_settings settings)
    : http_(http),
      pool_(pool),
      settings_(std::move(settings)),
      tasks_(std::move(executor)) {}

void semantic_index::follow(std::shared_ptr<const knowledge_snapshot> what) {
    vectors_ = nullptr;
    wanted_ = std::move(what);
    const bool is_searched = wanted_->whole.empty() && !wanted_->chunks.empty();
    if (is_searched && !stopping_) tasks_.start("embeddings", fill(wanted_));
}

awaitable<void> semantic_index::stop() {
    stopping_ = true;
    return tasks_.finish(std::chrono::seconds(0));
}

awaitable<void> semantic_index::fill(std::shared_ptr<const knowledge_snapshot> what) {
    auto begin = [what, model = settings_.model, file = settings_.cache_file] {
        work made;
        for (const auto& chunk : what->chunks) {
            made.texts.push_back(embedded_text(chunk));
            made.keys.push_back(key_of(model, made.texts.back()));
        }
        *made.known = read_vector_cache(file);
        const std::set<std::string_view> used(made.keys.begin(), made.keys.end());
        std::erase_if(*made.known, [&](const auto& each) { return !used.contains(each.first); });
        return made;
    };
    work todo = co_await offload(pool_, std::move(begin));
    const bool complete = co_await fetch(what, todo);
    if (!complete || wanted_ != what) co_return;
    auto build = [known = todo.known, keys = todo.keys] {
        std::vector<vector_of_text> of_chunks;
        for (const auto& key : keys) of_chunks.push_back(known->at(key));
        return std::make_shared<const vector_index>(of_chunks);
    };
    auto built = co_await offload(pool_, std::move(build));
    if (wanted_ != what) co_return;
    vectors_ = std::move(built);
    spdlog::info("knowledge: vectors of {} chunks are ready", vectors_->size());
}

// False: it is not wanted any more.
awaitable<bool> semantic_index::fetch(std::shared_ptr<const knowledge_snapshot> what, work& todo) {
    auto pause = first_pause;
    bool saved = true;
    for (auto missing = todo.missing(); !missing.empty(); missing = todo.missing()) {
        if (stopping_ || wanted_ != what) break;
        missing.resize(std::min(missing.size(), batch_size));
        std::vector<std::string> texts;
        for (const std::size_t number : missing) texts.push_back(todo.texts[number]);
        auto got = co_await embed(http_, pool_, settings_, std::move(texts), batch_deadline);
        if (!got) {
            if (!std::exchange(saved, true)) co_await save(todo.known);
            if (stopping_) break;
            spdlog::warn("knowledge: {}; again in {} s", printable(got.error().detail),
                         pause.count() / 1'000);
            co_await sleep_for(pause);
            pause = got.error().code == errc::rejected ? longest_pause : std::min(2 * pause, longest_pause);
            continue;
        }
        pause = first_pause;
        const bool other_length =
            !todo.known->empty() && todo.known->begin()->second.size() != got->front().size();
        if (other_length) todo.known->clear(); // the name stands for another model now
        for (std::size_t i = 0; i < missing.size(); ++i)
            todo.known->emplace(todo.keys[missing[i]], std::move((*got)[i]));
        saved = false;
    }
    if (!saved) co_await save(todo.known);
    co_return todo.missing().empty();
}

awaitable<void> semantic_index::save(std::shared_ptr<const vector_cache> cache) {
    auto write = [cache, file = settings_.cache_file] { return write_vector_cache(file, *cache); };
    const result<void> written = co_await offload(pool_, std::move(write));
    if (!written) spdlog::warn("knowledge: vectors cannot be kept: {}", printable(written.error().detail));
}

awaitable<std::vector<ranked_chunk>> semantic_index::search(std::shared_ptr<const knowledge_snapshot> in,
                                                            std::string text, std::size_t most) {
    const auto vectors = vectors_;
    if (!vectors || in != wanted_ || clock::now() < silent_until_) co_return std::vector<ranked_chunk>{};
    std::vector<std::string> question{std::move(text)};
    auto asked = co_await embed(http_, pool_, settings_, std::move(question), settings_.question_deadline);
    if (!asked) {
        const auto& why = asked.error();
        if (why.code == errc::rejected) { // this question: the next customer's is another
            spdlog::warn("knowledge: {}; words alone rank this time", printable(why.detail));
        } else if (why.code != errc::cancelled) {
            spdlog::warn("knowledge: {}; words alone rank for {} s", printable(why.detail),
                         settings_.silence.count() / 1'000);
            silent_until_ = clock::now() + settings_.silence;
        }
        co_return std::vector<ranked_chunk>{};
    }
    auto rank = [vectors, most, vector = std::move(asked->front())] {
        return vectors->nearest(vector, most);
    };
    co_return co_await offload(pool_, std::move(rank));
}

} // namespace atende
