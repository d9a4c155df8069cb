#include <atende/platform/server_sent_events.hpp>

namespace atende {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

} // namespace

std::string wire_format(const server_sent_event& event) {
    std::string out;
    out.reserve(event.data.size() + event.id.size() + event.name.size() + 32);
    if (!event.id.empty()) out.append("id: ").append(event.id).append("\n");
    if (!event.name.empty()) out.append("event: ").append(event.name).append("\n");
    std::string_view rest = event.data;
    while (true) {
        const std::size_t end = rest.find('\n');
        out.append("data: ").append(rest.substr(0, end)).append("\n");
        if (end == std::string_view::npos) break;
        rest.remove_prefix(end + 1);
    }
    return out += "\n";
}

bool server_sent_event_reader::feed(std::string_view bytes, const sink& take) {
    for (const char c : bytes) {
        if (too_long_) return false;
        const bool second_half = c == '\n' && after_cr_;
        after_cr_ = c == '\r';
        if (second_half) continue;
        if (c == '\n' || c == '\r') {
            end_line(take);
        } else {
            line_ += c;
            too_long_ = line_.size() + event_.data.size() > most_bytes_;
        }
    }
    return !too_long_;
}

void server_sent_event_reader::end_line(const sink& take) {
    std::string_view line = line_;
    if (!started_ && line.starts_with(byte_order_mark)) line.remove_prefix(byte_order_mark.size());
    started_ = true;
    if (line.empty()) {
        if (has_data_) take(event_);
        event_ = {};
        has_data_ = false;
    } else if (!line.starts_with(':')) {
        const std::size_t colon = line.find(':');
        const std::string_view field = line.substr(0, colon);
        std::string_view value =
            colon == std::string_view::npos ? std::string_view{} : line.substr(colon + 1);
        if (value.starts_with(' ')) value.remove_prefix(1);
        if (field == "data") {
            if (has_data_) event_.data += '\n';
            event_.data += value;
            has_data_ = true;
        } else if (field == "event") {
            event_.name = value;
        } else if (field == "id") {
            event_.id = value;
        }
    }
    line_.clear();
}

} // namespace atende
