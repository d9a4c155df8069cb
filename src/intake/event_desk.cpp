#include "intake/log_limit.hpp"
#include "intake/redis_trouble.hpp"

#include <algorithm>
#include <atende/intake/event_desk.hpp>
#include <atende/platform/broken_variant.hpp>
#include <atende/platform/log.hpp>
#include <atende/platform/unix_time.hpp>

namespace atende {
namespace {

constexpr std::chrono::seconds long_wait{10};
constexpr std::int64_t clock_margin_ms = 3'600'000; // between the platform's clock and ours

std::string_view kind_of(const event& what) {
    struct namer {
        std::string_view operator()(const customer_message& m) const {
            return m.content_withheld ? "message without content" : "message";
        }
        std::string_view operator()(const postback&) const { return "postback"; }
        std::string_view operator()(const message_edit&) const { return "edit"; }
        std::string_view operator()(const message_unsent&) const { return "unsend"; }
        std::string_view operator()(const echo&) const { return "echo"; }
        std::string_view operator()(const reaction&) const { return "reaction"; }
        std::string_view operator()(const read_receipt&) const { return "read"; }
        std::string_view operator()(const referral_opened&) const { return "referral"; }
        std::string_view operator()(const opt_in&) const { return "opt-in"; }
        std::string_view operator()(const thread_control&) const { return "thread control"; }
        std::string_view operator()(const policy_enforcement&) const { return "policy enforcement"; }
        std::string_view operator()(const comment&) const { return "comment"; }
        std::string_view operator()(const comment_mention&) const { return "mention"; }
        std::string_view operator()(const dashboard_test&) const { return "dashboard test"; }
        std::string_view operator()(const unknown_event&) const { return "unknown event"; }
    };
    return std::visit(namer{}, what.body);
}

void warn_about(const event& what) {
    if (std::holds_alternative<dashboard_test>(what.body)) {
        spdlog::info("[RECV] the dashboard's test webhook arrived: the webhook works");
    } else if (const auto* policy = std::get_if<policy_enforcement>(&what.body)) {
        spdlog::critical("[RECV] Meta took action against the account: {} ({})", printable(policy->action),
                         printable(policy->reason));
    } else if (const auto* unknown = std::get_if<unknown_event>(&what.body)) {
        spdlog::warn("[RECV] {} an event this version does not know: {}", what.conversation.text(),
                     printable(unknown->description));
    } else if (const auto* message = std::get_if<customer_message>(&what.body);
               message && message->content_withheld) {
        spdlog::warn(
            "[RECV] {} a message arrived without its content: the app is in development mode or the field "
            "'messages' is not subscribed in Meta's dashboard",
            what.conversation.text());
    }
}

} // namespace

struct event_desk::log_limits {
    log_limit refusal{std::chrono::seconds(30)};
    log_limit one_event{std::chrono::seconds(5)};
    log_limit too_old{std::chrono::seconds(5)};
};

event_desk::event_desk(event_desk_settings settings, turn_store& store, gathered_sink gathered,
                       progress_sink watch)
    : settings_(std::move(settings)),
      store_(store),
      gathered_(std::move(gathered)),
      watch_(std::move(watch)),
      limits_(std::make_unique<log_limits>()) {
    if (!settings_.now) settings_.now = [] { return std::chrono::steady_clock::now(); };
}

event_desk::~event_desk() = default;

result<std::vector<gathered_event>> event_desk::read(std::string_view body,
                                                     std::optional<std::int64_t> received_ms) {
    auto events = parser_.parse(body);
    if (!events) return std::unexpected(std::move(events.error()));
    // By our own clock both times: the platform's may differ.
    const std::int64_t now_ms = unix_ms_now();
    const std::int64_t came_ms = received_ms.value_or(now_ms);
    const std::chrono::milliseconds kept(std::max<std::int64_t>(0, now_ms - came_ms));
    const std::int64_t oldest_ms = came_ms - store_.settings().dedupe_ttl.count() + clock_margin_ms;
    int too_old = 0;
    std::vector<gathered_event> given;
    given.reserve(events->size());
    for (auto& what : *events) {
        if (const auto* own = std::get_if<echo>(&what.body); own != nullptr && broken("answer_echo")) {
            what.body = customer_message{.id = own->id, .text = own->text};
        }
        if (what.occurred_at_ms > 0 && what.occurred_at_ms < oldest_ms &&
            !std::holds_alternative<dashboard_test>(what.body)) {
            what.standby = true;
            ++too_old;
        }
        const auto quiet = quiet_window(what, settings_.quiet);
        given.push_back({.what = std::move(what), .quiet = quiet, .kept = kept});
    }
    if (too_old > 0) note_too_old(too_old);
    return given;
}

awaitable<result<std::vector<event_receipt>>> event_desk::hand_over(const std::vector<gathered_event>& events,
                                                                    redeliveries how) {
    if (events.empty()) co_return std::vector<event_receipt>{}; // says nothing about Redis
    auto receipts = co_await store_.hand_over(events);
    if (!receipts) {
        failed(receipts.error());
        co_return receipts;
    }
    absence_.reset();
    for (std::size_t i = 0; i < events.size(); ++i) note(events[i].what, (*receipts)[i], how);
    for (const auto& each : events) {
        const auto* gone = std::get_if<message_unsent>(&each.what.body);
        if (gone && settings_.unsent) co_await settings_.unsent(each.what.conversation, gone->id);
    }
    co_return receipts;
}

void event_desk::note_too_old(int events) {
    if (const int times = limits_->too_old.happened(events))
        spdlog::warn("[RECV] {} event(s) only recorded: they came so long after they happened that they may "
                     "have been answered before (or this machine's clock is wrong)",
                     times);
}

void event_desk::failed(const error& failure) {
    const auto trouble = redis_trouble_of(failure);
    if (trouble == redis_trouble::one_event) {
        if (const int times = limits_->one_event.happened()) {
            spdlog::error("[RECV] Redis did not take an event ({} times): {}", times,
                          printable(failure.detail));
        }
        return;
    }
    if (!absence_) absence_ = redis_absence{.since = settings_.now(), .since_ms = unix_ms_now()};
    if (const auto advice = advice_for(failure); !advice.empty() && limits_->refusal.happened() > 0) {
        spdlog::critical("[RECV] Redis refuses to store anything, {} ({})", advice,
                         printable(failure.detail));
    }
}

void event_desk::note(const event& what, const event_receipt& receipt, redeliveries how) {
    using fate = event_receipt::fate;
    const std::string who = what.conversation.text();
    switch (receipt.what) {
    case fate::duplicate:
        if (how == redeliveries::logged) spdlog::info("[RECV] {} {} again, ignored", who, kind_of(what));
        return;
    case fate::gathered:
        spdlog::info("[RECV] {} {}, due in {} ms", who, kind_of(what), receipt.due_in.count());
        tell(what.conversation, stage::received, "");
        tell(what.conversation, stage::waiting, std::to_string(receipt.due_in.count()));
        gathered_(what.conversation, receipt.due_in);
        if (const auto* message = std::get_if<customer_message>(&what.body);
            message && settings_.waits_long && receipt.due_in > long_wait)
            settings_.waits_long(what.conversation, *message);
        break;
    case fate::own_echo: spdlog::info("[OUTGOING] {} our own message came back", who); break;
    case fate::held:
        spdlog::info("[OUTGOING] {} an echo that is not known as ours; a person's in {} ms", who,
                     receipt.due_in.count());
        gathered_(what.conversation, receipt.due_in);
        break;
    case fate::resumed:
        spdlog::info("[OUTGOING] {} a person told the bot to answer again", who);
        gathered_(what.conversation, receipt.due_in);
        break;
    case fate::taken_over:
        spdlog::info("[OUTGOING] {} a person wrote from the shop's account", who);
        spdlog::info("[BLOCK] {} the bot is silent for {} min; {} planned messages dropped", who,
                     std::chrono::ceil<std::chrono::minutes>(receipt.due_in).count(),
                     receipt.cancelled_sends);
        tell(what.conversation, stage::paused, "");
        break;
    case fate::amended:
    case fate::recorded: spdlog::info("[RECV] {} {}", who, kind_of(what)); break;
    }
    warn_about(what);
}

void event_desk::tell(const conversation_id& conversation, stage what, std::string detail) const {
    if (watch_)
        watch_({.conversation = conversation,
                .what = what,
                .at_ms = unix_ms_now(),
                .detail = std::move(detail)});
}

} // namespace atende
