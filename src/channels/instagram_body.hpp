// The part of a messaging event that says what happened: {"message": …}, {"reaction": …}, and so on.
#pragma once

#include <simdjson.h>

#include <atende/conversation/event.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace atende::instagram {

// Who wrote to whom, as far as the event says.
struct parties {
    std::string account;
    std::string contact;
    bool from_account = false;
    bool to_self = false;
};

struct body_reading {
    event_body body;
    // The idempotency key is "<key_kind>:<account>:<key_rest>". Without a rest nothing in the event names it,
    // and its whole content must.
    std::string_view key_kind;
    std::string key_rest;
};

struct body_kind {
    std::string_view name; // of the field that holds the body
    // Nothing if the body makes no sense. `at_ms` is the event's own time, 0 if it has none.
    std::optional<body_reading> (*read)(const parties& who, std::int64_t at_ms, simdjson::dom::object body);
    // Only customers cause it. Meta's examples show these with the customer's id as the entry's, so that the
    // entry does not tell the sender is us.
    bool by_customer = false;
};

// The kind of body this event has; null if none that we know.
const body_kind* find_body_kind(simdjson::dom::object event);

} // namespace atende::instagram
