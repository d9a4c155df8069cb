#include "agent/memory/saved_lead.hpp"

#include <algorithm>
#include <atende/agent/memory.hpp>
#include <atende/platform/log.hpp>
#include <atende/platform/text.hpp>
#include <atende/platform/time_limit.hpp>
#include <set>

namespace atende {
namespace {

constexpr auto longest_compaction = std::chrono::seconds(60);

} // namespace

std::optional<compaction> compaction_due(const turn& about, int history_turns) {
    if (history_turns <= 0) return std::nullopt;
    const auto& before = about.notes;
    std::set<std::int64_t> numbers;
    for (const auto& entry : about.history)
        if (before.through == 0 || entry.turn > before.through) numbers.insert(entry.turn);
    const auto kept = static_cast<std::size_t>(history_turns);
    if (numbers.size() <= kept + kept / 2) return std::nullopt;
    const auto first_kept = *std::next(numbers.begin(), static_cast<std::ptrdiff_t>(numbers.size() - kept));
    compaction due{.before = before, .turns = {}, .urgent = numbers.size() >= 2 * kept};
    for (const auto& entry : about.history) {
        if (!numbers.contains(entry.turn) || entry.turn >= first_kept) continue;
        due.turns.push_back(entry);
        due.through = entry.turn;
    }
    return due;
}

contact_notes notes_without_model(const compaction& due) {
    auto notes = due.before;
    add_saved_lead(notes.lead, due.turns);
    notes.through = due.through;
    return notes;
}

awaitable<std::optional<contact_notes>> compacted(std::shared_ptr<model> by, compaction due) {
    auto answer = co_await within(longest_compaction, by->complete(compaction_request(due)));
    if (!answer) answer = fail(errc::timed_out, "it took too long");
    auto notes = *answer ? notes_of(due, (*answer)->content) : std::unexpected(answer->error());
    if (notes) co_return *std::move(notes);
    spdlog::log(due.urgent ? spdlog::level::warn : spdlog::level::debug, "model {}: no notes: {}", by->name(),
                printable(notes.error().detail));
    if (due.urgent) co_return notes_without_model(due);
    co_return std::nullopt;
}

bool asks_to_be_forgotten(const turn& about, const std::vector<std::string>& words) {
    const auto is_asking = [&](const heard_message& message) {
        const auto said = without_accents(trimmed(message.text));
        return !message.unsent && !said.empty() && message.attachments.empty() &&
               std::ranges::any_of(words,
                                   [&](const auto& word) { return without_accents(trimmed(word)) == said; });
    };
    return std::ranges::any_of(about.messages, is_asking);
}

} // namespace atende
