// /admin/api: the operator's view and commands over HTTP; docs/operating.md lists them. Only the bearer of
// ADMIN_TOKEN at an address of ADMIN_ALLOW comes in, never a browser; every change is one audit line in the
// log, without any text.
#pragma once

#include <atende/platform/http_server.hpp>
#include <atende/platform/token_gate.hpp>
#include <atende/turns/auditor.hpp>
#include <atende/turns/operator_store.hpp>
#include <chrono>
#include <expected>
#include <functional>
#include <string>
#include <vector>

namespace atende {

// What became of journalled webhooks that were handed over again.
struct replay_report {
    std::size_t webhooks = 0;    // read
    std::size_t events = 0;      // in them
    std::size_t duplicates = 0;  // of these, had been stored before
    std::size_t handed_over = 0; // had not
    std::size_t unreadable = 0;
    std::int64_t reached_ms = 0; // the last webhook's time
    std::string cut_short;       // why it ended early; replaying again goes on. Empty: it did not
};

// Unix ms; from included, until not.
using replay_function =
    std::function<awaitable<result<replay_report>>(std::int64_t from, std::int64_t until)>;
// False: nothing is known of the contact.
using forget_function = std::function<awaitable<result<bool>>(conversation_id)>;
// The engine is told when a conversation is due.
using wake_function = std::function<void(const conversation_id&, milliseconds)>;

struct admin_api_parts {
    turn_store& turns;
    operator_store& view;
    const auditor& audits;
    wake_function wake;
    std::function<std::size_t()> running_turns; // in this process
    replay_function replay;                     // empty: there is no journal to replay
    forget_function forget;
};

class admin_api {
public:
    // Without a token everything is answered 403. The gate and the parts outlive the API.
    admin_api(token_gate& gate, admin_api_parts parts);

    void add_routes(http_server& server);

private:
    using action = awaitable<http_reply> (admin_api::*)(http_request);
    struct route {
        std::string method;
        std::string path; // behind /admin/api/
        action act;
    };
    static std::vector<route> routes();
    awaitable<http_reply> guarded(http_request request, action act);
    // The one conversation that a person means by `name`; otherwise the answer to give.
    awaitable<std::expected<conversation_id, http_reply>> contact_named(std::string name);
    awaitable<std::expected<conversation_id, http_reply>> contact_of(http_request request);
    awaitable<http_reply> listed(http_request request, conversation_summary::condition which);
    awaitable<http_reply> status(http_request request);
    awaitable<http_reply> conversations(http_request request);
    awaitable<http_reply> show(http_request request);
    awaitable<http_reply> locks(http_request request);
    awaitable<http_reply> buffers(http_request request);
    awaitable<http_reply> variants(http_request request);
    awaitable<http_reply> pause(http_request request);
    awaitable<http_reply> resume(http_request request);
    awaitable<http_reply> flush(http_request request);
    awaitable<http_reply> forget(http_request request);
    awaitable<http_reply> ambiguous(http_request request);
    awaitable<http_reply> drop_ambiguous(http_request request);
    awaitable<http_reply> dead(http_request request);
    awaitable<http_reply> retry_dead(http_request request);
    awaitable<http_reply> drop_dead(http_request request);
    awaitable<http_reply> replay(http_request request);
    awaitable<http_reply> change_dead(http_request request, bool retry);

    token_gate& gate_;
    admin_api_parts parts_;
    std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
};

} // namespace atende
