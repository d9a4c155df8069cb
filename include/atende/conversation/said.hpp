// How what was said in a message stands among what was written.
#pragma once

#include <atende/conversation/event.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace atende {

inline constexpr std::string_view audio_mark = "[áudio] ";
inline constexpr std::string_view video_mark = "[vídeo] ";

// What somebody says in it, with its mark before it.
std::string said_in(const attachment& heard);

// `text`, and below it what was said in each that was heard.
std::string with_what_was_said(std::string text, const std::vector<attachment>& attachments);

// Why voice notes were not understood, for operators; empty if all were.
std::string why_not_heard(const std::vector<attachment>& attachments);

} // namespace atende
