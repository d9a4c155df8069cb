// Which channel a conversation is answered through. Simulated customers only ever reach the sandbox, real
// ones only ever the platform.
#pragma once

#include <atende/channels/channel.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace atende {

class delivery {
public:
    // `real` may be null: without an access token nothing can be sent to real customers, and answers wait.
    explicit delivery(std::unique_ptr<channel> real);
    // Where simulated customers are answered, known once this process listens.
    void open_sandbox(std::unique_ptr<channel> sandbox) { sandbox_ = std::move(sandbox); }

    // Where the chat of the shop's own site is answered.
    void open_web(std::unique_ptr<channel> web) { web_ = std::move(web); }

    // The answer as messages that fit the conversation's channel.
    [[nodiscard]] std::vector<std::string> messages(const conversation_id& to, std::string_view answer) const;
    // Whether the conversation's channel takes audio.
    [[nodiscard]] bool takes_audio(const conversation_id& to) const;
    awaitable<send_outcome> send(conversation_id to, send_intent intent);
    // See channel::find_sent.
    awaitable<result<std::vector<message_id>>> find_sent(conversation_id to, send_intent sent,
                                                         std::chrono::steady_clock::time_point since);

    // Best effort: the customer sees that the message was read and an answer is being written.
    awaitable<void> show_attention(conversation_id to);

private:
    [[nodiscard]] channel* channel_of(const conversation_id& to) const;

    std::unique_ptr<channel> real_;
    std::unique_ptr<channel> sandbox_;
    std::unique_ptr<channel> web_;
};

} // namespace atende
