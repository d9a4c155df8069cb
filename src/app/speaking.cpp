#include "app/speaking.hpp"

#include "agent/time_limit.hpp"
#include "voice/spoken_text.hpp"

#include <algorithm>
#include <atende/platform/log.hpp>
#include <atende/platform/text.hpp>

namespace atende {
namespace {

constexpr std::chrono::seconds longest_wait{25}; // of a customer whose answer is written

bool is_voice_note(const heard_message& message) {
    return std::ranges::find(message.attachments, attachment_kind::audio, &attachment::kind) !=
           message.attachments.end();
}

} // namespace

std::optional<bilingual> speaking_problem(const settings& configured) {
    if (!configured.audio_replies) return std::nullopt;
    if (configured.offline())
        return bilingual{
            "OPENAI_API_KEY não está definido, ou AI_DRY_RUN é true: ninguém fala, e as "
            "respostas saem como texto",
            "OPENAI_API_KEY is not set, or AI_DRY_RUN is true, so nobody speaks: answers are text"};
    if (!configured.public_base_url.starts_with("https://"))
        return bilingual{"PUBLIC_BASE_URL não é https, de que a Meta precisa para baixar os áudios: as "
                         "respostas saem como texto",
                         "PUBLIC_BASE_URL is not https, as Meta needs it to fetch audio: answers are text"};
    return std::nullopt;
}

speaking::speaking(const settings& configured, speech& voice, const delivery& delivers, voice_options wanted)
    : on_(configured.audio_replies && !configured.offline()),
      longest_(static_cast<std::size_t>(configured.max_audio_reply_characters)),
      voice_(voice),
      delivery_(delivers),
      wanted_(wanted) {}

bool speaking::is_wanted(const turn& what, const thought& answer) const {
    using when = voice_options::when;
    const bool by_voice = std::ranges::any_of(what.messages, is_voice_note);
    const bool out_of_scope = answer.scope == scope_verdict::out;
    switch (wanted_.reply) {
    case when::never: return false;
    case when::mirror: return by_voice;
    case when::always: return true;
    case when::out_of_scope: return out_of_scope;
    case when::usual: break;
    }
    return by_voice || out_of_scope;
}

awaitable<std::optional<spoken_answer>> speaking::speak(const turn& what, const thought& answer) {
    if (!on_ || !is_wanted(what, answer) || !delivery_.takes_audio(what.conversation)) co_return std::nullopt;
    std::string words = words_to_say(answer.text);
    if (words.empty() || count_characters(words) > std::min(longest_, longest_speech)) co_return std::nullopt;
    auto audio = co_await within(longest_wait, voice_.say(words));
    if (!audio || !*audio) {
        spdlog::warn("turn {}: the answer is sent as text: {}", what.conversation.text(),
                     audio ? printable(audio->error().detail) : "speaking took too long");
        co_return std::nullopt;
    }
    co_return spoken_answer{
        .audio = **std::move(audio), .text = std::move(words), .with_texts = is_to_be_read_too(answer.text)};
}

} // namespace atende
