// What the log says of sends: never their text.
#pragma once

#include <atende/turns/turn_store.hpp>

namespace atende {

void log_send(const conversation_id& conversation, const send_intent& intent, const send_outcome& outcome,
              milliseconds took);
// `first_time`: it should be known by now, and nobody has been told yet that it is not.
void log_fate(const conversation_id& conversation, const uncertain_send& send, send_fate fate,
              bool first_time);

} // namespace atende
