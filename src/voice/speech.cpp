#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <atende/platform/crypto.hpp>
#include <atende/platform/json.hpp>
#include <atende/platform/log.hpp>
#include <atende/platform/text.hpp>
#include <atende/voice/audio_container.hpp>
#include <atende/voice/speech.hpp>
#include <utility>

namespace atende {
namespace {

using nlohmann::json;
using clock = std::chrono::steady_clock;

std::chrono::milliseconds since(clock::time_point begun) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - begun);
}

// Equal for what would sound the same.
std::string fingerprint(const speech_settings& settings, const std::string& text) {
    const json what{settings.api.base_url, settings.model, settings.voice, static_cast<int>(settings.format),
                    text};
    return sha256_base64url(json_text(what));
}

} // namespace

speech::speech(http_client& http, media_pool& media, audio_shelf& shelf, speech_settings settings)
    : http_(http),
      media_(media),
      shelf_(shelf),
      settings_(std::move(settings)) {}

awaitable<result<std::string>> speech::say(std::string text) {
    text = with_valid_utf8(text);
    const std::string key = fingerprint(settings_, text);
    auto known = co_await shelf_.publish(key, settings_.format);
    if (!known) co_return std::unexpected(std::move(known.error()));
    if (*known) co_return **std::move(known);

    const auto begun = clock::now();
    const auto characters = count_characters(text);
    auto raw = co_await spoken(std::move(text));
    if (!raw) co_return std::unexpected(std::move(raw.error()));
    auto file = co_await media_.encode(*std::move(raw), settings_.format, {});
    if (!file) co_return std::unexpected(std::move(file.error()));
    if (file->verdict != audio_verdict::good || !file->complete) {
        const auto why = file->verdict == audio_verdict::good ? "not whole" : name_of(file->verdict);
        co_return fail(errc::rejected, fmt::format("speech: the audio is {}", why));
    }
    spdlog::info("speech {}: {} characters, {} ms of audio, {} bytes, in {} ms", settings_.model, characters,
                 file->length.count(), file->bytes.size(), since(begun).count());
    co_return co_await shelf_.publish(key, settings_.format, std::move(file->bytes));
}

// As the server made it. WAV: it is not compressed twice, and every server that speaks knows it.
awaitable<result<std::string>> speech::spoken(std::string text) {
    const json body{{"model", settings_.model},
                    {"voice", settings_.voice},
                    {"input", std::move(text)},
                    {"response_format", "wav"}};
    auto answer = co_await ask_audio_api(http_, settings_.api,
                                         {.path = "/audio/speech",
                                          .content_type = "application/json",
                                          .body = json_text(body),
                                          .accept = "*/*",
                                          .max_answer_bytes = settings_.max_answer_bytes,
                                          .about = {}});
    if (!answer) {
        answer.error().detail.insert(0, "speech: ");
        co_return std::unexpected(std::move(answer.error()));
    }
    if (sniff_audio(answer->body) == audio_container::unknown)
        co_return fail(errc::protocol, "speech: the answer is no audio that is known here");
    co_return std::move(answer->body);
}

} // namespace atende
