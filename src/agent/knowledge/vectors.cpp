#include "agent/knowledge/vectors.hpp"

#include "agent/leads/file_replace.hpp"

#include <system_error>

#include <algorithm>
#include <array>
#include <atende/platform/crypto.hpp>
#include <cmath>
#include <cstdint>
#include <cstring>

namespace atende {
namespace {

constexpr std::string_view mark = "atende vectors 1\n";
constexpr std::size_t key_size = 32;
constexpr float rank_constant = 60; // the paper's k

std::string digest_of(std::string_view bytes) {
    const auto digest = sha256(bytes);
    return {digest.begin(), digest.end()};
}

// Several sums at a time, so that the compiler may use wide registers.
float product(std::span<const float> a, std::span<const float> b) {
    constexpr std::size_t lanes = 8;
    std::array<float, lanes> sums{};
    std::size_t at = 0;
    for (; at + lanes <= a.size(); at += lanes) {
        for (std::size_t lane = 0; lane < lanes; ++lane) sums[lane] += a[at + lane] * b[at + lane];
    }
    float sum = 0;
    for (; at < a.size(); ++at) sum += a[at] * b[at];
    for (const float each : sums) sum += each;
    return sum;
}

vector_of_text of_length_one(vector_of_text vector) {
    const float length = std::sqrt(product(vector, vector));
    if (length > 0) {
        for (float& value : vector) value /= length;
    }
    return vector;
}

std::string_view bytes_of(const vector_of_text& vector) {
    return {reinterpret_cast<const char*>(vector.data()), vector.size() * sizeof(float)};
}

} // namespace

vector_index::vector_index(const std::vector<vector_of_text>& of_chunks)
    : size_(of_chunks.size()),
      length_(of_chunks.empty() ? 0 : of_chunks.front().size()) {
    values_.reserve(size_ * length_);
    for (const auto& each : of_chunks) {
        const auto normal = of_length_one(each);
        values_.insert(values_.end(), normal.begin(), normal.end());
    }
}

std::vector<ranked_chunk> vector_index::nearest(const vector_of_text& to, std::size_t most) const {
    if (to.size() != length_ || length_ == 0) return {};
    const auto wanted = of_length_one(to);
    std::vector<ranked_chunk> all;
    all.reserve(size_);
    for (std::size_t i = 0; i < size_; ++i) {
        const auto here = std::span(values_).subspan(i * length_, length_);
        all.push_back({static_cast<std::uint32_t>(i), product(wanted, here)});
    }
    const auto end = all.begin() + static_cast<std::ptrdiff_t>(std::min(most, all.size()));
    std::ranges::partial_sort(all, end, [](const ranked_chunk& a, const ranked_chunk& b) {
        return a.score > b.score || (a.score == b.score && a.number < b.number);
    });
    all.erase(end, all.end());
    return all;
}

// The mark, the vectors' length, then key and vector one after the other, then the SHA-256 of all that.
vector_cache read_vector_cache(const std::filesystem::path& file) {
    const auto content = read_file(file);
    if (!content || !*content) return {};
    std::string_view rest = **content;
    std::uint32_t length = 0;
    if (rest.size() < mark.size() + sizeof(length) + key_size || !rest.starts_with(mark)) return {};
    if (digest_of(rest.substr(0, rest.size() - key_size)) != rest.substr(rest.size() - key_size)) return {};
    rest.remove_suffix(key_size);
    rest.remove_prefix(mark.size());
    std::memcpy(&length, rest.data(), sizeof(length));
    rest.remove_prefix(sizeof(length));
    const std::size_t entry = key_size + length * sizeof(float);
    vector_cache cache;
    for (; rest.size() >= entry; rest.remove_prefix(entry)) {
        vector_of_text vector(length);
        std::memcpy(vector.data(), rest.data() + key_size, length * sizeof(float));
        cache.emplace(rest.substr(0, key_size), std::move(vector));
    }
    return cache;
}

result<void> write_vector_cache(const std::filesystem::path& file, const vector_cache& cache) {
    std::string content(mark);
    const auto length = static_cast<std::uint32_t>(cache.empty() ? 0 : cache.begin()->second.size());
    content.append(reinterpret_cast<const char*>(&length), sizeof(length));
    for (const auto& [key, vector] : cache) content.append(key).append(bytes_of(vector));
    content += digest_of(content);
    std::error_code failed;
    std::filesystem::create_directories(file.parent_path(), failed);
    if (failed) return fail(errc::unavailable, file.parent_path().string() + ": " + failed.message());
    return replace_file(file, content);
}

std::vector<std::uint32_t> fused(std::span<const ranked_chunk> one, std::span<const ranked_chunk> other) {
    std::map<std::uint32_t, float> worth;
    for (const auto ranking : {one, other}) {
        for (std::size_t rank = 0; rank < ranking.size(); ++rank)
            worth[ranking[rank].number] += 1.0F / (rank_constant + static_cast<float>(rank + 1));
    }
    std::vector<std::uint32_t> numbers;
    for (const auto& [number, value] : worth) numbers.push_back(number);
    std::ranges::sort(numbers, [&](std::uint32_t a, std::uint32_t b) {
        return worth[a] > worth[b] || (worth[a] == worth[b] && a < b);
    });
    return numbers;
}

} // namespace atende
