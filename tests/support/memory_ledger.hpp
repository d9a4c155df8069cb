// A lead ledger that forgets with the process.
#pragma once

#include <atende/agent/leads/nocodb_lead_store.hpp>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace atende::test {

class memory_ledger final : public lead_ledger {
public:
    std::map<std::string, std::string> rows; // by conversation
    bool down = false;

    awaitable<result<std::optional<std::string>>> row_of(const conversation_id& conversation) override {
        if (down) co_return fail(errc::unavailable, "no Redis");
        const auto found = rows.find(conversation.text());
        if (found == rows.end()) co_return std::nullopt;
        co_return found->second;
    }

    awaitable<result<void>> remember(const conversation_id& conversation, std::string row) override {
        if (down) co_return fail(errc::unavailable, "no Redis");
        rows[conversation.text()] = std::move(row);
        co_return result<void>();
    }
};

} // namespace atende::test
