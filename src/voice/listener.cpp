#include <boost/asio/experimental/channel.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <atende/platform/log.hpp>
#include <atende/platform/scope_exit.hpp>
#include <atende/voice/listener.hpp>
#include <atende/voice/media_protocol.hpp>
#include <string_view>
#include <utility>

namespace atende {
namespace {

using steady = std::chrono::steady_clock;

constexpr std::size_t shares_before_a_look = 1'000;
constexpr std::chrono::seconds shortest_counted{10}; // to fetch and to check a file costs something, too
constexpr std::string_view used_up = "more audio of one contact than is listened to in an hour";

heard_audio unheard(std::string why, bool for_good) {
    return {.what = hearing::not_understood, .words = {}, .why = std::move(why), .for_good = for_good};
}

heard_audio too_long(std::string why) {
    return {.what = hearing::too_long, .words = {}, .why = std::move(why), .for_good = true};
}

// Who refuses us may be asked again with another key, or another setting.
heard_audio unheard(const error& why, std::string_view what) {
    return unheard(fmt::format("{}: {}", what, why.detail), why.code == errc::invalid_input);
}

heard_audio not_decoded(const error& why) {
    return unheard(fmt::format("decoding: {}", why.detail), why.code == errc::rejected); // it ends its reader
}

} // namespace

// A channel's buffer as places: who is in it has one.
class listener::places {
public:
    places(const asio::any_io_executor& executor, std::size_t count) : taken_(executor, count) {}

    awaitable<void> enter() { return taken_.async_send(boost::system::error_code(), use_awaitable); }
    void leave() {
        taken_.try_receive([](boost::system::error_code) {});
    }

private:
    asio::experimental::channel<void(boost::system::error_code)> taken_;
};

// What is listened to of one contact, in this process: it bounds what a flood costs.
struct listener::share {
    share(const asio::any_io_executor& executor, std::size_t count, steady::time_point now)
        : here(executor, count),
          since(now) {}

    [[nodiscard]] bool is_over(steady::time_point now) const { return now - since >= std::chrono::hours(1); }
    bool begins_another(std::chrono::milliseconds most, steady::time_point now) {
        if (is_over(now)) {
            since = now;
            counted = std::chrono::milliseconds(0);
        }
        if (counted >= most) return false;
        counted += shortest_counted;
        return true;
    }
    void add(std::chrono::milliseconds length) {
        counted += std::max(length - shortest_counted, std::chrono::milliseconds(0));
    }

    places here;
    steady::time_point since;
    std::chrono::milliseconds counted{0};
};

listener::listener(const asio::any_io_executor& executor, http_client& http, media_pool& pool,
                   transcriber writes, listener_settings settings)
    : http_(http),
      pool_(pool),
      writes_(std::move(writes)),
      settings_(std::move(settings)),
      executor_(executor),
      busy_(std::make_unique<places>(executor, settings_.at_once)) {
    if (!settings_.now) settings_.now = [] { return steady::now(); };
}

listener::~listener() = default;

std::shared_ptr<listener::share> listener::share_of(const std::string& whose) {
    const auto now = settings_.now();
    if (shares_.size() >= shares_before_a_look)
        std::erase_if(shares_, [now](const auto& entry) {
            return entry.second.use_count() == 1 && entry.second->is_over(now);
        });
    auto& one = shares_[whose];
    if (!one) one = std::make_shared<share>(executor_, settings_.of_one_at_once, now);
    return one;
}

awaitable<heard_audio> listener::hear(std::string url, media_source from, speech_hints hints,
                                      std::string whose) {
    const auto contact = share_of(whose);
    co_await contact->here.enter();
    const scope_exit make_room([&] { contact->here.leave(); });
    if (!contact->begins_another(settings_.hourly, settings_.now())) {
        spdlog::warn("[AUDIO] not listened to: {} {}", used_up, whose);
        co_return unheard(std::string(used_up), false);
    }
    co_await busy_->enter();
    const scope_exit leave([this] { busy_->leave(); });
    const auto begun = steady::now();
    auto file =
        co_await download_media(http_, std::move(from), std::move(url), {.bytes = settings_.largest_file});
    std::string copy = file && settings_.returns_files ? *file : std::string();
    auto heard = co_await listen(std::move(file), std::move(hints), whose, *contact);
    heard.file = std::move(copy);
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(steady::now() - begun).count();
    if (heard.what == hearing::heard)
        spdlog::info("[AUDIO] heard in {} ms {}", took, whose);
    else
        spdlog::warn("[AUDIO] not heard after {} ms: {} {}", took, printable(heard.why), whose);
    co_return heard;
}

awaitable<heard_audio> listener::listen(result<std::string> file, speech_hints hints, std::string whose,
                                        share& of) {
    if (!file && file.error().code == errc::too_large) co_return too_long("the file is too large");
    if (!file) co_return unheard(file.error(), "download");
    // As WAV even a short note is larger than the file that came.
    auto speech = co_await pool_.decode(*file, {.bytes = media_file_limit, .length = settings_.longest});
    if (!speech) co_return not_decoded(speech.error());
    const auto length = speech->length;
    auto heard =
        co_await understand(*std::move(file), *std::move(speech), std::move(hints), std::move(whose));
    if (heard.for_good) of.add(length); // who is tried again pays nothing for an outage
    co_return heard;
}

awaitable<heard_audio> listener::understand(std::string file, converted_audio speech, speech_hints hints,
                                            std::string whose) {
    switch (speech.verdict) {
    case audio_verdict::good: break;
    case audio_verdict::too_long:
    case audio_verdict::too_big: co_return too_long(std::string(name_of(speech.verdict)));
    case audio_verdict::silent:
    case audio_verdict::damaged:
    case audio_verdict::unsupported: co_return unheard(std::string(name_of(speech.verdict)), true);
    }
    co_return co_await write_down(std::move(file), std::move(speech), std::move(hints), std::move(whose));
}

awaitable<heard_audio> listener::write_down(std::string file, converted_audio speech, speech_hints hints,
                                            std::string whose) {
    auto upload = as_uploaded(file);
    const bool as_it_came = !upload.name.empty() && speech.complete && file.size() <= speech.bytes.size();
    const bool wav_fits = speech.bytes.size() <= largest_transcribed_file;
    if (!as_it_came && !wav_fits) co_return too_long("larger than the API takes");
    result<std::string> words;
    if (as_it_came) {
        upload.bytes = std::move(file);
        words = co_await writes_.transcribe(std::move(upload), hints, whose);
    }
    const bool cannot_read = !words && words.error().code == errc::invalid_input;
    if (!as_it_came || (cannot_read && wav_fits)) {
        audio_file wav{.name = "voice.wav",
                       .content_type = std::string(content_type_of(audio_format::speech_wav)),
                       .bytes = std::move(speech.bytes)};
        words = co_await writes_.transcribe(std::move(wav), std::move(hints), whose);
    }
    if (!words) co_return unheard(words.error(), "transcription");
    if (words->empty()) co_return unheard("no words in it", true);
    co_return heard_audio{.what = hearing::heard, .words = *std::move(words), .why = {}, .for_good = true};
}

} // namespace atende
