#include "agent/journal.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <atende/platform/json.hpp>
#include <optional>

namespace atende {
namespace {

using nlohmann::json;

bool are_texts(const json& list) {
    if (!list.is_array()) return false;
    for (const auto& each : list) {
        if (!each.is_string()) return false;
    }
    return true;
}

std::optional<recorded_round> decode_asked(const json& entry) {
    if (!entry.is_object() || !entry.contains("calls") || !entry["calls"].is_array()) return std::nullopt;
    recorded_round round{.content = entry.value("content", std::string()),
                         .calls = {},
                         .operation = entry.value("operation", std::string()),
                         .operations = {},
                         .results = {}};
    for (const auto& call : entry["calls"]) {
        if (!are_texts(call) || call.size() != 3) return std::nullopt;
        round.calls.push_back({.id = call[0], .name = call[1], .arguments = call[2]});
    }
    if (!entry.contains("operations")) return round;
    if (!are_texts(entry["operations"]) || entry["operations"].size() != round.calls.size())
        return std::nullopt;
    round.operations = entry["operations"].get<std::vector<std::string>>();
    return round;
}

// Older entries do not say where a result came from.
std::vector<recorded_result> decode_results(const json& entry) {
    std::vector<recorded_result> results;
    for (const auto& text : entry["results"]) results.push_back({.text = text, .source = {}});
    const auto sources = entry.find("sources");
    if (sources == entry.end() || !are_texts(*sources)) return results;
    for (std::size_t i = 0; i < results.size() && i < sources->size(); ++i) results[i].source = (*sources)[i];
    return results;
}

} // namespace

std::string encode_asked(const recorded_round& round) {
    json calls = json::array();
    for (const auto& call : round.calls) calls.push_back({call.id, call.name, call.arguments});
    return json_text({{"content", round.content},
                      {"calls", std::move(calls)},
                      {"operation", round.operation},
                      {"operations", round.operations}});
}

std::string encode_results(const std::vector<tool_step>& steps) {
    json results = json::array(), sources = json::array();
    for (const auto& step : steps) {
        results.push_back(step.result);
        sources.push_back(step.source);
    }
    json entry{{"results", std::move(results)}};
    const bool some_cached = std::ranges::any_of(steps, [](const tool_step& s) { return !s.source.empty(); });
    if (some_cached) entry["sources"] = std::move(sources);
    return json_text(entry);
}

std::vector<recorded_round> decode_journal(const std::vector<std::string>& entries) {
    std::vector<recorded_round> rounds;
    for (const auto& text : entries) {
        const json entry = json::parse(text, nullptr, false);
        if (entry.is_object() && entry.contains("results")) {
            if (rounds.empty() || !are_texts(entry["results"])) break;
            rounds.back().results = decode_results(entry);
        } else {
            auto round = decode_asked(entry);
            if (!round) break;
            rounds.push_back(*std::move(round));
        }
    }
    return rounds;
}

} // namespace atende
