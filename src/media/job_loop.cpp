#include "media/job_loop.hpp"

#include "media/convert.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <ctime>
#include <new>
#include <string>

namespace atende {
namespace {

constexpr int most_jobs = 200;
constexpr std::clock_t most_cpu_seconds = 10; // the sandbox's limit leaves the last conversion 20 s

// false: the other side is gone.
bool read_all(void* to, std::size_t size) {
    auto* at = static_cast<char*>(to);
    while (size > 0) {
        const ssize_t count = ::read(STDIN_FILENO, at, size);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return false;
        at += count;
        size -= static_cast<std::size_t>(count);
    }
    return true;
}

bool write_all(const void* from, std::size_t size) {
    const auto* at = static_cast<const char*>(from);
    while (size > 0) {
        const ssize_t count = ::write(STDOUT_FILENO, at, size);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return false;
        at += count;
        size -= static_cast<std::size_t>(count);
    }
    return true;
}

converted_audio convert_in_little_memory(const media_request& request, const std::string& file) {
    try {
        return convert_audio(request, file);
    } catch (const std::bad_alloc&) {
        return {.verdict = audio_verdict::damaged}; // no honest file of this size needs so much
    }
}

} // namespace

void serve_conversions() {
    bool retiring = false;
    for (int jobs = 1; !retiring; ++jobs) {
        media_request request;
        if (!read_all(&request, sizeof request)) return;
        if (request.mark != media_request_mark || request.file_bytes > media_file_limit) ::_exit(1);
        std::string file(request.file_bytes, '\0');
        if (!read_all(file.data(), file.size())) return;
        const converted_audio made = convert_in_little_memory(request, file);
        const bool whole = made.verdict == audio_verdict::good && made.complete;
        retiring = jobs >= most_jobs || !whole || std::clock() / CLOCKS_PER_SEC >= most_cpu_seconds;
        const media_answer answer{.verdict = made.verdict,
                                  .complete = made.complete,
                                  .retiring = retiring,
                                  .file_bytes = static_cast<std::uint32_t>(made.bytes.size()),
                                  .length_ms = static_cast<std::uint32_t>(made.length.count())};
        if (!write_all(&answer, sizeof answer) || !write_all(made.bytes.data(), made.bytes.size())) return;
    }
}

} // namespace atende
