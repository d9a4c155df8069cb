// Audio of ours that others fetch by URL. The files are in Redis: every replica serves what any of them
// made. Each stands under a name of 128 random bits and is gone after its time. Lives on the event loop's
// thread.
#pragma once

#include <atende/platform/http_server.hpp>
#include <atende/platform/redis_client.hpp>
#include <atende/voice/converted_audio.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace atende {

inline constexpr std::string_view audio_path = "/media/audio"; // of our own URLs; a slash and the name follow

class audio_shelf {
public:
    // `redis` must outlive it. What is published can be fetched for `kept`.
    audio_shelf(redis_client& redis, std::chrono::milliseconds kept) : redis_(redis), kept_(kept) {}

    // A new name for the file that is kept under `key`, in any process; nothing if there is none (any more).
    // Errors: those of redis_client.
    awaitable<result<std::optional<std::string>>> publish(std::string key, audio_format format);
    // Keeps the file under `key` for the next time, and gives a name for it.
    awaitable<result<std::string>> publish(std::string key, audio_format format, std::string file);

    // GET and HEAD audio_path/{name}: 200, 206 or 416 (one range of bytes), 404 for any other name, 503
    // while Redis is away. It must outlive the server.
    void add_routes(http_server& server);

private:
    awaitable<http_reply> serve(http_request request);
    awaitable<result<std::optional<std::string>>> file_named(std::string name);

    redis_client& redis_;
    std::chrono::milliseconds kept_;
};

} // namespace atende
