// One line an event. Tags: [RECV] [SEND] [OUTGOING] [BLOCK] [TOOL] [AUDIO] [ADMIN] [PROFILE].
// Nothing written at info or above may hold message text, a token or a key; text from outside is passed
// through `printable`.
#pragma once

#include <spdlog/spdlog.h>

#include <functional>
#include <string>
#include <string_view>

namespace atende {

enum class log_format { text, json };

// Standard output, buffered and flushed at the end of each turn of the event loop once `flush_log_with` was
// called, immediately before. Warnings and worse are written at once.
void start_log(spdlog::level::level_enum level, log_format format);

// `defer` runs what it is given at the end of the event loop's current turn. Give an empty one before the
// loop ends.
void flush_log_with(std::function<void(std::function<void()>)> defer);

// `text` with control characters, line breaks, ANSI escapes, bidirectional overrides and invalid UTF-8
// escaped; at most `limit` bytes of it, and "…" where there was more.
std::string printable(std::string_view text, std::size_t limit = 200);

} // namespace atende
