// What customers say in a turn, as words: their voice notes are listened to before the agent thinks.
#pragma once

#include <atende/conversation/event.hpp>
#include <atende/conversation/progress.hpp>
#include <atende/conversation/turn.hpp>
#include <atende/platform/async.hpp>
#include <atende/voice/listener.hpp>
#include <atende/voice/media_archive.hpp>
#include <chrono>
#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace atende {

struct listening_settings {
    media_source platform;                        // where real customers' files are
    std::chrono::milliseconds turn_waits{45'000}; // for all files of a turn together
    media_archive* archive = nullptr;             // where files are kept; null: nowhere
};

class listening {
public:
    // `listens` is null offline: then nothing said is understood. Otherwise it outlives this.
    listening(asio::any_io_executor executor, listener* listens, listening_settings settings,
              progress_sink watch);

    // From the next turn on.
    void use(speech_hints hints) { hints_ = std::move(hints); }
    // The address below which the simulator keeps what is recorded there; simulated customers' files come
    // from nowhere else, and nobody else's from there.
    void open_sandbox(std::string below) { sandbox_ = std::move(below); }

    // Fills in attachment::sound and ::words, of all voice notes at once; of videos if anybody speaks in
    // them. Told to the progress sink. What was heard is remembered until forget(), because a turn may be
    // thought again. Safe to cancel.
    awaitable<void> hear(turn& what);

    // Listens to a message whose turn is still far off, for example because a person answers: links do not
    // last. Its words are remembered for the turn, and told. After stop() nothing begins.
    void hear_early(const conversation_id& of, const customer_message& message);
    awaitable<void> stop();

    // These messages are answered.
    void forget(const std::vector<message_id>& messages);
    // Its words are not remembered, nor told, also if it is being listened to.
    void take_back(const message_id& message);
    [[nodiscard]] std::size_t remembered() const { return memory_.size(); }

private:
    struct note {
        attachment* what;
        message_id message;
        std::size_t index; // among its message's attachments
    };
    struct memory {
        message_id message;
        std::size_t index;
        heard_audio heard;
    };

    [[nodiscard]] const heard_audio* recalled(const note& one) const;
    [[nodiscard]] bool is_taken_back(const message_id& message) const;
    awaitable<heard_audio> hear_in_time(std::string url, conversation_id of,
                                        std::chrono::steady_clock::time_point until);
    awaitable<void> take_in(conversation_id of, note one, heard_audio heard);
    awaitable<void> hear_one(conversation_id of, message_id message, std::size_t index, attachment what);
    void tell(const conversation_id& of, const note& one, const heard_audio& heard) const;

    listener* listener_;
    listening_settings settings_;
    progress_sink watch_;
    speech_hints hints_;
    std::string sandbox_;
    std::deque<memory> memory_;         // newest last
    std::deque<message_id> taken_back_; // lately
    task_group early_;
    bool stopping_ = false;
};

} // namespace atende
