// Which answers are spoken, and how: between the agent, who writes them, and delivery, which sends them.
#pragma once

#include <atende/agent/agent.hpp>
#include <atende/agent/profile.hpp>
#include <atende/app/settings.hpp>
#include <atende/delivery/delivery.hpp>
#include <atende/turns/turn_store.hpp>
#include <atende/voice/speech.hpp>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>

namespace atende {

// Why answers to real customers are not spoken although ENABLE_INSTAGRAM_AUDIO_REPLY is on; nothing if they
// are.
std::optional<bilingual> speaking_problem(const settings& configured);

class speaking {
public:
    // `voice` and `delivers` must outlive it. `longest_wait`: of a customer whose answer is written.
    speaking(const settings& configured, speech& voice, const delivery& delivers, voice_options wanted,
             std::chrono::milliseconds longest_wait = std::chrono::seconds(25));

    // From the next answer on.
    void change(voice_options wanted) { wanted_ = std::move(wanted); }

    // Whether an answer to this contact is spoken or not by what its scope is.
    [[nodiscard]] bool depends_on_scope(const conversation_id& whom) const;

    // Nothing: the answer is sent as text alone, because it is not to be spoken, cannot be, or speaking
    // failed (then the log says why).
    awaitable<std::optional<spoken_answer>> speak(const turn& what, const thought& answer);

private:
    [[nodiscard]] bool can_speak_to(const conversation_id& whom) const;
    [[nodiscard]] bool is_wanted(const turn& what, const thought& answer) const;

    bool on_;
    std::size_t longest_;
    speech& voice_;
    const delivery& delivery_;
    voice_options wanted_;
    std::chrono::milliseconds longest_wait_;
};

} // namespace atende
