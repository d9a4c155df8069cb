// What happens in the turns of a conversation, for whoever follows it: from any process of the same Redis,
// from any point on that is still kept. Events are kept in a Redis stream of the conversation, for a day and
// about 300 of them, and only while somebody follows or did so in the last five minutes; what a web chat is
// sent is always kept. Nothing here delays a turn: apart from deliver(), events are written in the
// background, and dropped if Redis does not take them. Lives on the event loop's thread.
#pragma once

#include <atende/conversation/progress.hpp>
#include <atende/conversation/reply.hpp>
#include <atende/platform/redis_client.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace atende {

struct live_event {
    std::string id;   // of the Redis stream: it grows within a conversation. Empty: of no event that is kept
    std::string type; // status, agent_switch, tool_call, content, complete or error; see docs/events.md
    std::string data; // a JSON object
};

// Customers follow their web chat, the shop any conversation. Neither takes the other's places.
enum class live_reader { customer, shop };

struct live_events_settings {
    std::size_t most_followers = 256; // at once, in this process: of each kind of reader
    std::size_t most_of_shop = 16;    // in one conversation
    std::size_t most_of_customer = 4; // in one conversation
    int events_kept = 300;            // of a conversation, about
    std::chrono::milliseconds kept_for{24LL * 3'600'000};
    std::chrono::milliseconds watched_for{5 * 60'000}; // after the last follower has left
    std::chrono::milliseconds poll{150};               // how late what another process does may be seen here
    std::chrono::milliseconds gathering{100};          // pieces of text that come faster are one event
    int replicas = 0; // of Redis that must have a web chat's message before it counts as delivered
};

struct live_events_state;

// One reader's place in a conversation's events.
class live_follower {
public:
    struct state;
    explicit live_follower(std::shared_ptr<state> state) : state_(std::move(state)) {}
    ~live_follower();
    live_follower(const live_follower&) = delete;
    live_follower& operator=(const live_follower&) = delete;

    // What happened next, oldest first, as soon as something has; none if nothing did for `patience`. Nothing
    // when it is over: live_events::stop() was called, or it has no place. While Redis is away nothing
    // happens.
    awaitable<std::optional<std::vector<live_event>>> next(std::chrono::milliseconds patience);
    // The id after which it goes on: who comes back with it misses nothing.
    [[nodiscard]] const std::string& position() const;
    // It begins after an id, so text may be half written before its first event.
    [[nodiscard]] bool resumed() const;

private:
    std::shared_ptr<state> state_;
};

class live_events {
public:
    live_events(asio::any_io_executor executor, redis_client& redis, live_events_settings settings = {});
    ~live_events();
    live_events(const live_events&) = delete;
    live_events& operator=(const live_events&) = delete;

    // A progress_sink.
    void note(const progress& seen);

    // How a web chat gets a message: by its events alone. Done once for each id, however often it is asked
    // for; `message` names it. Errors: those of redis_client, after any of which it may be asked for again.
    awaitable<result<message_id>> deliver(conversation_id to, send_intent message);

    // Everything after the event `after`; all that is kept if it is "0", what happens from now on if it is
    // empty. Claims that begin after this has returned know that somebody follows. A customer for whom there
    // is no place left gets a follower that ends with what is kept by now: coming back again and again misses
    // nothing either. Errors: invalid_input (`after` is no id), rejected (no place for the shop, or it is
    // being stopped), and those of redis_client.
    awaitable<result<std::shared_ptr<live_follower>>> follow(conversation_id conversation, std::string after,
                                                             live_reader reader);

    // Ends every follower, and waits a second for its reader to take leave; what happens from now on is not
    // kept.
    awaitable<void> stop();

private:
    std::shared_ptr<live_events_state> state_;
};

} // namespace atende
