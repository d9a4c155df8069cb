#include "simulator/state.hpp"

#include "simulator/meta_webhook.hpp"

#include <nlohmann/json.hpp>

#include <atende/platform/json.hpp>
#include <atende/platform/log.hpp>

namespace atende {
namespace {

// Without the JSON around it.
std::string reason_of(const http_answer& answer) {
    const auto message = text_member(json_member(parsed_json(answer.body), "error"), "message");
    return printable(message.empty() ? answer.body : message);
}

} // namespace

awaitable<result<void>> post_webhook(std::shared_ptr<simulator_state> state, std::string body) {
    if (state->self_url.empty()) co_return fail(errc::unavailable, "the server is still starting");
    http_call call;
    call.method = "POST";
    call.url = state->self_url + "/webhook";
    call.headers = {{"Content-Type", "application/json"},
                    {"X-Hub-Signature-256", webhook_signature(state->signing_key, body)}};
    call.body = std::move(body);
    const auto answer = co_await state->http.perform(std::move(call));
    if (!answer) co_return fail(answer.error().code, "the webhook did not answer: " + answer.error().detail);
    if (answer->status != 200)
        co_return fail(errc::rejected,
                       "the webhook answered " + std::to_string(answer->status) + ": " + reason_of(*answer));
    co_return result<void>{};
}

} // namespace atende
