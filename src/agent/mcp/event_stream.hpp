// A whole answer of content type text/event-stream.
// https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace atende {

// The data of each event, in order. An event that the end of the body cuts off is dropped, as the standard
// says; comments, ids and events without data are skipped.
std::vector<std::string> event_data(std::string_view body);

} // namespace atende
