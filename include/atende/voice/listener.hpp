// From the link of a voice note to its words: fetches, checks and decodes the file, has it transcribed. Keeps
// nothing.
#pragma once

#include <atende/conversation/event.hpp>
#include <atende/voice/media_download.hpp>
#include <atende/voice/media_pool.hpp>
#include <atende/voice/transcriber.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace atende {

struct listener_settings {
    std::size_t largest_file = std::size_t(20) << 20;
    std::chrono::seconds longest{300};
    std::size_t at_once = 16;        // files in memory; further ones wait
    std::size_t of_one_at_once = 2;  // of one contact, so that others find a place
    std::chrono::minutes hourly{10}; // of audio of one contact; once it is used up, nothing more is fetched
    bool returns_files = false;      // as heard_audio::file
    std::function<std::chrono::steady_clock::time_point()> now{}; // empty: the real one
};

struct heard_audio {
    hearing what = hearing::not_understood;
    std::string words;     // when heard
    std::string why;       // when not, for the log and operators: no link, no words
    bool for_good = false; // listening again would come to the same
    std::string file{};    // as it came, if listener_settings::returns_files and it could be fetched
};

class listener {
public:
    // `http` and `pool` outlive it, and it its calls.
    listener(const asio::any_io_executor& executor, http_client& http, media_pool& pool, transcriber writes,
             listener_settings settings);
    ~listener();
    listener(const listener&) = delete;
    listener& operator=(const listener&) = delete;

    // A file the API reads is sent as it came, if that is not larger than as WAV; one it then refuses, and
    // any other, as WAV. Silent, damaged or too long files are not sent. `whose` names the contact, for the
    // log and for what is listened to of one. Does not throw, unless it is cancelled.
    awaitable<heard_audio> hear(std::string url, media_source from, speech_hints hints, std::string whose);

private:
    class places;
    struct share;

    std::shared_ptr<share> share_of(const std::string& whose);
    awaitable<heard_audio> listen(result<std::string> file, speech_hints hints, std::string whose, share& of);
    awaitable<heard_audio> understand(std::string file, converted_audio speech, speech_hints hints,
                                      std::string whose);
    awaitable<heard_audio> write_down(std::string file, converted_audio speech, speech_hints hints,
                                      std::string whose);

    http_client& http_;
    media_pool& pool_;
    transcriber writes_;
    listener_settings settings_;
    asio::any_io_executor executor_;
    std::unique_ptr<places> busy_;
    std::map<std::string, std::shared_ptr<share>> shares_; // by contact
};

} // namespace atende
