// What happens inside a turn: voice notes are listened to, the agent thinks, delivery sends.
#pragma once

#include "app/listening.hpp"

#include <atende/agent/agent.hpp>
#include <atende/delivery/delivery.hpp>
#include <atende/turns/turn_engine.hpp>
#include <functional>

namespace atende {

class answering final : public turn_handler {
public:
    // Reads a message that was announced without its content.
    using content_fetcher = std::function<awaitable<result<customer_message>>(conversation_id, message_id)>;

    answering(asio::any_io_executor executor, listening& hears, agent& thinks, delivery& delivers,
              content_fetcher fetch);

    awaitable<turn_decision> think(turn what, journal_writer journal) override;
    awaitable<send_outcome> send(conversation_id to, send_intent intent) override;
    awaitable<result<std::vector<message_id>>>
    find_sent(conversation_id to, std::string text, std::chrono::steady_clock::time_point since) override;
    // Waits for what is still shown to customers; before destruction.
    awaitable<void> stop();

private:
    awaitable<void> fetch_missing_content(turn& what);

    listening& listening_;
    agent& agent_;
    delivery& delivery_;
    content_fetcher fetch_;
    task_group courtesies_;
};

} // namespace atende
