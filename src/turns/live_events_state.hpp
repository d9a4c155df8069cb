// What live_events and its followers share. Private to turns/.
#pragma once

#include "turns/keys.hpp"

#include <atende/turns/live_events.hpp>
#include <deque>
#include <map>
#include <unordered_map>

namespace atende {

// Who follows one conversation.
struct audience {
    std::vector<live_follower::state*> here;
    std::chrono::steady_clock::time_point until; // somebody elsewhere, or here not long ago
};

struct live_events_state : std::enable_shared_from_this<live_events_state> {
    live_events_state(asio::any_io_executor on, redis_client& redis, live_events_settings with);

    [[nodiscard]] bool is_watched(const conversation_id& conversation);
    void queue(const progress& seen);
    awaitable<void> write_queued();
    awaitable<bool> write(std::vector<progress> batch);
    // Those who follow look at once instead of at their next poll.
    void wake(const conversation_id& conversation);
    // Null: there is no place for it.
    std::shared_ptr<live_follower::state> join(const conversation_id& conversation, live_reader reader);
    void leave(live_follower::state& follower);

    asio::any_io_executor executor;
    redis_client& redis;
    live_events_settings settings;
    std::unordered_map<conversation_id, audience> audiences;
    std::size_t followers = 0;
    std::map<live_reader, std::size_t> places_taken;
    std::deque<progress> queued;
    bool writing = false;
    std::uint64_t batches_begun = 0;
    std::uint64_t batches_written = 0;
    bool stopping = false;
    asio::steady_timer gathering; // cancelled when there is no time to lose
    asio::steady_timer written;   // cancelled with every batch
    task_group tasks;
};

struct live_follower::state {
    state(std::shared_ptr<live_events_state> of, conversation_id conversation, live_reader reader,
          bool has_place);

    std::shared_ptr<live_events_state> events;
    conversation_id who;
    conversation_keys keys;
    live_reader reader;
    bool has_place; // otherwise it does not wait
    std::string last = "0-0";
    bool resumed = false;
    bool missed = false; // some of what came after `last` is not kept any more
    bool stale = true;   // something may have happened since the last look
    std::chrono::steady_clock::time_point renew_at;
    asio::steady_timer changed;
};

// SET with the time in which a conversation counts as followed after its last follower has left.
redis_command watch_command(const conversation_keys& keys, const live_events_settings& settings);

} // namespace atende
