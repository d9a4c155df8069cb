// What an agent still knows of turns that are too old to be given to the model word for word: typed notes,
// which a model makes and code checks. The last `history_turns` turns always stay as they were said, and up
// to twice as many do: between two compactions the beginning of a prompt stays the same, so that providers
// can cache it.
#pragma once

#include <atende/agent/model.hpp>
#include <atende/conversation/turn.hpp>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace atende {

// Whole turns that are to become notes, with those that were made before.
struct compaction {
    contact_notes before;
    std::vector<history_entry> turns; // oldest first, numbered
    std::int64_t through = 0;         // their last
    bool urgent = false; // they begin to be forgotten: without a model, what code knows is noted at least
};

// Once half as many turns again as `history_turns` are remembered word for word: all but the last
// `history_turns`. 0: nothing is ever remembered.
std::optional<compaction> compaction_due(const turn& about, int history_turns);

// What the model is asked. What people wrote is a JSON value in it.
model_request compaction_request(const compaction& due);

// The notes that an answer amounts to. Each list is cut to 8 notes of 200 characters that name turns which
// exist; what is odd in it is left out. errc::protocol: it is no object of the shape asked for.
result<contact_notes> notes_of(const compaction& due, std::string_view answer);

// Those from before, and the lead: what needs no model.
contact_notes notes_without_model(const compaction& due);

// Asks, for a minute at most. Nothing: not this time, the turns stay as they are. Never throws but for being
// cancelled.
awaitable<std::optional<contact_notes>> compacted(std::shared_ptr<model> by, compaction due);

// A message of the turn is, whole, one of these words. A slash counts: "/esquecer" is not "esquecer".
bool asks_to_be_forgotten(const turn& about, const std::vector<std::string>& words);

} // namespace atende
