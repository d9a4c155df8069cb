// Server-sent events, both ways. No I/O.
// https://html.spec.whatwg.org/multipage/server-sent-events.html
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace atende {

struct server_sent_event {
    std::string id;   // empty: none
    std::string name; // of the event; empty: "message"
    std::string data; // may have several lines
};

// For the wire. `id` and `name` must not hold line breaks.
std::string wire_format(const server_sent_event& event);

// Takes the bytes as they come, cut anywhere; all three line ends, comments, a byte order mark.
class server_sent_event_reader {
public:
    using sink = std::function<void(const server_sent_event&)>;

    // `most_bytes`: of one event.
    explicit server_sent_event_reader(std::size_t most_bytes) : most_bytes_(most_bytes) {}

    // `take` is given each event that is whole now. False: an event is too long; nothing more is read.
    bool feed(std::string_view bytes, const sink& take);

private:
    void end_line(const sink& take);

    std::size_t most_bytes_;
    std::string line_;
    server_sent_event event_;
    bool has_data_ = false;
    bool after_cr_ = false;
    bool started_ = false;
    bool too_long_ = false;
};

} // namespace atende
