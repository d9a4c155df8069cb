#include "agent/knowledge/text_index.hpp"

#include <algorithm>
#include <cmath>
#include <set>

namespace atende {
namespace {

constexpr float saturation = 1.2F;     // BM25's k1
constexpr float length_weight = 0.75F; // BM25's b
constexpr float heading_weight = 1.5F; // a word in a heading or a file's name, against one in the text
constexpr float before_weight = 0.25F;
constexpr float least_of_best = 0.25F;

// "knowledge/cursos/marketing_digital.md" speaks of courses and of marketing.
std::string_view speaking_name(std::string_view file) {
    file.remove_prefix(std::min(file.size(), file.find('/') + 1));
    return file.substr(0, file.rfind('.'));
}

bool is_meaning(const std::string& term) {
    return term.starts_with('#');
}

} // namespace

text_index::text_index(std::span<const knowledge_chunk> chunks, portuguese_analyser analyser)
    : analyser_(std::move(analyser)),
      chunks_(chunks.size()) {
    std::vector<float> lengths;
    float all_lengths = 0;
    for (std::uint32_t number = 0; number < chunks.size(); ++number) {
        const auto& chunk = chunks[number];
        std::unordered_map<std::string, float> counts;
        float length = 0;
        for (auto& term : analyser_.terms(chunk.text)) {
            if (!is_meaning(term)) ++length;
            ++counts[std::move(term)];
        }
        const std::string title = std::string(speaking_name(chunk.file)) + "\n" + chunk.heading;
        for (auto& term : analyser_.terms(title)) counts[std::move(term)] += heading_weight;
        for (auto& [term, count] : counts) postings_[term].push_back({number, count});
        lengths.push_back(length);
        all_lengths += length;
    }
    const float average = std::max(1.0F, all_lengths / std::max(1.0F, static_cast<float>(chunks.size())));
    for (auto& [term, list] : postings_) {
        const auto holders = static_cast<float>(list.size());
        const float rarity =
            std::log(1.0F + (static_cast<float>(chunks.size()) - holders + 0.5F) / (holders + 0.5F));
        for (auto& [number, weight] : list) {
            const float norm = 1.0F - length_weight + length_weight * lengths[number] / average;
            weight = rarity * weight * (saturation + 1.0F) / (weight + saturation * norm);
        }
    }
}

void text_index::add_to(std::vector<float>& scores, std::string_view text, float weight) const {
    const auto terms = analyser_.terms(text);
    for (const auto& term : std::set<std::string_view>(terms.begin(), terms.end())) {
        const auto found = postings_.find(std::string(term));
        if (found == postings_.end()) continue;
        for (const auto& [number, worth] : found->second) scores[number] += weight * worth;
    }
}

std::vector<ranked_chunk> text_index::search(const knowledge_question& question, std::size_t most) const {
    std::vector<float> scores(chunks_);
    add_to(scores, question.text, 1);
    if (!question.before.empty()) add_to(scores, question.before, before_weight);
    const float best = scores.empty() ? 0 : std::ranges::max(scores);
    std::vector<ranked_chunk> found;
    for (std::uint32_t number = 0; number < scores.size(); ++number) {
        if (scores[number] > 0 && scores[number] >= least_of_best * best)
            found.push_back({number, scores[number]});
    }
    const auto better = [](const ranked_chunk& a, const ranked_chunk& b) {
        return a.score > b.score || (a.score == b.score && a.number < b.number);
    };
    const auto end = found.begin() + static_cast<std::ptrdiff_t>(std::min(most, found.size()));
    std::ranges::partial_sort(found, end, better);
    found.erase(end, found.end());
    return found;
}

} // namespace atende
