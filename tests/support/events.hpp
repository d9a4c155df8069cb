// Events as the parser hands them over, for tests of what comes after it.
#pragma once

#include <atende/turns/turn_store.hpp>
#include <string>
#include <utility>

namespace atende::test {

inline conversation_id conversation_of(std::string contact) {
    return {.account = account_id("17841400000000001"), .contact = contact_id(std::move(contact))};
}

inline event event_of(const conversation_id& conversation, std::string key, event_body body,
                      std::int64_t at_ms = 1'000) {
    return {.conversation = conversation,
            .occurred_at_ms = at_ms,
            .idempotency_key = std::move(key),
            .body = std::move(body)};
}

inline gathered_event message(const conversation_id& from, const std::string& id, std::string text,
                              milliseconds quiet = milliseconds(0), std::int64_t at_ms = 1'000) {
    return {.what = event_of(from, "message " + id,
                             customer_message{.id = message_id(id), .text = std::move(text)}, at_ms),
            .quiet = quiet};
}

inline gathered_event edit(const conversation_id& from, const std::string& id, std::string text,
                           int number = 1) {
    return {.what = event_of(from, "edit " + id + std::to_string(number),
                             message_edit{.id = message_id(id), .text = std::move(text), .number = number})};
}

inline gathered_event unsend(const conversation_id& from, const std::string& id) {
    return {.what = event_of(from, "unsend " + id, message_unsent{message_id(id)})};
}

inline gathered_event echo_of(const conversation_id& from, const std::string& id, std::string text) {
    return {.what = event_of(from, "echo " + id, echo{.id = message_id(id), .text = std::move(text)}, 2'000)};
}

} // namespace atende::test
