// Where leads are kept: one per conversation.
#pragma once

#include <atende/agent/leads/lead.hpp>
#include <atende/platform/async.hpp>
#include <atende/platform/result.hpp>
#include <string>
#include <vector>

namespace atende {

struct saved_lead {
    std::string row;                  // the store's own name for it
    bool updated = false;             // the conversation already had one
    std::vector<std::string> remarks; // what could not be kept, in Portuguese, for the model
};

class lead_store {
public:
    virtual ~lead_store() = default;

    // Idempotent per conversation: a second call updates the same lead; what it leaves empty stays as it was.
    // Success means the lead was kept and can be read back. Bounded in time; never throws. Errors:
    // invalid_input, its `detail` in Portuguese and fit for the model; all others are for the log, in
    // English. None holds personal data. After timed_out the lead may have been kept: calling again is safe.
    virtual awaitable<result<saved_lead>> save(lead lead) = 0;
};

} // namespace atende
