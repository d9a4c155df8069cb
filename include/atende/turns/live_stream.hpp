// A conversation's live events as server-sent events: docs/events.md is what readers are told.
#pragma once

#include <atende/platform/http_server.hpp>
#include <atende/turns/live_events.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace atende {

struct live_stream_options {
    bool is_public = false;            // the reader is a customer: nothing of the shop's own business
    std::optional<live_event> first{}; // before all others, as it is
    // It ends when the turn about this message is over, or could not be had. Empty: it goes on.
    message_id until{};
    std::chrono::milliseconds longest{0}; // 0: as long as the reader stays and the process runs
};

// What a request says it has seen already: Last-Event-ID, as header or as `last_event_id` of the query.
std::string last_event_id_of(const http_request& request);

http_reply stream_reply(std::shared_ptr<live_follower> follower, live_stream_options options);
// Of live_events::follow().
http_reply no_stream_reply(const error& why);

} // namespace atende
