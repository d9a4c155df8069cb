#include "turns/send_log.hpp"

#include <atende/platform/log.hpp>

namespace atende {

void log_send(const conversation_id& conversation, const send_intent& intent, const send_outcome& outcome,
              milliseconds took) {
    const std::string who = conversation.text();
    switch (outcome.status) {
    case send_status::delivered:
        spdlog::info("[SEND] {} #{} delivered, {} bytes, {} ms", who, intent.id, intent.text.size(),
                     took.count());
        break;
    case send_status::retry:
        spdlog::warn("[SEND] {} #{} not sent (try {}): {}", who, intent.id, intent.attempt + 1,
                     printable(outcome.reason));
        break;
    case send_status::rejected:
        spdlog::error("[SEND] {} #{} rejected, will not be sent: {}", who, intent.id,
                      printable(outcome.reason));
        break;
    case send_status::ambiguous:
        spdlog::error("[SEND] {} #{} outcome unknown, will not be repeated: {}", who, intent.id,
                      printable(outcome.reason));
        break;
    }
    if (outcome.account_blocked) {
        spdlog::critical("[SEND] account {} cannot send: {}", conversation.account.value,
                         printable(outcome.reason));
    }
}

void log_fate(const conversation_id& conversation, const uncertain_send& send, send_fate fate,
              bool first_time) {
    const std::string who = conversation.text();
    switch (fate) {
    case send_fate::settled: break;
    case send_fate::delivered:
        spdlog::info("[SEND] {} #{} had been delivered after all", who, send.id);
        break;
    case send_fate::missing:
        spdlog::critical("[SEND] {} #{} did not reach the customer; see `atende ambiguous`", who, send.id);
        break;
    case send_fate::open:
        if (!first_time) break;
        spdlog::critical("[SEND] {} #{} may or may not have reached the customer; see `atende ambiguous`",
                         who, send.id);
        break;
    }
}

} // namespace atende
