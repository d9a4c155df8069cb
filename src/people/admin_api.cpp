#include "people/admin_access.hpp"
#include "people/admin_json.hpp"
#include "people/admin_request.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <atende/people/admin_api.hpp>
#include <atende/platform/json.hpp>
#include <atende/platform/log.hpp>

namespace atende {
namespace {

using nlohmann::json;

constexpr std::size_t usual_list = 100, longest_list = 1'000;
constexpr std::int64_t longest_pause_minutes = 30 * 24 * 60; // as long as a conversation is remembered
constexpr std::size_t active_looked_at = 20'000;

// Who changed what: never a text.
void audit(const http_request& request, std::string_view what, std::string_view about) {
    spdlog::info("[ADMIN] {} {} {}", printable(request.peer, 64), what, printable(about));
}

http_reply answer(const json& body) {
    return json_reply(200, json_text(body));
}

http_reply failed(const error& e) {
    const int status = e.code == errc::invalid_input ? 400 : 503;
    if (status == 503) spdlog::error("[ADMIN] {}", e.detail);
    return error_reply(status, e.detail);
}

http_reply several(const std::vector<conversation_id>& found) {
    json body{{"error", {{"message", "several conversations are meant; name one of them whole"}}}};
    for (const auto& one : found) body["matches"].push_back(one.text());
    return json_reply(409, json_text(body));
}

} // namespace

admin_api::admin_api(token_gate& gate, admin_api_parts parts) : gate_(gate), parts_(std::move(parts)) {}

std::vector<admin_api::route> admin_api::routes() {
    return {{"GET", "status", &admin_api::status},
            {"GET", "conversations", &admin_api::conversations},
            {"GET", "show", &admin_api::show},
            {"GET", "locks", &admin_api::locks},
            {"GET", "buffers", &admin_api::buffers},
            {"GET", "variants", &admin_api::variants},
            {"GET", "ambiguous", &admin_api::ambiguous},
            {"GET", "dead", &admin_api::dead},
            {"POST", "pause", &admin_api::pause},
            {"POST", "resume", &admin_api::resume},
            {"POST", "flush", &admin_api::flush},
            {"POST", "forget", &admin_api::forget},
            {"POST", "ambiguous/drop", &admin_api::drop_ambiguous},
            {"POST", "dead/retry", &admin_api::retry_dead},
            {"POST", "dead/drop", &admin_api::drop_dead},
            {"POST", "replay", &admin_api::replay}};
}

void admin_api::add_routes(http_server& server) {
    for (auto& one : routes()) {
        const action act = one.act;
        auto handle = [this, act](http_request request) { return guarded(std::move(request), act); };
        server.add({.method = one.method,
                    .path = "/admin/api/" + one.path,
                    .handle = std::move(handle),
                    .required_content_type = one.method == "POST" ? "application/json" : ""});
    }
}

awaitable<http_reply> admin_api::guarded(http_request request, action act) {
    auto refusal = admin_refusal(gate_, request, std::chrono::steady_clock::now());
    http_reply reply = refusal ? *std::move(refusal) : co_await (this->*act)(std::move(request));
    reply.headers.emplace_back("Cache-Control", "no-store");
    co_return reply;
}

awaitable<or_reply<conversation_id>> admin_api::contact_named(std::string name) {
    auto found = co_await parts_.view.find(std::move(name));
    if (!found) co_return std::unexpected(failed(found.error()));
    if (found->empty()) co_return std::unexpected(error_reply(404, "no conversation with this contact"));
    if (found->size() > 1) co_return std::unexpected(several(*found));
    co_return std::move(found->front());
}

// Of a GET its query, of a POST its body.
awaitable<or_reply<conversation_id>> admin_api::contact_of(http_request request) {
    std::string name = request.query_value("contact");
    if (request.method == "POST") {
        const auto body = body_of(request);
        if (!body) co_return std::unexpected(body.error());
        const auto contact = text_in(*body, "contact");
        if (!contact) co_return std::unexpected(contact.error());
        name = contact->value_or("");
    }
    if (name.empty()) co_return std::unexpected(error_reply(400, "contact is missing"));
    co_return co_await contact_named(std::move(name));
}

awaitable<http_reply> admin_api::status(http_request) {
    const auto counts = co_await parts_.view.counts();
    if (!counts) co_return failed(counts.error());
    json body = json_of(*counts);
    const auto up = std::chrono::steady_clock::now() - started_;
    body["version"] = ATENDE_VERSION;
    body["up_s"] = std::chrono::duration_cast<std::chrono::seconds>(up).count();
    body["running_turns"] = parts_.running_turns ? parts_.running_turns() : 0;
    body["invariants"] = json_of(parts_.audits);
    co_return answer(body);
}

awaitable<http_reply> admin_api::conversations(http_request request) {
    const auto most = count_in(request, "limit", usual_list, longest_list);
    if (!most) co_return most.error();
    std::string after = request.query_value("after");
    if (!std::ranges::all_of(after, [](char c) { return c >= '0' && c <= '9'; }) || after.size() > 20)
        co_return error_reply(400, "after must be the next of an earlier answer");
    const auto page = co_await parts_.view.conversations(*most, std::move(after));
    if (!page) co_return failed(page.error());
    co_return answer({{"conversations", list_of(page->items)},
                      {"next", page->next.empty() ? json(nullptr) : json(page->next)}});
}

awaitable<http_reply> admin_api::show(http_request request) {
    const auto contact = co_await contact_of(std::move(request));
    if (!contact) co_return contact.error();
    const auto view = co_await parts_.view.show(*contact);
    if (!view) co_return failed(view.error());
    if (!*view) co_return error_reply(404, "nothing is known of this conversation");
    co_return answer(json_of(**view));
}

awaitable<http_reply> admin_api::listed(http_request request, conversation_summary::condition which) {
    const auto most = count_in(request, "limit", usual_list, longest_list);
    if (!most) co_return most.error();
    auto active = co_await parts_.view.active(active_looked_at);
    if (!active) co_return failed(active.error());
    using condition = conversation_summary::condition;
    std::erase_if(*active, [which](const conversation_summary& s) {
        return which == condition::thinking ? s.is != which
                                            : s.is == condition::thinking || s.unanswered == 0;
    });
    std::ranges::sort(*active, {}, [](const conversation_summary& s) { return s.due_in; });
    const std::size_t all = active->size();
    if (active->size() > *most) active->resize(*most);
    co_return answer({{which == condition::thinking ? "locks" : "buffers", list_of(*active)}, {"all", all}});
}

awaitable<http_reply> admin_api::locks(http_request request) {
    return listed(std::move(request), conversation_summary::condition::thinking);
}

awaitable<http_reply> admin_api::buffers(http_request request) {
    return listed(std::move(request), conversation_summary::condition::waiting);
}

awaitable<http_reply> admin_api::variants(http_request) {
    const auto figures = co_await parts_.view.variants();
    if (!figures) co_return failed(figures.error());
    co_return answer({{"variants", list_of(*figures)}});
}

awaitable<http_reply> admin_api::pause(http_request request) {
    const auto body = body_of(request);
    if (!body) co_return body.error();
    const auto minutes = number_in(*body, "minutes", 1, longest_pause_minutes);
    if (!minutes) co_return minutes.error();
    const auto contact = co_await contact_of(request);
    if (!contact) co_return contact.error();
    const milliseconds time =
        *minutes ? std::chrono::minutes(**minutes) : parts_.turns.settings().human_pause;
    const auto receipt = co_await parts_.turns.pause(*contact, time);
    if (!receipt) co_return failed(receipt.error());
    audit(request, "paused for " + std::to_string(time.count() / 60'000) + " min", contact->text());
    co_return answer({{"conversation", contact->text()},
                      {"paused_for_ms", time.count()},
                      {"cancelled_sends", receipt->cancelled_sends}});
}

awaitable<http_reply> admin_api::resume(http_request request) {
    const auto contact = co_await contact_of(request);
    if (!contact) co_return contact.error();
    const auto receipt = co_await parts_.turns.pause(*contact, milliseconds(0));
    if (!receipt) co_return failed(receipt.error());
    if (parts_.wake) parts_.wake(*contact, receipt->due_in);
    audit(request, "resumed", contact->text());
    co_return answer({{"conversation", contact->text()}});
}

awaitable<http_reply> admin_api::flush(http_request request) {
    const auto contact = co_await contact_of(request);
    if (!contact) co_return contact.error();
    const auto outcome = co_await parts_.view.flush(*contact);
    if (!outcome) co_return failed(outcome.error());
    using v = flush_outcome::verdict;
    if (outcome->what == v::nothing) co_return error_reply(404, "nothing waits in this conversation");
    if (outcome->what == v::due && parts_.wake) parts_.wake(*contact, outcome->due_in);
    audit(request, "flushed", contact->text());
    co_return answer({{"conversation", contact->text()},
                      {"running", outcome->what == v::running},
                      {"due_in_ms", outcome->due_in.count()}});
}

awaitable<http_reply> admin_api::forget(http_request request) {
    const auto contact = co_await contact_of(request);
    if (!contact) co_return contact.error();
    const auto known = co_await parts_.forget(*contact);
    if (!known) co_return failed(known.error());
    if (!*known) co_return error_reply(404, "nothing is known of this conversation");
    audit(request, "forgot", contact->text());
    co_return answer({{"conversation", contact->text()}});
}

awaitable<http_reply> admin_api::ambiguous(http_request request) {
    const auto most = count_in(request, "limit", usual_list, longest_list);
    if (!most) co_return most.error();
    const auto sends = co_await parts_.view.ambiguous(*most);
    if (!sends) co_return failed(sends.error());
    co_return answer({{"ambiguous", list_of(*sends)}});
}

awaitable<http_reply> admin_api::drop_ambiguous(http_request request) {
    const auto body = body_of(request);
    if (!body) co_return body.error();
    const auto send = number_in(*body, "id", 1, std::int64_t{1} << 53);
    if (!send) co_return send.error();
    if (!*send) co_return error_reply(400, "id is missing: the number of the send");
    const auto contact = co_await contact_of(request);
    if (!contact) co_return contact.error();
    const auto dropped = co_await parts_.view.drop_ambiguous(*contact, **send);
    if (!dropped) co_return failed(dropped.error());
    if (!*dropped) co_return error_reply(404, "no such send of unknown outcome");
    audit(request, "closed the ambiguous send " + std::to_string(**send) + " of", contact->text());
    co_return answer({{"conversation", contact->text()}, {"id", **send}});
}

awaitable<http_reply> admin_api::dead(http_request request) {
    const auto most = count_in(request, "limit", usual_list, longest_list);
    if (!most) co_return most.error();
    const bool whole = !request.query_value("contact").empty();
    result<std::vector<dead_letter>> letters;
    if (whole) {
        const auto contact = co_await contact_of(request);
        if (!contact) co_return contact.error();
        letters = co_await parts_.view.dead_of(*contact, message_id(request.query_value("message")));
    } else {
        letters = co_await parts_.view.dead(*most);
    }
    if (!letters) co_return failed(letters.error());
    json list = json::array();
    for (const auto& letter : *letters) list.push_back(json_of(letter, whole));
    co_return answer({{"dead", std::move(list)}});
}

awaitable<http_reply> admin_api::retry_dead(http_request request) {
    return change_dead(std::move(request), true);
}

awaitable<http_reply> admin_api::drop_dead(http_request request) {
    return change_dead(std::move(request), false);
}

// One message, or with "all" every one of the contact.
awaitable<http_reply> admin_api::change_dead(http_request request, bool retry) {
    const auto body = body_of(request);
    if (!body) co_return body.error();
    const auto message = text_in(*body, "message");
    if (!message) co_return message.error();
    if (*message && (*message)->empty())
        co_return error_reply(400, "message must be a text that is not empty");
    const auto all = flag_in(*body, "all");
    if (!all) co_return all.error();
    const auto contact = co_await contact_of(request);
    if (!contact) co_return contact.error();
    auto letters = co_await parts_.view.dead_of(*contact, message_id(message->value_or("")));
    if (!letters) co_return failed(letters.error());
    if (letters->empty()) co_return error_reply(404, "no such dead letter");
    if (letters->size() > 1 && !*all) {
        co_return error_reply(409, "several dead letters are meant; name one with message, or say all");
    }
    std::ranges::reverse(*letters); // each goes to the front: the oldest ends up first
    std::int64_t done = 0;
    for (const auto& letter : *letters) {
        if (retry) {
            const auto due_in = co_await parts_.view.retry_dead(*contact, letter.id);
            if (!due_in) co_return failed(due_in.error());
            if (!*due_in) continue;
            if (parts_.wake) parts_.wake(*contact, **due_in);
        } else {
            const auto dropped = co_await parts_.view.drop_dead(*contact, letter.id);
            if (!dropped) co_return failed(dropped.error());
            if (!*dropped) continue;
        }
        ++done;
        audit(request, retry ? "retried a dead letter of" : "dropped a dead letter of", contact->text());
    }
    co_return answer({{"conversation", contact->text()}, {"messages", done}});
}

awaitable<http_reply> admin_api::replay(http_request request) {
    const auto body = body_of(request);
    if (!body) co_return body.error();
    const auto from_text = text_in(*body, "from"), until_text = text_in(*body, "until");
    if (!from_text) co_return from_text.error();
    if (!until_text) co_return until_text.error();
    const auto from = parse_utc(from_text->value_or("")), until = parse_utc(until_text->value_or(""));
    if (!from || !until || *from >= *until)
        co_return error_reply(400,
                              "from and until must be times like 2026-11-21T10:00:00Z, from the earlier");
    if (!parts_.replay) co_return error_reply(501, "this server keeps no journal of webhooks to replay");
    audit(request, "replays webhooks", **from_text + " to " + **until_text);
    const auto report = co_await parts_.replay(*from, *until);
    if (!report) co_return failed(report.error());
    json body_out{{"webhooks", report->webhooks},
                  {"events", report->events},
                  {"duplicates", report->duplicates},
                  {"handed_over", report->handed_over},
                  {"unreadable", report->unreadable},
                  {"reached_at_ms", report->reached_ms},
                  {"cut_short", report->cut_short.empty() ? json(nullptr) : json(report->cut_short)}};
    co_return answer(body_out);
}

} // namespace atende
