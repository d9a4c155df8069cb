// What the page calls: the customer's side of the chat, and the log of what happened.
#pragma once

#include "simulator/state.hpp"

namespace atende {

awaitable<http_reply> post_message(std::shared_ptr<simulator_state> state, http_request request);
// The body is the recording; ?contact= says whose.
awaitable<http_reply> post_voice(std::shared_ptr<simulator_state> state, http_request request);
awaitable<http_reply> post_edit(std::shared_ptr<simulator_state> state, http_request request);
awaitable<http_reply> post_unsend(std::shared_ptr<simulator_state> state, http_request request);
// A person of the shop writes in the Instagram app.
awaitable<http_reply> post_human(std::shared_ptr<simulator_state> state, http_request request);
awaitable<http_reply> get_events(std::shared_ptr<simulator_state> state, http_request request);
awaitable<http_reply> get_state(std::shared_ptr<simulator_state> state, http_request request);

} // namespace atende
