// Hands over again what the journal recorded: after a failover that lost what Redis had acknowledged.
#pragma once

#include <atende/intake/event_desk.hpp>
#include <atende/platform/async.hpp>
#include <atende/platform/result.hpp>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>

namespace atende {

// Unix ms, by the time a webhook was received: `from_ms` included, `until_ms` not.
struct replay_range {
    std::int64_t from_ms = 0;
    std::int64_t until_ms = std::numeric_limits<std::int64_t>::max();
};

struct replay_counts {
    std::size_t webhooks = 0; // of the range, read or not
    std::size_t events = 0;
    std::size_t duplicates = 0; // events that Redis knew
    std::size_t handed_over = 0;
    std::size_t unreadable = 0;  // damaged stretches and files, webhooks that are none, events Redis refused
    std::int64_t reached_ms = 0; // the last webhook's time
    std::optional<error>
        cut_short; // Redis went away; replaying again goes on, because what it knows is known
};

// Reads the webhooks of the journal in `folder`, of all processes, in the order they were received, and hands
// each over: what Redis knows stays as it is. Webhooks nearer to the end of Redis' memory of known events (8
// days) than ten minutes are left out: they would be answered twice. One webhook at a time, each a round trip
// to Redis, so that live ones come first. Repeating and cancelling are safe. `desk` and `files` must outlive
// it.
awaitable<replay_counts> replay(std::filesystem::path folder, replay_range range, event_desk& desk,
                                asio::thread_pool& files);

} // namespace atende
