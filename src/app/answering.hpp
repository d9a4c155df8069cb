// What happens inside a turn: voice notes are listened to, the agent thinks, the answer may be spoken,
// delivery sends. Where the profile does not answer, what the customer said is remembered and that is all.
#pragma once

#include "app/listening.hpp"
#include "app/speaking.hpp"

#include <atende/agent/agent.hpp>
#include <atende/delivery/delivery.hpp>
#include <atende/turns/turn_engine.hpp>
#include <functional>
#include <optional>
#include <set>

namespace atende {

// Why no customer is answered: the profile lists channels, and none of them is connected. Nothing: one is, or
// it lists none. The simulator speaks as Instagram.
std::optional<sentence> channel_problem(const settings& configured, const profile& shop);

class answering final : public turn_handler {
public:
    using served_profile = std::function<const profile&()>;
    // Reads a message that was announced without its content.
    using content_fetcher = std::function<awaitable<result<customer_message>>(conversation_id, message_id)>;

    struct memory_hooks {
        // As turn_store::remember().
        std::function<awaitable<result<bool>>(const turn& basis, const contact_notes& notes)> remember;
        // A contact asked to be forgotten: what is kept beside the conversation itself is erased. Repeating
        // it is safe.
        std::function<awaitable<result<void>>(conversation_id)> forget_elsewhere;
    };

    answering(asio::any_io_executor executor, listening& hears, agent& thinks, speaking& says,
              delivery& delivers, served_profile serving, content_fetcher fetch, memory_hooks memory);

    awaitable<turn_decision> think(turn what, journal_writer journal) override;
    awaitable<send_outcome> send(conversation_id to, send_intent intent) override;
    awaitable<result<std::vector<message_id>>>
    find_sent(conversation_id to, send_intent sent, std::chrono::steady_clock::time_point since) override;
    // Waits for what is still shown to customers; before destruction.
    awaitable<void> stop();

private:
    awaitable<void> fetch_missing_content(turn& what);
    void keep_memory(const turn& what);
    awaitable<void> compact(turn basis, compaction due);

    listening& listening_;
    agent& agent_;
    speaking& speaking_;
    delivery& delivery_;
    served_profile serving_;
    content_fetcher fetch_;
    memory_hooks memory_;
    std::set<conversation_id> compacting_;
    task_group courtesies_;
};

} // namespace atende
