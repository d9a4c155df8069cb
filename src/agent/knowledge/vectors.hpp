// Vectors of chunks: their ranking, and their file.
#pragma once

#include "agent/knowledge/embeddings.hpp"
#include "agent/knowledge/text_index.hpp"

#include <cstddef>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace atende {

// Immutable; any number of threads.
class vector_index {
public:
    // One for each chunk, in order, all of one length.
    explicit vector_index(const std::vector<vector_of_text>& of_chunks);

    [[nodiscard]] std::size_t size() const { return size_; }
    // By cosine, the best first. Empty for a vector of another length. A few thousand chunks take about a
    // millisecond.
    [[nodiscard]] std::vector<ranked_chunk> nearest(const vector_of_text& to, std::size_t most) const;

private:
    std::size_t size_ = 0;
    std::size_t length_ = 0;
    std::vector<float> values_; // of length 1 each, one after the other
};

// By the SHA-256 of what was embedded, as bytes.
using vector_cache = std::map<std::string, vector_of_text>;

// Both block. What is damaged or was written by another kind of machine is no cache: empty.
vector_cache read_vector_cache(const std::filesystem::path& file);
result<void> write_vector_cache(const std::filesystem::path& file, const vector_cache& cache);

// Reciprocal rank fusion: ranks are comparable where scores are not.
// Cormack, Clarke, Büttcher: https://dl.acm.org/doi/10.1145/1571941.1572114
std::vector<std::uint32_t> fused(std::span<const ranked_chunk> one, std::span<const ranked_chunk> other);

} // namespace atende
