// What the simulator's routes share. They may be called as long as the server lives, hence always a
// shared_ptr.
#pragma once

#include "simulator/event_log.hpp"
#include "simulator/recordings.hpp"

#include <atende/platform/crypto.hpp>
#include <atende/platform/unix_time.hpp>
#include <atende/simulator/simulator.hpp>

namespace atende {

struct simulator_state {
    simulator_state(simulator_settings chosen, http_client& client, token_gate& guard,
                    const asio::any_io_executor& executor)
        : settings(std::move(chosen)),
          http(client),
          gate(guard),
          signing_key(settings.app_secret),
          log(std::make_shared<event_log>(executor, event_log_limits{}, unix_ms_now())),
          echoes(executor) {}

    simulator_settings settings;
    http_client& http;
    token_gate& gate;
    hmac_sha256 signing_key;
    std::shared_ptr<event_log> log;
    task_group echoes;
    recordings voices;
    std::string self_url;
    bool stopped = false;
};

using simulator_handler = awaitable<http_reply> (*)(std::shared_ptr<simulator_state>, http_request);

// Signs `body` and posts it to our own /webhook; an error says why it was not taken.
awaitable<result<void>> post_webhook(std::shared_ptr<simulator_state> state, std::string body);

} // namespace atende
