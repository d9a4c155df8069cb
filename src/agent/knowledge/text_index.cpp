#include "agent/knowledge/text_index.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

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

std::set<std::string> each_once(std::vector<std::string> terms) {
    return {std::make_move_iterator(terms.begin()), std::make_move_iterator(terms.end())};
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

void text_index::add_to(std::vector<float>& scores, const std::set<std::string>& terms, float weight) const {
    for (const auto& term : terms) {
        const auto found = postings_.find(term);
        if (found == postings_.end()) continue;
        for (const auto& [number, worth] : found->second) scores[number] += weight * worth;
    }
}

std::vector<bool> text_index::meaning_the_same(const std::set<std::string>& terms) const {
    std::vector<bool> same(chunks_);
    for (const auto& term : terms) {
        const auto found = is_meaning(term) ? postings_.find(term) : postings_.end();
        if (found == postings_.end()) continue;
        for (const auto& [number, worth] : found->second) same[number] = true;
    }
    return same;
}

// A meaning that many chunks have is worth little against a rare word: "custo por fatia" in one of them would
// hide all prices from "quanto custa". So what means the same is never too far behind.
std::vector<ranked_chunk> text_index::search(const knowledge_question& question, std::size_t most) const {
    const auto asked = each_once(analyser_.terms(question.text));
    const auto means_it = meaning_the_same(asked);
    std::vector<float> scores(chunks_);
    add_to(scores, asked, 1);
    if (!question.before.empty()) add_to(scores, each_once(analyser_.terms(question.before)), before_weight);
    const float best = scores.empty() ? 0 : std::ranges::max(scores);
    std::vector<ranked_chunk> found;
    for (std::uint32_t number = 0; number < scores.size(); ++number) {
        if (scores[number] > 0 && (means_it[number] || scores[number] >= least_of_best * best))
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
