#include "app/speaking.hpp"

#include "voice/spoken_text.hpp"

#include <algorithm>
#include <atende/platform/log.hpp>
#include <atende/platform/text.hpp>
#include <atende/platform/time_limit.hpp>

namespace atende {
namespace {

using when = voice_options::when;

bool is_voice_note(const heard_message& message) {
    return std::ranges::find(message.attachments, attachment_kind::audio, &attachment::kind) !=
           message.attachments.end();
}

bool speaks_out_of_scope(when reply) {
    return reply == when::usual || reply == when::out_of_scope;
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

speaking::speaking(const settings& configured, speech& voice, const delivery& delivers, voice_options wanted,
                   std::chrono::milliseconds longest_wait)
    : on_(configured.audio_replies && !configured.offline()),
      longest_(static_cast<std::size_t>(configured.max_audio_reply_characters)),
      voice_(voice),
      delivery_(delivers),
      wanted_(std::move(wanted)),
      longest_wait_(longest_wait) {}

bool speaking::can_speak_to(const conversation_id& whom) const {
    return on_ && delivery_.takes_audio(whom);
}

bool speaking::depends_on_scope(const conversation_id& whom) const {
    return speaks_out_of_scope(wanted_.reply) && can_speak_to(whom);
}

bool speaking::is_wanted(const turn& what, const thought& answer) const {
    const auto reply = wanted_.reply;
    if (reply == when::always) return true;
    if (speaks_out_of_scope(reply) && answer.scope == scope_verdict::out) return true;
    const bool mirrors = reply == when::usual || reply == when::mirror;
    return mirrors && std::ranges::any_of(what.messages, is_voice_note);
}

awaitable<std::optional<spoken_answer>> speaking::speak(const turn& what, const thought& answer) {
    if (!can_speak_to(what.conversation) || !is_wanted(what, answer)) co_return std::nullopt;
    std::string words = words_to_say(answer.text);
    if (words.empty() || count_characters(words) > std::min(longest_, longest_speech)) co_return std::nullopt;
    auto audio = co_await within(longest_wait_, voice_.say(words));
    if (!audio || !*audio) {
        spdlog::warn("turn {}: the answer is sent as text: {}", what.conversation.text(),
                     audio ? printable(audio->error().detail) : "speaking took too long");
        co_return std::nullopt;
    }
    co_return spoken_answer{
        .audio = **std::move(audio), .text = std::move(words), .with_texts = is_to_be_read_too(answer.text)};
}

} // namespace atende
