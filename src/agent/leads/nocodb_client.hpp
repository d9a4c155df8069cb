// NocoDB's three record APIs behind one set of verbs. One table; lives on the event loop.
#pragma once

#include "agent/leads/nocodb_row.hpp"

#include <atende/agent/leads/nocodb_lead_store.hpp>
#include <atende/platform/async.hpp>
#include <atende/platform/http_client.hpp>
#include <atende/platform/result.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace atende {

// Every call ends by `deadline`, and within 10 s. Errors: rejected (token, table or values refused),
// unavailable (down or busy: without effect), timed_out or interrupted (a write may have had its effect),
// protocol (not NocoDB's answer). Their details hold no values of records.
class nocodb_client {
public:
    using deadline = std::chrono::steady_clock::time_point;

    nocodb_client(http_client& http, nocodb_settings settings);

    // Kept for five minutes, or until forgotten.
    awaitable<result<std::shared_ptr<const nocodb_schema>>> schema(deadline deadline);
    [[nodiscard]] bool knows_schema() const;
    void forget_schema();

    // Never put on the wire twice. Returns the row's id.
    awaitable<result<std::string>> insert(const std::vector<nocodb_cell>& cells, deadline deadline);
    // False: there is no such row.
    awaitable<result<bool>> update(std::string row, const std::vector<nocodb_cell>& cells, deadline deadline);
    awaitable<result<std::optional<nocodb_row>>> read(std::string row, deadline deadline);
    // Rows that hold exactly this cell; not all, if there are many.
    awaitable<result<std::vector<nocodb_row>>> find(const nocodb_cell& cell, deadline deadline);

private:
    [[nodiscard]] std::string records_url() const;
    [[nodiscard]] std::string row_url(const std::string& row) const;
    awaitable<result<http_answer>> perform(std::string method, std::string url, std::string body,
                                           deadline deadline);

    http_client& http_;
    nocodb_settings settings_;
    std::shared_ptr<const nocodb_schema> schema_;
    std::string key_ = "Id";
    std::chrono::steady_clock::time_point schema_read_at_;
};

} // namespace atende
