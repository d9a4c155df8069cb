#include <atende/conversation/said.hpp>

namespace atende {

std::string said_in(const attachment& heard) {
    return std::string(heard.kind == attachment_kind::video ? video_mark : audio_mark) + heard.words;
}

std::string with_what_was_said(std::string text, const std::vector<attachment>& attachments) {
    for (const auto& each : attachments) {
        if (each.sound != hearing::heard) continue;
        if (!text.empty()) text += '\n';
        text += said_in(each);
    }
    return text;
}

std::string why_not_heard(const std::vector<attachment>& attachments) {
    std::string reasons;
    for (const auto& each : attachments) {
        if (!reasons.empty() && !each.why.empty()) reasons += "; ";
        reasons += each.why;
    }
    return reasons;
}

} // namespace atende
