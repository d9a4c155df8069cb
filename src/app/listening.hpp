// What customers say in a turn, as words: their voice notes are listened to before the agent thinks.
#pragma once

#include <atende/conversation/event.hpp>
#include <atende/conversation/progress.hpp>
#include <atende/conversation/turn.hpp>
#include <atende/platform/async.hpp>
#include <atende/voice/listener.hpp>
#include <atende/voice/media_archive.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace atende {

inline constexpr std::chrono::milliseconds longest_listening{45'000};

struct listening_settings {
    media_source platform;                                // where real customers' files are
    std::chrono::milliseconds longest{longest_listening}; // of one note, with its wait for a place
    media_archive* archive = nullptr;                     // where files are kept; null: nowhere
    // turn_store::note_heard()
    std::function<awaitable<result<bool>>(const conversation_id&, const message_id&, std::size_t index,
                                          const attachment& heard)>
        note_heard;
    std::chrono::milliseconds first_repeat{200}; // of a note_heard() without an answer; the wait grows
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

    // Fills in attachment::sound and ::words, of all voice notes; of videos if anybody speaks in them. As
    // many at once as the listener takes of one contact. What was heard joins its message in Redis, wherever
    // that is by then, so that nobody listens again; only then is it told to the progress sink, and its file
    // kept. What was heard before is left as it is. Cancelling it ends the wait alone: a person who takes
    // over will want to know what was said.
    awaitable<void> hear(turn& what);

    // Listens to a message whose turn is still far off, for example because a person answers: links do not
    // last. After stop() nothing begins.
    void hear_early(const conversation_id& of, const customer_message& message);
    [[nodiscard]] std::size_t under_way() const { return under_way_.size(); }
    // What was heard by now still joins its message.
    awaitable<void> stop();

private:
    // A voice note that is being listened to.
    struct note {
        conversation_id of;
        message_id message;
        std::size_t index; // among its message's attachments
        attachment what;
        asio::steady_timer over; // cancelled with is_over
        bool is_over = false;
    };

    std::shared_ptr<note> begin(const conversation_id& of, const message_id& message, std::size_t index,
                                const attachment& what);
    awaitable<void> hear_one(std::shared_ptr<note> one);
    awaitable<heard_audio> hear_in_time(const note& one);
    awaitable<void> take_in(note& one, heard_audio heard);
    awaitable<result<bool>> join_message(const note& one, attachment lasting);
    void tell(const note& one, const heard_audio& heard) const;

    listener* listener_;
    listening_settings settings_;
    progress_sink watch_;
    speech_hints hints_;
    std::string sandbox_;
    asio::any_io_executor executor_;
    std::vector<std::shared_ptr<note>> under_way_;
    task_group tasks_;
    bool stopping_ = false;
};

} // namespace atende
