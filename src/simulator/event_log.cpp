#include "simulator/event_log.hpp"

#include <boost/asio/redirect_error.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <atende/platform/json.hpp>
#include <atende/platform/scope_exit.hpp>
#include <atende/platform/unix_time.hpp>
#include <utility>

namespace atende {

event_log::event_log(asio::any_io_executor executor, event_log_limits limits, std::int64_t first_seq)
    : executor_(std::move(executor)),
      limits_(limits),
      last_seq_(first_seq - 1) {}

event_log::contact_events& event_log::used(const std::string& contact) {
    if (const auto found = contacts_.find(contact); found != contacts_.end()) {
        uses_.splice(uses_.begin(), uses_, found->second.use);
        return found->second;
    }
    if (contacts_.size() >= limits_.contacts) {
        contacts_.erase(uses_.back());
        uses_.pop_back();
    }
    uses_.push_front(contact);
    auto& added = contacts_[contact];
    added.use = uses_.begin();
    return added;
}

void event_log::append(const std::string& contact, std::int64_t at_ms, std::string_view kind,
                       const nlohmann::json& fields) {
    auto event = fields;
    event["seq"] = ++last_seq_;
    event["at_ms"] = at_ms;
    event["kind"] = kind;
    auto text = json_text(event);

    auto& log = used(contact);
    log.bytes += text.size();
    log.events.push_back({last_seq_, std::string(kind), fields.value("message_id", ""), std::move(text)});
    while (log.events.size() > limits_.events_per_contact ||
           (log.bytes > limits_.bytes_per_contact && log.events.size() > 1)) {
        log.bytes -= log.events.front().json.size();
        log.events.pop_front();
    }
    for (auto& waiting : waiters_)
        if (waiting.contact == contact) waiting.timer.cancel();
}

const std::deque<event_log::logged_event>* event_log::find(const std::string& contact) const {
    const auto found = contacts_.find(contact);
    return found == contacts_.end() ? nullptr : &found->second.events;
}

bool event_log::has_news(const std::string& contact, std::int64_t after) const {
    const auto* events = find(contact);
    return events != nullptr && events->back().seq > after;
}

std::string event_log::read(const std::string& contact, std::int64_t after) const {
    auto next = after;
    std::string listed;
    if (const auto* events = find(contact)) {
        const auto first = std::ranges::upper_bound(*events, after, {}, &logged_event::seq);
        for (auto event = first; event != events->end(); ++event) {
            if (!listed.empty()) listed += ',';
            listed += event->json;
            next = event->seq;
        }
    }
    return R"({"events":[)" + listed + R"(],"next":)" + std::to_string(next) + R"(,"now_ms":)" +
           std::to_string(unix_ms_now()) + "}";
}

awaitable<void> event_log::wait(std::string contact, std::int64_t after,
                                std::chrono::steady_clock::duration limit) {
    if (ended_ || has_news(contact, after)) co_return;

    waiters_.push_front({std::move(contact), asio::steady_timer(executor_, limit)});
    const auto mine = waiters_.begin();
    const scope_exit leave([log = shared_from_this(), mine] { log->waiters_.erase(mine); });
    boost::system::error_code woken;
    co_await mine->timer.async_wait(asio::redirect_error(use_awaitable, woken));
}

void event_log::end_waits() {
    ended_ = true;
    for (auto& waiting : waiters_) waiting.timer.cancel();
}

logged_message event_log::find_message(const std::string& contact, std::string_view message_id) const {
    logged_message message;
    const auto* events = find(contact);
    if (events == nullptr) return message;
    for (const auto& event : *events) {
        if (event.message_id != message_id) continue;
        if (event.kind == "message") message.known = true;
        if (event.kind == "edited") ++message.edits;
        if (event.kind == "unsent") message.unsent = true;
    }
    return message;
}

} // namespace atende
