#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <atende/platform/crypto.hpp>
#include <atende/platform/log.hpp>
#include <atende/platform/retry_policy.hpp>
#include <atende/platform/text.hpp>
#include <atende/voice/audio_container.hpp>
#include <atende/voice/speech.hpp>
#include <utility>

namespace atende {
namespace {

using nlohmann::json;
using clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

milliseconds since(clock::time_point begun) {
    return std::chrono::duration_cast<milliseconds>(clock::now() - begun);
}

// Equal for what would sound the same.
std::string fingerprint(const speech_settings& settings, const std::string& text) {
    const json what{settings.base_url, settings.model, settings.voice, static_cast<int>(settings.format),
                    text};
    const auto digest = sha256(what.dump(-1, ' ', false, json::error_handler_t::replace));
    return to_base64url({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

// `error.code` of the answer, or `error.type` where only that says that the account cannot pay.
std::string error_code(std::string_view body) {
    const json said = json::parse(body, nullptr, false);
    const auto text_at = [&](const char* where) {
        const json::json_pointer at(where);
        return said.contains(at) && said.at(at).is_string() ? said.at(at).get<std::string>() : std::string();
    };
    auto code = text_at("/error/code");
    auto type = text_at("/error/type");
    return code.empty() || is_out_of_credit(type) ? type : code;
}

struct attempt {
    result<std::string> audio;
    failed_attempt failure{}; // when there is none
};

attempt failed(error why) {
    attempt made{.audio = std::unexpected(std::move(why))};
    made.failure.no_answer = made.audio.error().code;
    return made;
}

attempt read_answer(result<http_answer> came) {
    if (!came) return failed(std::move(came.error()));
    if (came->status == 200) {
        if (sniff_audio(came->body) == audio_container::unknown)
            return failed({errc::protocol, "speech: the answer is no audio that is known here"});
        return {.audio = std::move(came->body)};
    }
    failed_attempt failure{.no_answer = std::nullopt,
                           .status = came->status,
                           .error_code = error_code(came->body),
                           .retry_after_ms = std::string(came->header("retry-after-ms")),
                           .retry_after = std::string(came->header("retry-after")),
                           .x_should_retry = std::string(came->header("x-should-retry"))};
    auto detail = fmt::format("speech: HTTP {} {}", came->status, printable(failure.error_code));
    return {.audio = fail(errc::rejected, std::move(detail)), .failure = std::move(failure)};
}

} // namespace

speech::speech(http_client& http, media_pool& media, audio_shelf& shelf, speech_settings settings)
    : http_(http),
      media_(media),
      shelf_(shelf),
      settings_(std::move(settings)),
      random_(std::random_device{}()) {
    while (settings_.base_url.ends_with('/')) settings_.base_url.pop_back();
}

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

// As the server made it.
awaitable<result<std::string>> speech::spoken(std::string text) {
    const auto end = clock::now() + settings_.deadline;
    for (int retries = 0;; ++retries) {
        const auto left = std::chrono::duration_cast<milliseconds>(end - clock::now());
        auto tried = read_answer(
            co_await http_.perform(call_for(text, std::clamp(left, milliseconds(1), settings_.timeout))));
        if (tried.audio) co_return std::move(tried.audio);
        const auto wait = retry_wait(tried.failure, retries, std::uniform_real_distribution<>()(random_),
                                     std::chrono::system_clock::now());
        if (!wait || clock::now() + *wait >= end) co_return std::move(tried.audio);
        spdlog::warn("{}; again in {} ms", tried.audio.error().detail, wait->count());
        co_await settings_.pause(*wait);
    }
}

// WAV: it is not compressed twice, and every server that speaks knows it.
http_call speech::call_for(const std::string& text, milliseconds timeout) const {
    const json body{
        {"model", settings_.model}, {"voice", settings_.voice}, {"input", text}, {"response_format", "wav"}};
    http_call call{.method = "POST",
                   .url = settings_.base_url + "/audio/speech",
                   .headers = {{"Content-Type", "application/json"}, {"X-Client-Request-Id", random_token()}},
                   .body = body.dump(),
                   .connect_timeout = std::min(settings_.connect_timeout, timeout),
                   .timeout = timeout,
                   .max_answer_bytes = settings_.max_answer_bytes};
    if (!settings_.api_key.empty()) call.headers.emplace_back("Authorization", "Bearer " + settings_.api_key);
    return call;
}

} // namespace atende
