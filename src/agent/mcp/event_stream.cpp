#include "agent/mcp/event_stream.hpp"

#include <optional>

namespace atende {
namespace {

// Takes a line off the front, ended by CRLF, LF or CR; nothing if none is complete.
std::optional<std::string_view> take_line(std::string_view& rest) {
    const auto end = rest.find_first_of("\r\n");
    if (end == std::string_view::npos) return std::nullopt;
    const auto line = rest.substr(0, end);
    rest.remove_prefix(end + (rest.substr(end).starts_with("\r\n") ? 2 : 1));
    return line;
}

} // namespace

std::vector<std::string> event_data(std::string_view body) {
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (body.starts_with(byte_order_mark)) body.remove_prefix(byte_order_mark.size());
    std::vector<std::string> events;
    std::optional<std::string> data;
    while (const auto line = take_line(body)) {
        if (line->empty()) {
            if (data && !data->empty()) events.push_back(std::move(*data));
            data.reset();
            continue;
        }
        const auto colon = line->find(':');
        if (line->substr(0, colon) != "data") continue;
        auto value = colon == std::string_view::npos ? std::string_view() : line->substr(colon + 1);
        if (value.starts_with(' ')) value.remove_prefix(1);
        if (data) *data += '\n';
        data = data.value_or("") + std::string(value);
    }
    return events;
}

} // namespace atende
