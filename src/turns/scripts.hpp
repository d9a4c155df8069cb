// The atomic scripts of src/turns/*.lua, ready to be called.
#pragma once

#include <atende/platform/redis_client.hpp>

namespace atende {

struct script_set {
    redis_script ingest, amend, content, heard, record, deliver, remember, sweep, audit;
    // These begin with conversation.lua: their keys are conversation_keys::all(), then their own.
    redis_script echo, claim, attempt, forgive, renew, journal, plan, defer, send_begin, send_end, finish,
        resolve, pause, dead_retry, ambiguous_drop, flush, forget;

    script_set();
};

const script_set& scripts();

} // namespace atende
