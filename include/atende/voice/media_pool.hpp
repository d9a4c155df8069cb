// Converts audio in separate, sandboxed processes (atende-media), so that a file made to break a decoder
// breaks no more than its own conversion, and the server itself never loads a decoder.
#pragma once

#include <atende/platform/async.hpp>
#include <atende/platform/result.hpp>
#include <atende/voice/converted_audio.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace atende {

struct media_pool_options {
    std::string program; // path of atende-media
    std::size_t processes = 2;
    std::size_t waiting = 32; // conversions that may wait for a process
    // Of one conversion, from when a process takes it; and what one may wait for a process at most.
    std::chrono::milliseconds deadline = std::chrono::seconds(20);
    std::chrono::milliseconds idle = std::chrono::minutes(1); // a process without work ends after so long
};

// The atende-media beside the running program.
std::string media_program_beside_this();

// Processes start with the first work, are kept for the next, and are replaced after a while, after a file
// that was not whole, and when they die. Lives on the event loop's thread, which must be the one that ends
// last. Writing to a process that died raises SIGPIPE: the constructor sets that signal to be ignored.
class media_pool {
public:
    media_pool(asio::any_io_executor executor, media_pool_options options);
    ~media_pool(); // after stop()
    media_pool(const media_pool&) = delete;
    media_pool& operator=(const media_pool&) = delete;

    // A customer's file as speech_wav. What is wrong with the file is the verdict, of an otherwise good
    // result. Errors: rejected, the file ended the process, or made it talk nonsense (trying again changes
    // nothing); timed_out, it took longer than the deadline; unavailable, no process can be started, or too
    // many wait; cancelled by stop(). Cancelling the caller drops the result.
    awaitable<result<converted_audio>> decode(std::string file, audio_limits limits);
    // What a voice said, in any container customers may send, as `format`; else like decode().
    awaitable<result<converted_audio>> encode(std::string file, audio_format format, audio_limits limits);

    // Conversions under way end as cancelled, those asked for later too.
    awaitable<void> stop();

    struct figures {
        std::uint64_t started = 0; // processes, ever
        std::uint64_t lost = 0;    // of them: died or had to be killed
        std::size_t running = 0;   // processes, with or without work
        std::size_t converting = 0;
        std::size_t waiting = 0; // conversions that no process has taken yet
    };
    [[nodiscard]] figures count() const;

private:
    struct state;
    std::unique_ptr<state> state_;
};

} // namespace atende
