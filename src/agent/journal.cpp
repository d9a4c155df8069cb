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
    std::vector<tool_call> calls;
    for (const auto& call : entry["calls"]) {
        if (!are_texts(call) || call.size() != 3) return std::nullopt;
        calls.push_back({.id = call[0], .name = call[1], .arguments = call[2]});
    }
    recorded_round round{.content = entry.value("content", std::string()),
                         .operation = entry.value("operation", std::string()),
                         .calls = {},
                         .is_older = !entry.contains("operations")};
    if (round.is_older) { // as the model asked; the results are those of each call once
        for (auto& call : without_doubles(std::move(calls)))
            round.calls.push_back({.call = std::move(call), .operation = {}, .result = {}});
        return round;
    }
    const auto& operations = entry["operations"];
    if (!are_texts(operations) || operations.size() != calls.size()) return std::nullopt;
    const auto lookups = entry.value("lookups", std::vector<bool>());
    for (std::size_t i = 0; i < calls.size(); ++i)
        round.calls.push_back({.call = std::move(calls[i]),
                               .operation = operations[i],
                               .is_lookup = i < lookups.size() && lookups[i],
                               .result = {}});
    return round;
}

// Results at the end may be missing, and older entries do not say where one came from.
void decode_results(const json& entry, std::vector<recorded_call>& calls) {
    const auto& results = entry["results"];
    const auto sources = entry.find("sources");
    const auto known_sources = sources != entry.end() && are_texts(*sources) ? sources->size() : 0;
    for (std::size_t i = 0; i < calls.size(); ++i) {
        auto& result = calls[i].result;
        result.text = i < results.size() ? results[i].get<std::string>() : std::string();
        result.source = i < known_sources ? (*sources)[i].get<std::string>() : std::string();
    }
}

} // namespace

std::vector<tool_call> without_doubles(std::vector<tool_call> calls) {
    std::vector<tool_call> kept;
    for (auto& call : calls) {
        const auto is_same = [&](const tool_call& other) {
            return !call.id.empty() && other.id == call.id && other.name == call.name &&
                   other.arguments == call.arguments;
        };
        if (std::ranges::none_of(kept, is_same)) kept.push_back(std::move(call));
    }
    return kept;
}

std::string encode_asked(const recorded_round& round) {
    json calls = json::array(), operations = json::array(), lookups = json::array();
    for (const auto& each : round.calls) {
        calls.push_back({each.call.id, each.call.name, each.call.arguments});
        operations.push_back(each.operation);
        lookups.push_back(each.is_lookup);
    }
    return json_text({{"content", round.content},
                      {"calls", std::move(calls)},
                      {"operation", round.operation},
                      {"operations", std::move(operations)},
                      {"lookups", std::move(lookups)}});
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
            decode_results(entry, rounds.back().calls);
        } else {
            auto round = decode_asked(entry);
            if (!round) break;
            rounds.push_back(*std::move(round));
        }
    }
    return rounds;
}

} // namespace atende
