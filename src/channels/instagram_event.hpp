// One element of an entry, read into one event. Whatever makes no sense becomes an unknown_event.
#pragma once

#include <simdjson.h>

#include <atende/conversation/event.hpp>
#include <cstdint>
#include <string>

namespace atende::instagram {

// What an entry says about everything in it.
struct entry_context {
    std::string id; // of the account, mostly; the dashboard's test button writes "0"
    std::int64_t time_ms = 0;
};

// An element of `messaging` or `standby`.
event read_messaging(const entry_context& entry, simdjson::dom::element source);

// An element of `changes`, {"field": …, "value": …}: a comment or a mention, or one of the events above in
// another wrapping.
event read_change(const entry_context& entry, simdjson::dom::element source);

event read_unknown(const entry_context& entry, simdjson::dom::element source, std::string description);

} // namespace atende::instagram
