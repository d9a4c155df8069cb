// Which atomic script an event becomes, and what the script's answer means for it.
#pragma once

#include <atende/turns/turn_store.hpp>

namespace atende {

script_call call_for(const gathered_event& given, const turn_store_settings& settings);
event_receipt receipt_of(const gathered_event& given, const redis_reply& reply,
                         const turn_store_settings& settings);

// PAUSE; 0: the bot answers again. `dedupe` is the key of the event that asks for it, if one does.
script_call pause_call(const conversation_id& conversation, milliseconds time, const std::string& dedupe,
                       const turn_store_settings& settings);
event_receipt pause_receipt(const redis_reply& reply, milliseconds time);

} // namespace atende
