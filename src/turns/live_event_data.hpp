// What a live event says, as JSON. No I/O. Names and fields: docs/events.md.
#pragma once

#include <atende/conversation/progress.hpp>
#include <atende/turns/live_events.hpp>
#include <optional>
#include <string>

namespace atende {

// Nothing where the vocabulary has no word for it. Without id.
std::optional<live_event> live_event_of(const progress& seen);

// One reader's view of the text being written. Pieces are only ever appended by readers, unless they are told
// to begin anew; a message that was sent is whole, however much of it was written before.
class draft_view {
public:
    // `known`: the reader has seen no piece of the text that is being written now.
    explicit draft_view(bool known) : known_(known) {}

    // `event.data` as this reader is to get it.
    void adapt(live_event& event);

private:
    bool known_;
    std::string written_;
};

// Without what is the shop's own business: arguments of tools, the model, reasons.
void make_public(live_event& event);

} // namespace atende
