#include "simulator/access.hpp"
#include "simulator/contact.hpp"
#include "simulator/meta_webhook.hpp"
#include "simulator/page_api.hpp"
#include "simulator/pages.hpp"
#include "simulator/sandbox_graph.hpp"
#include "simulator/state.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <atende/platform/json.hpp>
#include <atende/platform/log.hpp>
#include <atende/platform/text.hpp>
#include <atende/platform/unix_time.hpp>
#include <atende/simulator/simulator.hpp>

namespace atende {

namespace {

using nlohmann::json;

constexpr std::size_t max_shown_detail_bytes = 8 << 10;
constexpr std::size_t longest_audio_bytes = 25 << 20; // what Meta takes
constexpr std::size_t max_recording_bytes = 8 << 20;  // five minutes, as browsers record

// Of what the page draws; the rest is for those who follow the conversation.
std::string_view stage_name(stage what) {
    switch (what) {
    case stage::received: return "received";
    case stage::waiting: return "waiting";
    case stage::heard: return "heard";
    case stage::not_heard: return "not_heard";
    case stage::thinking: return "thinking";
    case stage::agent_switch: return "agent_switch";
    case stage::knowledge: return "knowledge";
    case stage::tool_call: return "tool_call";
    case stage::tool_result: return "tool_result";
    case stage::sent: return "sent";
    case stage::not_sent: return "not_sent";
    case stage::paused: return "paused";
    default: return {};
    }
}

json object_or_text(std::string_view text) {
    if (auto object = parsed_json(text); object.is_object()) return object;
    return std::string(grapheme_prefix(text, max_shown_detail_bytes));
}

// A tool's detail is an object, in which the arguments are the text the model wrote: usually an object, too.
json shown_detail(const std::string& detail) {
    if (detail.size() > max_shown_detail_bytes)
        return std::string(grapheme_prefix(detail, max_shown_detail_bytes));
    auto shown = object_or_text(detail);
    if (shown.is_object() && shown.contains("arguments") && shown["arguments"].is_string())
        shown["arguments"] = object_or_text(shown["arguments"].get<std::string>());
    return shown;
}

awaitable<void> deliver_echo(std::shared_ptr<simulator_state> state, webhook_message message) {
    co_await sleep_for(state->settings.echo_delay);
    const auto taken = co_await post_webhook(state, echo_webhook(message));
    if (!taken)
        spdlog::warn("simulator: echo not delivered contact={} {}", message.contact, taken.error().detail);
}

// As Meta does, which takes no other types either; only from ourselves. The path below us, for the page.
awaitable<std::string> fetched_audio(std::shared_ptr<simulator_state> state, std::string url) {
    constexpr std::array<std::string_view, 4> types{"audio/mp4", "audio/aac", "audio/wav", "audio/x-m4a"};
    if (state->self_url.empty() || !url.starts_with(state->self_url + "/media/")) co_return std::string();
    const auto answer = co_await state->http.perform({.url = url, .max_answer_bytes = longest_audio_bytes});
    const bool fits = answer && answer->status == 200 && !answer->body.empty() &&
                      std::ranges::find(types, answer->header("content-type")) != types.end();
    co_return fits ? url.substr(state->self_url.size()) : std::string();
}

// The answer of the shop, and its echo.
http_reply take(const std::shared_ptr<simulator_state>& state, webhook_message message,
                const std::string& audio_path) {
    json fields{{"message_id", message.message_id}, {"text", message.text}};
    if (!audio_path.empty()) fields["audio"] = audio_path;
    state->log->append(message.contact, message.at_ms, "answer", fields);
    auto reply = sandbox_accepted(message.contact, message.message_id);
    if (!state->stopped) state->echoes.start("sandbox echo", deliver_echo(state, std::move(message)));
    return reply;
}

awaitable<http_reply> post_sandbox_send(std::shared_ptr<simulator_state> state, http_request request) {
    auto send = read_sandbox_send(request, state->settings.sandbox_access_token);
    if (!send) co_return send.error();
    const auto& to = send->recipient;
    switch (send->action) {
    case sender_action::typing_on: state->log->append(to, unix_ms_now(), "typing", {{"on", true}}); break;
    case sender_action::typing_off: state->log->append(to, unix_ms_now(), "typing", {{"on", false}}); break;
    case sender_action::mark_seen: state->log->append(to, unix_ms_now(), "seen", json::object()); break;
    case sender_action::none: {
        std::string audio_path;
        if (!send->audio_url.empty()) {
            audio_path = co_await fetched_audio(state, send->audio_url);
            if (audio_path.empty()) co_return sandbox_cannot_fetch();
        }
        co_return take(state,
                       {.contact = to,
                        .message_id = new_meta_message_id(),
                        .text = send->text,
                        .at_ms = unix_ms_now(),
                        .audio_url = send->audio_url},
                       audio_path);
    }
    }
    co_return sandbox_accepted(to, {});
}

// As at Meta, the link alone opens the file. It is asked for by the product and by the page.
awaitable<http_reply> get_recording(std::shared_ptr<simulator_state> state, http_request request) {
    const auto id = std::string_view(request.path).substr(sandbox_media_path.size() + 1);
    const auto* found = state->voices.find(id);
    auto reply = found == nullptr ? error_reply(404, "no such recording") : text_reply(200, found->bytes);
    if (found != nullptr) reply.content_type = found->content_type;
    harden(reply);
    co_return reply;
}

awaitable<http_reply> get_root(std::shared_ptr<simulator_state>, http_request request) {
    http_reply reply;
    reply.status = 302;
    reply.content_type.clear();
    reply.headers.emplace_back("Location", "/simulator" + (request.query.empty() ? "" : "?" + request.query));
    co_return reply;
}

awaitable<http_reply> get_page_file(std::shared_ptr<simulator_state>, http_request request) {
    for (const auto& file : page_files())
        if (file.path == request.path) co_return serve(file);
    co_return error_reply(404, "no such page");
}

awaitable<http_reply> guarded(std::shared_ptr<simulator_state> state, simulator_handler handle,
                              http_request request) {
    const access_rules rules{state->gate, state->settings.allowed_host};
    auto reply = access_refusal(rules, request, std::chrono::steady_clock::now());
    if (!reply) reply = co_await handle(std::move(state), std::move(request));
    harden(*reply);
    co_return *std::move(reply);
}

} // namespace

simulator::simulator(simulator_settings settings, http_client& http, token_gate& gate,
                     asio::any_io_executor executor)
    : state_(std::make_shared<simulator_state>(std::move(settings), http, gate, executor)) {}

simulator::~simulator() = default;

std::vector<http_route> simulator::routes() const {
    std::vector<http_route> routes;
    const auto add = [&](std::string method, std::string path, simulator_handler handle) {
        auto guard = [state = state_, handle](http_request request) {
            return guarded(state, handle, std::move(request));
        };
        const auto content_type = method == "POST" ? "application/json" : "";
        routes.push_back({.method = std::move(method),
                          .path = std::move(path),
                          .handle = std::move(guard),
                          .required_content_type = content_type});
    };
    add("GET", "/", get_root);
    add("GET", "/simulator/", get_root);
    for (const auto& file : page_files()) add("GET", std::string(file.path), get_page_file);
    add("GET", "/simulator/api/state", get_state);
    add("GET", "/simulator/api/events", get_events);
    add("POST", "/simulator/api/messages", post_message);
    add("POST", "/simulator/api/voice", post_voice);
    routes.back().max_body_bytes = max_recording_bytes;
    routes.back().required_content_type.clear(); // audio of any kind: looked at by the handler
    add("POST", "/simulator/api/edit", post_edit);
    add("POST", "/simulator/api/unsend", post_unsend);
    add("POST", "/simulator/api/human", post_human);

    auto recording = [state = state_](http_request request) {
        return get_recording(state, std::move(request));
    };
    routes.push_back({.method = "GET",
                      .path = std::string(sandbox_media_path) + "/*",
                      .handle = std::move(recording),
                      .required_content_type = {}});
    auto sandbox = [state = state_](http_request request) {
        return post_sandbox_send(state, std::move(request));
    };
    routes.push_back(
        {.method = "POST",
         .path = std::string(sandbox_graph_path) + "/" + state_->settings.api_version + "/me/messages",
         .handle = std::move(sandbox),
         .required_content_type = {}}); // another one gets the error envelope Meta would send
    return routes;
}

void simulator::add_routes(http_server& server) const {
    for (auto& route : routes()) server.add(std::move(route));
}

void simulator::set_self_url(std::string url) {
    state_->self_url = std::move(url);
}

void simulator::watch(const progress& seen) {
    const auto& [platform, account, contact] = seen.conversation;
    if (account.value != simulator_account || !is_simulator_contact(contact.value)) return;
    const auto name = stage_name(seen.what);
    if (name.empty()) return;
    json fields{{"stage", name}};
    if (!seen.detail.empty() && seen.what != stage::sent) fields["detail"] = shown_detail(seen.detail);
    state_->log->append(contact.value, seen.at_ms, "stage", fields);
}

void simulator::stop() {
    state_->stopped = true;
    state_->log->end_waits();
}

awaitable<void> simulator::finish(std::chrono::steady_clock::duration grace) {
    co_await state_->echoes.finish(grace);
}

} // namespace atende
